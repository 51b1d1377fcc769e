"""`make run`: prepare the database, then run the web process, a Celery worker and beat, and stop them as one.

All three are real and separate, as where Upstream is served; only the database and the queue are files under
`var/`. Each leads a process group of its own, so that one Ctrl-C reaches this supervisor alone, which
lets each finish what it is doing.
"""

import argparse
import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import time

import django
from django.conf import settings
from django.core.management import call_command

HOST = "127.0.0.1"
SECONDS_TO_START = 30
SECONDS_TO_STOP = 10
# What runs wherever Upstream is served, one process or container each; docker-compose.yml has the same.
PROCESSES = {
    "web": ["gunicorn", "--config", "python:config.gunicorn", "config.wsgi"],
    "worker": ["celery", "--app", "config", "--quiet", "worker", "--without-gossip"],
    # No file of its process number, which a killed run would leave behind.
    "beat": ["celery", "--app", "config", "--quiet", "beat", "--pidfile", ""],
}
# On CI root is who there is; the queue takes JSON alone, so that does no harm.
PYTHON = [sys.executable, "-W", "ignore:You're running the worker with superuser privileges", "-m"]
PR_SET_PDEATHSIG = 1  # Linux: which signal a child gets when its parent dies


def main(arguments=None):
    """Serve until Ctrl-C, a SIGTERM or the end of a child. Returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m config.serve", description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, default=8000)
    port = parser.parse_args(arguments).port
    if not port_is_free(port):
        print(f"Port {port} is taken. Stop what is using it, or choose another: make run PORT={port + 1}")
        return 1
    for stop_signal in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(stop_signal, _as_interrupt)
    children = {}
    try:
        prepare()
        children = start(port)
        wait_until_served(port, children)
        announce(port)
        return watch(children)
    except KeyboardInterrupt:
        print("\nStopping…")
        return 0
    finally:
        stop(children)


def port_is_free(port):
    with socket.socket() as probe:
        # A port that was left a moment ago is free, as it is to the web process.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def _as_interrupt(*_):
    raise KeyboardInterrupt


def prepare():
    """Migrate, gather static files and load reference data; all of it safe to repeat."""
    print("Preparing the database…", flush=True)
    django.setup()
    call_command("prepare")


def commands(port):
    """Return the commands of the three processes, by name: those of `PROCESSES`, for one machine and one person."""
    return {
        "web process": [*PYTHON, *PROCESSES["web"], "--bind", f"{HOST}:{port}", "--graceful-timeout", "5"],
        # One task at a time in one process: SQLite has one writer.
        "worker": [*PYTHON, *PROCESSES["worker"], "--pool", "solo"],
        "beat": [*PYTHON, *PROCESSES["beat"]],
    }


def start(port):
    """Start the three processes. Returns them by name."""
    return {
        name: subprocess.Popen(
            command,
            cwd=settings.BASE_DIR,
            stdin=subprocess.DEVNULL,
            preexec_fn=_lead_a_group_that_ends_with_us,
        )
        for name, command in commands(port).items()
    }


def _lead_a_group_that_ends_with_us():
    os.setpgid(0, 0)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def wait_until_served(port, children):
    """Return once the web process answers, or once it has ended or had its time."""
    end = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < end and children["web process"].poll() is None:
        with contextlib.suppress(OSError), socket.create_connection((HOST, port), timeout=1):
            return
        time.sleep(0.1)


def announce(port):
    print(f"\nUpstream is at http://{HOST}:{port}   (Ctrl-C stops it)\n")
    if settings.DEMONSTRATION:
        call_command("demonstration_signins")
    sys.stdout.flush()


def watch(children):
    """Wait until one of the processes ends by itself, and name it. Returns the exit status."""
    while True:
        for name, child in children.items():
            if child.poll() is not None:
                print(f"The {name} ended ({child.returncode}); stopping the rest.", file=sys.stderr)
                return 1
        time.sleep(0.5)


def stop(children):
    """Ask every process to finish, and end those that don't."""
    for stop_signal in (signal.SIGINT, signal.SIGTERM):
        # A second Ctrl-C can't leave anything running.
        signal.signal(stop_signal, signal.SIG_IGN)
    _signal(children, signal.SIGTERM)
    end = time.monotonic() + SECONDS_TO_STOP
    for child in children.values():
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(max(0, end - time.monotonic()))
    _signal(children, signal.SIGKILL)


def _signal(children, number):
    for child in children.values():
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, number)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    sys.exit(main())
