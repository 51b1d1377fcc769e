"""`make run` starts three processes as one and leaves none behind."""

import signal
import socket
import subprocess
import sys
import time

import pytest

from config import serve

SLEEP = "import time; time.sleep(60)"
IGNORE_A_REQUEST_TO_STOP = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
    "print('ready', flush=True); time.sleep(60)"
)


@pytest.fixture
def child():
    """Start a process that leads its own group, as `serve.start` does; whatever is left of it ends with the test."""
    started = []

    def start(code):
        process = subprocess.Popen(
            [sys.executable, "-c", code], start_new_session=True, stdout=subprocess.PIPE, text=True
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()


@pytest.fixture(autouse=True)
def _signals_as_they_were():
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def test_a_taken_port_is_refused_with_another_to_try(capsys):
    with socket.socket() as taken:
        taken.bind((serve.HOST, 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert serve.main(["--port", str(port)]) == 1
    assert f"Port {port} is taken" in capsys.readouterr().out
    assert serve.port_is_free(port)


def test_the_end_of_one_process_is_named_and_ends_the_run(child, capsys):
    children = {"web process": child(SLEEP), "worker": child("raise SystemExit(3)")}
    assert serve.watch(children) == 1
    assert "The worker ended (3)" in capsys.readouterr().err


def test_stopping_ends_every_process(child):
    children = {"web process": child(SLEEP), "worker": child(SLEEP), "beat": child(SLEEP)}
    serve.stop(children)
    assert [process.poll() is not None for process in children.values()] == [True, True, True]


def test_a_process_that_will_not_stop_is_ended(child, monkeypatch):
    monkeypatch.setattr(serve, "SECONDS_TO_STOP", 0.2)
    stubborn = child(IGNORE_A_REQUEST_TO_STOP)
    assert stubborn.stdout.readline() == "ready\n"
    serve.stop({"worker": stubborn})
    assert stubborn.wait(5) == -9


def test_what_a_process_started_itself_ends_with_it(child):
    parent = child(
        f"import subprocess, sys; p = subprocess.Popen([sys.executable, '-c', {SLEEP!r}]); "
        "print('ready', flush=True); p.wait()"
    )
    assert parent.stdout.readline() == "ready\n"
    before = time.monotonic()
    serve.stop({"web process": parent})
    # Both write to one pipe, which ends when the last of them has.
    parent.stdout.read()
    assert time.monotonic() - before < 10
