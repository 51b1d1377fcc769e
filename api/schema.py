"""The description of the API (OpenAPI), made from the views: what each takes, and every answer that it gives."""

import django_filters as filters
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import build_array_type, build_basic_type
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter
from rest_framework import serializers

from api.pages import AT_MOST, SIZE
from api.problems import MEDIA_TYPE
from api.rendering import Csv, Json

VERBS = {"get": "read", "post": "add", "put": "save", "patch": "change", "delete": "delete"}
ERRORS = {
    400: "Something in the body, the address or a header can't be as it is: see `errors`.",
    401: "Nobody is signed in, or the token is not one of ours, has ended or was revoked.",
    403: "You may read this, but not do that; or your role requires a second factor that you have not set up.",
    404: "There is nothing here that you may see.",
    406: "It can't be had in the form that Accept asks for.",
    409: "It can't be done as things stand: `detail` says why.",
    412: "Somebody else has changed it since the version that If-Match names: `current` is how it stands.",
    415: "The body is not JSON.",
    422: "This Idempotency-Key was used for another post.",
    428: "The header If-Match is missing.",
}


class FieldProblem(serializers.Serializer):
    field = serializers.CharField(help_text="The field, parameter or, with dots, the place within the body.")
    detail = serializers.CharField(help_text="What is wrong and what to do.")


class Problem(serializers.Serializer):
    """Problem details (RFC 9457)."""

    type = serializers.CharField(
        help_text="Which problem it is, for programs: `urn:problem-type:upstream:…`."
    )
    title = serializers.CharField(help_text="The HTTP status in words.")
    status = serializers.IntegerField()
    detail = serializers.CharField(help_text="What is wrong and what to do, for people.")
    errors = FieldProblem(many=True, required=False)


class _ByToken(OpenApiAuthenticationExtension):
    target_class = "api.authentication.ByToken"
    name = "token"

    def get_security_definition(self, auto_schema):
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "`Token ` and a secret, made under “API tokens” in your account. It is shown once.",
        }


class _BySession(OpenApiAuthenticationExtension):
    target_class = "api.authentication.BySession"
    name = "session"

    def get_security_definition(self, auto_schema):
        return {
            "type": "apiKey",
            "in": "cookie",
            "name": "sessionid",
            "description": "The session of the pages: where Upstream is served, the cookie `__Host-session`. What "
            "changes something needs the header X-CSRFToken too.",
        }


class Described(AutoSchema):
    """What a `Resource` says of itself, as an operation."""

    # The method asked about, while the tool is told another.
    _verb = None

    @property
    def verb(self):
        return self._verb or self.method.lower()

    def get_tags(self):
        return [self.view.tag]

    def get_summary(self):
        return self.view.about[self.verb][0]

    def get_description(self):
        return self.view.about[self.verb][1]

    def get_operation_id(self):
        *parts, last = [part for part in self.path.split("/")[3:] if part and "{" not in part] or ["start"]
        single = "{" in self.path
        if single and self.verb == "post":
            return "_".join([*parts, last]).replace("-", "_")
        verb = "list" if self._lists else VERBS[self.verb]
        return "_".join([verb, *parts, "one" if single else "", last]).replace("__", "_").replace("-", "_")

    @property
    def _lists(self):
        return hasattr(type(self.view), "wants_csv") and self.verb == "get"

    @property
    def _changes(self):
        """Whether it changes one thing that has a revision."""
        return self.verb != "get" and "{" in self.path and not self._adds

    @property
    def _adds(self):
        """Whether it adds something under the address of another thing, whose version doesn't matter."""
        return self.verb == "post" and self.view.adds

    @property
    def _is_single(self):
        return self.verb == "get" and "{" in self.path and not self._lists and self.view.row is not None

    def get_request_serializer(self):
        return self.view.asks_to_delete if self.verb == "delete" else getattr(self.view, "asks", None)

    def get_response_serializers(self):
        return {}

    def _get_request_body(self, direction="request"):
        if self.verb != "delete":
            return super()._get_request_body(direction)
        # OpenAPI 3.1 allows a body of DELETE; the tool knows of 3.0 alone, where it has none.
        self._verb, self.method = "delete", "POST"
        try:
            return super()._get_request_body(direction)
        finally:
            self._verb, self.method = None, "DELETE"

    def get_examples(self):
        sent = getattr(self.view, "example", None)
        if sent is None or self.verb in ("get", "delete"):
            return []
        return [OpenApiExample("For example", value=sent, request_only=True)]

    def _get_format_parameters(self):
        return []

    def get_override_parameters(self):
        return [*self._query(), *self._headers()]

    def _query(self):
        if self.verb != "get":
            return
        for name, each in getattr(self.view.filters, "base_filters", {}).items() if self._has_filters else ():
            yield _parameter_of(name, each)
        if self._lists:
            yield OpenApiParameter("after", str, description="From the link `next`: rows after this one.")
            yield OpenApiParameter(
                "before", str, description="From the link `previous`: rows before this one."
            )
            yield OpenApiParameter(
                "page_size",
                {"type": "integer", "minimum": 1, "maximum": AT_MOST, "default": SIZE},
                description="How many rows a page has. CSV holds every row.",
            )
        if not self.view.known_parameters():
            return
        formats = [each.format for each in self.view.renderer_classes]
        yield OpenApiParameter("format", str, enum=formats, description="Instead of the header Accept.")

    def _key_of_rows(self):
        """Return the schema of what a list is paged by: a row's number, or the word that names it."""
        if hasattr(self.view, "key"):
            return {"type": "string"}
        return {"type": "integer", "minimum": 0, "maximum": 10**18 - 1}

    @property
    def _has_filters(self):
        return getattr(self.view, "filters", None) is not None

    def _headers(self):
        if self._changes:
            yield _header(
                "If-Match",
                True,
                'The ETag of the version that you have read, as `"milestone-12-3-5f2a9c01d4"`.',
            )
        if self.verb == "post":
            yield _header(
                "Idempotency-Key",
                True,
                "Up to 255 visible characters of your own choice, such as a UUID: new for each post, the same when you "
                "repeat it. A repeated post is answered as it was, and not done again.",
                pattern="^[!-~]{1,255}$",
            )
        if self._is_single:
            yield _header("If-None-Match", False, "An ETag that you hold: 304 where it is current.")

    def _get_response_bodies(self, direction="response"):
        responses = dict(self._successes())
        for status in self._errors():
            responses[str(status)] = {
                "description": ERRORS[status],
                "content": {MEDIA_TYPE: {"schema": self._problem(status)}},
            }
            if status == 412:
                responses["412"]["headers"] = _told("ETag", "The version that stands.")
        return responses

    def _successes(self):
        if self.verb == "delete":
            yield "204", {"description": "Deleted."}
        elif getattr(self.view, "gives_file", False):
            file = {"*/*": {"schema": build_basic_type(OpenApiTypes.BINARY)}}
            yield "200", {"description": "The file.", "content": file}
            yield (
                "302",
                {"description": "It is a link: there it is.", "headers": _told("Location", "The link.")},
            )
        elif self._lists:
            yield "200", self._page()
        elif self.verb == "get" and self.view.row is None:
            text = build_basic_type(OpenApiTypes.URI)
            yield "200", _json({"type": "object", "additionalProperties": text}, "The addresses, by name.")
        elif self.verb == "get" or self._changes:
            told = self.view.row if self.verb == "get" else getattr(self.view, "answers", self.view.row)
            answer = _json(self._ref(told), "How it stands.")
            if "{" in self.path:
                answer["headers"] = _told("ETag", "Its version.")
            if self.verb == "post":
                answer["headers"] |= _told(
                    "Idempotency-Replayed", "`true`: answered as it was, and not done again."
                )
            yield "200", answer
            if self._is_single:
                yield (
                    "304",
                    {
                        "description": "You hold the current version.",
                        "headers": _told("ETag", "Its version."),
                    },
                )
        else:
            answer = _json(self._ref(self.view.answers), "Done.")
            answer["headers"] = _told(
                "Idempotency-Replayed", "`true`: answered as it was, and not done again."
            )
            answer["headers"] |= _told("Location", "The address of what was made, where it is one thing.")
            yield "201", answer

    def _page(self):
        link = {"type": ["string", "null"], "format": "uri"}
        page = {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {
                "next": {**link, "description": "The next page; null on the last."},
                "previous": {**link, "description": "The page before; null on the first."},
                "results": build_array_type(self._ref(self.view.row)),
            },
        }
        answer = _json(page, "A page of the list; as CSV every row, with the fields of a row as headings.")
        answer["content"][Csv.media_type] = {"schema": {"type": "string"}}
        return answer

    def _errors(self):
        yield from (400, 401, 403)
        if "{" in self.path or not getattr(self.view, "is_there_for_all", True):
            yield 404
        if not getattr(self.view, "gives_file", False):
            yield 406
        if self.verb != "get" or getattr(self.view, "gives_file", False):
            yield 409
        if self._changes:
            yield 412
        if self.verb != "get":
            yield 415
        if self.verb == "post":
            yield 422
        if self._changes:
            yield 428

    def _problem(self, status):
        problem = self._ref(Problem)
        if status != 412:
            return problem
        return {"allOf": [problem, {"type": "object", "properties": {"current": self._ref(self.view.row)}}]}

    def _ref(self, serializer):
        return self.resolve_serializer(serializer, "response").ref


def _json(schema, description):
    return {"description": description, "content": {Json.media_type: {"schema": schema}}}


def _told(name, description):
    return {name: {"description": description, "schema": {"type": "string"}}}


def _header(name, required, description, **more):
    return OpenApiParameter(
        name,
        {"type": "string", **({"minLength": 1} if required else {}), **more},
        OpenApiParameter.HEADER,
        required=required,
        description=description,
    )


def _parameter_of(name, each):
    """Return the query parameter of one of a list's filters."""
    kind = {"type": "string", "minLength": 1}
    if isinstance(each, filters.DateFilter):
        kind = OpenApiTypes.DATE
    elif isinstance(each, filters.NumberFilter):
        kind = {"type": "integer", "minimum": each.extra["min_value"], "maximum": each.extra["max_value"]}
    choices = each.extra.get("choices")
    return OpenApiParameter(
        name,
        kind,
        enum=[value for value, _ in choices] if choices else None,
        description=str(each.extra.get("help_text") or ""),
    )


def closed_bodies(result, generator, request, public):
    """Say of what is sent that it has no other fields: one that isn't known is refused by name."""
    components = result["components"]["schemas"]
    waiting = [
        operation["requestBody"]["content"]
        for path in result["paths"].values()
        for operation in path.values()
        if "requestBody" in operation
    ]
    seen = set()
    while waiting:
        for name in _named(waiting.pop()) - seen:
            seen.add(name)
            components[name]["additionalProperties"] = False
            waiting.append(components[name])
    return result


def _named(schema):
    """Return the names of the objects that a schema refers to."""
    if isinstance(schema, dict):
        own = {schema["$ref"].rsplit("/", 1)[1]} if "$ref" in schema else set()
        return own.union(*(_named(each) for each in schema.values()))
    if isinstance(schema, list):
        return set().union(*(_named(each) for each in schema))
    return set()
