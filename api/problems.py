"""Every error of the API as problem details (RFC 9457): what is wrong, in which field, and what to do."""

import logging
from http import HTTPStatus

from django.core.exceptions import BadRequest, PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.core.signals import got_request_exception
from django.http import Http404, HttpResponse
from rest_framework import exceptions
from rest_framework.views import set_rollback

from api.rendering import json_of

MEDIA_TYPE = "application/problem+json"
KIND = "urn:problem-type:upstream:"
log = logging.getLogger("django.request")


class Problem(Exception):
    """An error to answer with. `kind` tells programs which it is; `errors` is [{field, detail}].

    `current` and `headers` are added to the answer: the version that now stands, and its ETag.
    """

    def __init__(self, status, kind, detail, *, errors=(), current=None, headers=None):
        super().__init__(detail)
        self.status, self.kind, self.detail = status, kind, detail
        self.errors, self.current, self.headers = list(errors), current, headers or {}


def in_fields(errors, detail="Correct what is listed under “errors” and send it again."):
    """Return the Problem of one or more fields of a body or an address that can't be as they are."""
    return Problem(400, "invalid", detail, errors=errors)


def answer(exc, context):
    """Answer for any exception of a view: the exception handler of REST framework's settings."""
    set_rollback()
    problem = _as_problem(exc)
    if problem is None:
        request = context["request"]._request
        # Tests, and whoever counts errors, hear of it as of any other.
        got_request_exception.send(sender=type(context["view"]), request=request)
        log.error("Internal Server Error: %s", request.path, exc_info=exc, extra={"request": request})
        problem = Problem(
            500, "failed", "Something went wrong here, and nothing was changed. Try again later."
        )
    return response_of(problem)


def response_of(problem):
    """Return the answer that tells `problem`."""
    body = {
        "type": KIND + problem.kind,
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "detail": problem.detail,
    }
    if problem.errors:
        body["errors"] = problem.errors
    if problem.current is not None:
        body["current"] = problem.current
    response = HttpResponse(json_of(body), status=problem.status, content_type=MEDIA_TYPE)
    for name, value in problem.headers.items():
        response[name] = value
    return response


def _as_problem(exc):
    if isinstance(exc, Problem):
        return exc
    if isinstance(exc, Http404 | exceptions.NotFound):
        return Problem(
            404, "not-found", "There is nothing here that you may see. Addresses end with a slash."
        )
    if isinstance(exc, PermissionDenied):
        return Problem(403, "not-allowed", "You may read this, but not do that to it.")
    if isinstance(exc, exceptions.ValidationError):
        return in_fields(list(_flat(exc.detail)))
    if isinstance(exc, RequestDataTooBig):
        return Problem(413, "too-large", "What was sent is too large.")
    if isinstance(exc, BadRequest | SuspiciousOperation):
        return Problem(400, "invalid", "The request can't be read.")
    return _of_framework(exc) if isinstance(exc, exceptions.APIException) else None


KINDS = {
    400: "invalid",
    401: "not-signed-in",
    403: "not-allowed",
    405: "method-not-allowed",
    406: "not-acceptable",
    415: "unsupported-media-type",
    429: "too-many-requests",
}
REMEDIES = {
    406: "Ask for application/json; a list can also be had as text/csv.",
    415: "Send JSON, with Content-Type: application/json.",
}


def _of_framework(exc):
    headers = {}
    if getattr(exc, "auth_header", None):
        headers["WWW-Authenticate"] = exc.auth_header
    if getattr(exc, "wait", None):
        headers["Retry-After"] = str(int(exc.wait))
    status = exc.status_code
    detail = REMEDIES.get(status) or str(exc.detail)
    return Problem(status, KINDS.get(status, "failed"), detail, headers=headers)


def _flat(detail, field=""):
    """Yield {field, detail} of every message of a serializer, the path of a nested one with dots."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            path = field if name == "non_field_errors" else f"{field}.{name}".lstrip(".")
            yield from _flat(inner, path)
    elif isinstance(detail, list) and any(isinstance(each, dict | list) for each in detail):
        for place, inner in enumerate(detail):
            yield from _flat(inner, f"{field}.{place}".lstrip("."))
    else:
        for message in detail if isinstance(detail, list) else [detail]:
            yield {"field": field, "detail": str(message)}
