"""The queue of files: every message arrives once and whole, oldest first, and leaves nothing behind."""

import os
from pathlib import Path

import pytest
from kombu import Connection

from config import settings as as_shipped


@pytest.fixture
def folders(tmp_path):
    made = {name: tmp_path / name for name in ("messages", "processed", "control")}
    for folder in made.values():
        folder.mkdir()
    return made


@pytest.fixture
def queue(folders, tmp_path):
    connection = Connection(
        "filesystem://localhost",
        transport="config.embedded_queue:Transport",
        transport_options={
            "data_folder_in": str(folders["messages"]),
            "data_folder_out": str(folders["messages"]),
            "processed_folder": str(folders["processed"]),
            "control_folder": str(folders["control"]),
        },
    )
    # Kombu remembers by name, as long as the process lives, which queues it has bound: each test has its own.
    with connection, connection.SimpleQueue(tmp_path.name) as queue:
        yield queue


def take_all(queue):
    taken = []
    while True:
        try:
            message = queue.get(block=False)
        except queue.Empty:
            return taken
        message.ack()
        taken.append(message.payload)


def test_messages_arrive_once_oldest_first_and_leave_no_file(queue, folders):
    for number in range(12):
        queue.put(number)
    assert len(os.listdir(folders["messages"])) == 12
    assert take_all(queue) == list(range(12))
    assert take_all(queue) == []
    assert os.listdir(folders["messages"]) == os.listdir(folders["processed"]) == []


def test_a_worker_cannot_see_a_message_before_it_is_whole(queue, monkeypatch):
    write, seen_half_way = Path.write_text, []

    def write_slowly(path, text):
        write(path, text[:10])
        seen_half_way.append(take_all(queue))
        write(path, text)

    monkeypatch.setattr(Path, "write_text", write_slowly)
    queue.put("whole")
    assert seen_half_way == [[]]
    assert take_all(queue) == ["whole"]


def test_a_message_that_another_worker_took_meanwhile_is_passed_over(queue, folders, monkeypatch):
    queue.put("taken by another")
    names = os.listdir(folders["messages"])
    take_all(queue)
    queue.put("left")
    names += os.listdir(folders["messages"])
    monkeypatch.setattr("config.embedded_queue.os.listdir", lambda folder: names)
    assert take_all(queue) == ["left"]


def test_messages_of_another_queue_are_left(queue):
    with queue.channel.connection.client.SimpleQueue("other") as other:
        other.put("for another")
        assert take_all(queue) == []
        assert take_all(other) == ["for another"]


@pytest.mark.skipif(bool(as_shipped.REDIS_URL), reason="the queue is in Redis: unset UPSTREAM_REDIS_URL")
def test_without_redis_it_is_the_queue_and_all_of_it_is_in_var():
    assert as_shipped.CELERY_BROKER_TRANSPORT == "config.embedded_queue:Transport"
    options = as_shipped.CELERY_BROKER_TRANSPORT_OPTIONS
    for folder in ("data_folder_in", "data_folder_out", "processed_folder", "control_folder"):
        assert Path(options[folder]).is_relative_to(as_shipped.VAR_DIR)
