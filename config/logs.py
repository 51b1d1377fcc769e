"""Logs: a JSON line for each request and each thing that went wrong, joined by the id of the request.

A line names people by number alone. Addresses of e-mail, secret addresses and the values that PostgreSQL quotes in
its errors are taken out of every line, whoever wrote it; the query of an address is never logged, since people
search by name.
"""

import re
import time
from uuid import uuid4

import structlog
from celery.signals import before_task_publish, setup_logging, task_postrun, task_prerun
from django.utils.functional import SimpleLazyObject

from config import environment

REQUEST_ID = "X-Request-ID"
SANE_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
MASKS = (
    # A calendar's address, a link that sets a password or confirms an address: who has it is let in.
    (re.compile(r"(/(?:calendar|feeds/reviews)/)[^/\s?\"']+(?=\.ics)"), r"\1[secret]"),
    (re.compile(r"(/(?:password/reset/key|confirm-email)/)(?!set-password)[^/\s?\"']+"), r"\1[secret]"),
    (re.compile(r"[\w.+'-]+@[\w-]+(?:\.[\w-]+)+"), "[e-mail]"),
    # "Failing row contains (…)" and "Key (email)=(…) already exists" quote what people typed.
    (re.compile(r"(DETAIL:\s+)[^\n]*"), r"\1[left out]"),
)

log = structlog.get_logger("upstream")


def masked(text):
    """Return `text` without secrets and addresses of e-mail."""
    for pattern, instead in MASKS:
        text = pattern.sub(instead, text)
    return text


def mask_line(logger, method, line):
    """Mask every text of a line: structlog's processor."""
    return {key: masked(value) if isinstance(value, str) else value for key, value in line.items()}


def drop_unsaid(logger, method, line):
    """Leave out what a library hands along beside its words: the request itself, the record."""
    return {key: value for key, value in line.items() if isinstance(value, str | int | float | bool | None)}


BEFORE = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
]


def level():
    """Return the least that is logged: as set, else each request where served, and only trouble where tried."""
    return (environment.read("UPSTREAM_LOG_LEVEL") or ("INFO" if environment.served() else "WARNING")).upper()


def configuration(*, as_json, level):
    """Return the configuration of Python's logging: everything to standard error, as JSON or as words."""
    renderer = structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer(colors=False)
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": BEFORE,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    structlog.processors.format_exc_info,
                    drop_unsaid,
                    mask_line,
                    renderer,
                ],
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # Their own handlers out, so that each thing is said once and in one form. What a request came to is
            # its own line's to say: Django's words about it stay only where it failed.
            "django": {"handlers": [], "propagate": True, "level": "NOTSET"},
            "django.server": {"handlers": [], "propagate": True},
            "django.request": {"level": "ERROR"},
        },
    }


structlog.configure(
    processors=[
        structlog.stdlib.filter_by_level,
        *BEFORE,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)


class RequestLogMiddleware:
    """Give each request an id, the proxy's where it sent a sane one; return it, and log one line."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        began = time.monotonic()
        sent = request.headers.get(REQUEST_ID, "")
        request_id = sent if SANE_ID.fullmatch(sent) else uuid4().hex
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            response = self.get_response(request)
            response[REQUEST_ID] = request_id
            log.info(
                "request",
                method=request.method,
                path=request.path,
                status=response.status_code,
                ms=round(1000 * (time.monotonic() - began)),
                person=_person_id(request),
            )
        return response


def _person_id(request):
    """Return the number of the person, if the request asked who they are; ask nothing of the database."""
    person = request.__dict__.get("user")
    if isinstance(person, SimpleLazyObject):
        person = getattr(request, "_cached_user", None)
    return getattr(person, "pk", None)


# Celery: a task carries the id of the request that asked for it, and logs as the web process does.


@setup_logging.connect
def _leave_logging_as_set(**kwargs):
    """Celery sets no logging of its own where somebody listens to this."""


@before_task_publish.connect
def _send_request_id(headers, **kwargs):
    request_id = structlog.contextvars.get_contextvars().get("request_id")
    if request_id:
        headers["request_id"] = request_id


@task_prerun.connect
def _bind_task(task, task_id, **kwargs):
    request_id = (task.request.headers or {}).get("request_id", task_id)
    structlog.contextvars.bind_contextvars(request_id=request_id, task=task.name)


@task_postrun.connect
def _unbind_task(**kwargs):
    structlog.contextvars.unbind_contextvars("request_id", "task")
