"""Versions: the ETag of what is read, and the If-Match of what is changed."""

import re
from hashlib import sha256

from api.problems import Problem

TAG = r'(?:W/)?"{kind}-{key}-(?P<revision>[0-9]{{1,9}})(?:-[0-9a-f]+)?"'


def tag_of(kind, key, revision, body):
    """Return the ETag of a resource: its kind, number or reference, and revision, and a digest of what was answered.

    The digest keeps a copy from being taken for current when a name beside it has changed. A change is compared by
    the revision alone.
    """
    named = f"{kind}-{key}" if revision is None else f"{kind}-{key}-{revision}"
    return f'"{named}-{sha256(body).hexdigest()[:10]}"'


def revision_sent(request, kind, key):
    """Return the revision that If-Match names; None where it names another version than any of this resource.

    Raises Problem (428) where the header is missing: a change says which version it is made to.
    """
    sent = request.headers.get("If-Match", "").strip()
    if not sent or sent == "*":
        raise Problem(
            428,
            "version-missing",
            "Send the header If-Match with the ETag of the version that you have read: GET this resource first.",
        )
    found = re.fullmatch(TAG.format(kind=re.escape(kind), key=re.escape(str(key))), sent)
    return int(found["revision"]) if found else None


def is_held(request, tag):
    """Say whether If-None-Match names the version: the asker holds it already."""
    sent = request.headers.get("If-None-Match", "")
    held = {each.strip().removeprefix("W/") for each in sent.split(",")}
    return tag in held or sent.strip() == "*"
