"""What the benchmarks ran on, in one line."""

import os
import platform
from datetime import date
from pathlib import Path

from django.db import connection


def machine(on: date):
    """Return the processor, its cores, the versions of PostgreSQL, Python and Django, and the day."""
    import django

    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        postgres = cursor.fetchone()[0].split()[0]
    cores = os.cpu_count()
    return (
        f"{_processor()}, {cores} core{'s' if cores != 1 else ''}; PostgreSQL {postgres}, "
        f"Python {platform.python_version()}, Django {django.get_version()}; {on.day} {on:%B %Y}"
    )


def _processor():
    """Return the processor's model as Linux tells it, else as Python does."""
    told = Path("/proc/cpuinfo")
    if told.exists():
        for line in told.read_text().splitlines():
            name, _, value = line.partition(":")
            if name.strip() == "model name":
                return " ".join(value.split())
    return platform.processor() or platform.machine()
