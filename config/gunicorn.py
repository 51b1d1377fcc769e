"""The web process where Upstream is served: `gunicorn --config python:config.gunicorn config.wsgi`."""

import logging.config
import sys

from gunicorn.glogging import Logger

from config import environment, logs


class JsonLogger(Logger):
    """Gunicorn's own words in the form of all our logs. Requests are logged by Upstream, which masks them."""

    def setup(self, cfg):
        logging.config.dictConfig(logs.configuration(as_json=environment.served(), level=logs.level()))
        self.error_log.handlers, self.error_log.propagate = [], True
        self.error_log.setLevel(logs.level())


# One message by the master, instead of a traceback from each worker that it tries.
if problems := environment.problems():
    sys.exit(environment.refusal(problems))

bind = "0.0.0.0:8000"
workers = 2
threads = 4
timeout = 60
graceful_timeout = 20
keepalive = 5
# A worker is replaced before whatever leaks matters, and not all at once.
max_requests = 10_000
max_requests_jitter = 1_000
worker_tmp_dir = "/dev/shm" if sys.platform == "linux" else None  # its sign of life must not wait for a disk
accesslog = None
control_socket_disable = True  # whoever runs it stops and starts it
logger_class = JsonLogger
# Only Upstream says which header of a proxy it believes: UPSTREAM_PROXY_HEADER.
forwarded_allow_ips = ""
