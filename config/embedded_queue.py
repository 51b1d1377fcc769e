"""Celery's queue where Upstream is tried: kombu's filesystem transport, with messages put and taken whole.

Kombu's own writes a message under the name that a worker looks for, so that a worker may meet it empty, which
loses the message and ends the worker; and it takes messages through the machine's temporary folder, where a copy
from one disk to another lets two workers have one message. Here both are a rename within the queue's folders.
"""

import os
import time
from pathlib import Path
from queue import Empty
from uuid import uuid4

from kombu.transport import filesystem
from kombu.utils.json import dumps, loads


class Channel(filesystem.Channel):
    def _put(self, queue, payload, **kwargs):
        # The clock of the day, since the oldest goes first and the machine may start anew in between.
        name = f"{time.time_ns()}_{uuid4()}"
        unfinished = Path(self.data_folder_out, f"{name}.part")
        unfinished.write_text(dumps(payload))
        unfinished.rename(Path(self.data_folder_out, f"{name}.{queue}.msg"))

    def _get(self, queue):
        for name in sorted(os.listdir(self.data_folder_in)):
            if name.partition(".")[2] != f"{queue}.msg":
                continue
            taken = Path(self.processed_folder, name)
            try:
                Path(self.data_folder_in, name).rename(taken)
            except FileNotFoundError:  # another worker has it
                continue
            payload = loads(taken.read_text())
            taken.unlink()
            return payload
        raise Empty


class Transport(filesystem.Transport):
    Channel = Channel
