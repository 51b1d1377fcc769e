"""How bodies are written and read: JSON both ways, and lists as CSV too."""

import orjson
from rest_framework.exceptions import ParseError, ValidationError
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer


def json_of(data):
    """Return `data` as JSON, in bytes: days in ISO form, what is lazily translated as its text."""
    return orjson.dumps(data, default=str)


class Json(BaseRenderer):
    media_type = "application/json"
    format = "json"
    charset = None

    def render(self, data, accepted_media_type=None, renderer_context=None):
        return b"" if data is None else json_of(data)


class Csv(BaseRenderer):
    """Stands for the CSV of a list, which the list streams itself."""

    media_type = "text/csv"
    format = "csv"
    charset = "utf-8"

    def render(self, data, accepted_media_type=None, renderer_context=None):
        raise NotImplementedError("A list streams its CSV.")


class JsonBody(BaseParser):
    media_type = "application/json"

    def parse(self, stream, media_type=None, parser_context=None):
        try:
            # Not from the stream: `body` refuses what is larger than the settings allow.
            return orjson.loads(parser_context["request"].body)
        except orjson.JSONDecodeError as problem:
            raise ParseError(f"The body is not JSON: {problem}.") from None


class Negotiation(DefaultContentNegotiation):
    """`?format=` wins over Accept. One that there isn't is a mistake in the address, not a missing page."""

    def select_renderer(self, request, renderers, format_suffix=None):
        if request.query_params.get("format") == "":
            self.filter_renderers(renderers, "")
        return super().select_renderer(request, renderers, format_suffix)

    def filter_renderers(self, renderers, format):
        kept = [renderer for renderer in renderers if renderer.format == format]
        if not kept:
            formats = " or ".join(dict.fromkeys(renderer.format for renderer in renderers))
            raise ValidationError({"format": f"Choose {formats}."})
        return kept
