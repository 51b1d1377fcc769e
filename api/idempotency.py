"""Posts that are sent twice are done once: the answer is kept under the Idempotency-Key, in the change's transaction.

The unique constraint decides between two at once: on PostgreSQL the second waits for the first and then answers as
it did; on SQLite writers queue anyway.
"""

import re
from hashlib import sha256

from django.db import IntegrityError, transaction
from django.http import HttpResponse

from api.models import IdempotentAnswer
from api.problems import Problem

KEY = re.compile(r"[\x21-\x7e]{1,255}")
KEPT_HEADERS = ("ETag", "Location")
REPLAYED = "Idempotency-Replayed"


def done_once(request, act):
    """Return the HttpResponse of `act()`, or the one it gave before under the same key, with the same body.

    Only what succeeded is kept: a refused post changed nothing, and is judged anew when it is sent again. Raises
    Problem: 400 without a key, 422 where the key was used for another post.
    """
    key, digest = _key_of(request), _digest_of(request)
    with transaction.atomic():
        kept = _claimed(request.viewer.person_id, key, digest)
        if kept is not None:
            response = act()
            kept.status = response.status_code
            kept.body = response.content.decode()
            kept.headers = {name: response[name] for name in KEPT_HEADERS if name in response}
            kept.save(update_fields=["status", "body", "headers"])
            return response
    return _again(request.viewer.person_id, key, digest)


def _key_of(request):
    key = request.headers.get("Idempotency-Key", "")
    if not KEY.fullmatch(key):
        raise Problem(
            400,
            "key-missing",
            "Send the header Idempotency-Key: up to 255 visible characters of your own choice, such as a UUID, "
            "new for each post and the same when you repeat it.",
        )
    return key


def _digest_of(request):
    where = (request.method.encode(), request.get_full_path().encode())
    told = _parts_of(request) if request.content_type.startswith("multipart/") else [request._request.body]
    return sha256(b"\n".join((*where, *told))).hexdigest()


def _parts_of(request):
    """Yield what a form says: its boundary is another each time, and a file is known by its content and name."""
    for name, values in sorted(request.data.lists()):
        for value in values:
            yield repr(name).encode()
            if hasattr(value, "chunks"):
                content = sha256()
                for chunk in value.chunks():
                    content.update(chunk)
                value.seek(0)
                value = f"{value.name!r} {content.hexdigest()}"
            yield repr(value).encode()


def _claimed(person, key, digest):
    """Return the new row of this key, or None where it is taken."""
    try:
        with transaction.atomic():
            return IdempotentAnswer.objects.create(person_id=person, key=key, digest=digest)
    except IntegrityError:
        return None


def _again(person, key, digest):
    kept = IdempotentAnswer.objects.filter(person_id=person, key=key).first()
    if kept is None:
        raise Problem(409, "key-in-use", "A post under this Idempotency-Key is in hand. Send it again.")
    if kept.digest != digest:
        raise Problem(
            422,
            "key-used-for-another-post",
            "This Idempotency-Key was used for another post. Choose a new key for a new post.",
        )
    response = HttpResponse(kept.body, status=kept.status, content_type="application/json")
    for name, value in kept.headers.items():
        response[name] = value
    response[REPLAYED] = "true"
    return response
