"""Asking ClamAV about a file, where `UPSTREAM_CLAMAV` names its daemon."""

from enum import Enum

import clamd
from django.conf import settings

SECONDS = 60


class Found(Enum):
    NOTHING = "nothing"
    SOMETHING = "something"


class NotAnswered(Exception):
    """The scanner was not reached, or could not say."""


def is_configured():
    return bool(settings.CLAMAV)


def scan(file):
    """Return what ClamAV says of an open file. Raises NotAnswered, to be asked again."""
    try:
        answer = _daemon(settings.CLAMAV).instream(file)
    except (clamd.ClamdError, OSError, ValueError) as failure:
        raise NotAnswered(type(failure).__name__) from failure
    status, reason = (answer or {}).get("stream", ("ERROR", "no answer"))
    if status == "OK":
        return Found.NOTHING
    if status == "FOUND":
        return Found.SOMETHING
    raise NotAnswered(reason or status)


def _daemon(address):
    if address.startswith("/"):
        return clamd.ClamdUnixSocket(address, timeout=SECONDS)
    host, _, port = address.removeprefix("tcp://").rpartition(":")
    return clamd.ClamdNetworkSocket(host, int(port), timeout=SECONDS)
