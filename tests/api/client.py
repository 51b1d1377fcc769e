"""A client of the API, as somebody outside would write it: from docs/api/README.md and the description alone.

It knows no address, no header and no field by heart but what README tells of all of them. Operations are found in
openapi.yaml by their heading and summary; what isn't described there can't be sent.
"""

import json
from http.client import HTTPConnection
from urllib.parse import quote, urlencode, urlsplit
from uuid import uuid4


class Answer:
    """What came back. `body` is what JSON said, or the text of anything else."""

    def __init__(self, response):
        self.status, self.headers = response.status, response.headers
        self.media_type = response.headers.get_content_type()
        text = response.read().decode("utf-8-sig")
        self.body = json.loads(text) if self.media_type.endswith("json") else text


class Operation:
    """One operation of the description: what may be sent, and where to."""

    def __init__(self, method, path, told):
        self.method, self.path, self.told = method.upper(), path, told

    def parameters(self, place):
        return {each["name"]: each for each in self.told.get("parameters", ()) if each["in"] == place}

    def address(self, values, query):
        """Return the path with its parameters filled in, and the query. KeyError for what isn't described."""
        path = self.path
        for name in self.parameters("path"):
            path = path.replace(f"{{{name}}}", quote(str(values[name])))
        unknown = set(query) - set(self.parameters("query"))
        if unknown:
            raise KeyError(f"{self.told['summary']} has no parameter {', '.join(sorted(unknown))}")
        return f"{path}?{urlencode(query)}" if query else path

    def content_type(self):
        [media_type] = self.told["requestBody"]["content"]
        return media_type

    def media_types(self):
        return list(self.told["responses"]["200"]["content"])


class Api:
    """The API at one address, asked with one token."""

    def __init__(self, server, description, token=""):
        self.server, self.description, self.token = urlsplit(server), description, token

    def operation(self, tag, summary):
        """Return the one operation under the heading `tag` that says `summary` of itself."""
        [found] = [
            Operation(method, path, told)
            for path, methods in self.description["paths"].items()
            for method, told in methods.items()
            if tag in told["tags"] and told["summary"] == summary
        ]
        return found

    def ask(self, operation, values=None, *, query=None, headers=None, body=None):
        """Send what the operation takes. A header that it requires and is not given is a KeyError."""
        headers = dict(headers or {})
        for name, told in operation.parameters("header").items():
            if told.get("required"):
                headers[name]
        if body is not None:
            headers["Content-Type"] = operation.content_type()
            body = json.dumps(body)
        return self._send(operation.method, operation.address(values or {}, query or {}), headers, body)

    def every_row(self, operation, **query):
        """Yield the rows of a list, page after page."""
        answer = self.ask(operation, query=query)
        yield from answer.body["results"]
        while answer.body["next"]:
            address = urlsplit(answer.body["next"])
            answer = self._send("GET", f"{address.path}?{address.query}", {})
            yield from answer.body["results"]

    def table(self, operation, **query):
        """Return a list as CSV."""
        [csv] = [each for each in operation.media_types() if "csv" in each]
        return self._send("GET", operation.address({}, query), {"Accept": csv})

    def change(self, operation, values, body, *, version, again):
        """Make a change to the version read. Where another is current, `again(current)` says what to send then, or
        None to let it be. Return the answers, the last one last."""
        answers = []
        while body is not None:
            sent = {"If-Match": version, "Idempotency-Key": str(uuid4())}
            answers.append(self.ask(operation, values, headers=sent, body=body))
            if answers[-1].status != 412:
                break
            version = answers[-1].headers["ETag"]
            body = again(answers[-1].body["current"])
        return answers

    def _send(self, method, address, headers, body=None):
        told = self.description["components"]["securitySchemes"]["token"]
        if self.token:
            headers = {**headers, told["name"]: f"Token {self.token}"}
        connection = HTTPConnection(self.server.hostname, self.server.port, timeout=30)
        try:
            connection.request(method, address, body, headers)
            return Answer(connection.getresponse())
        finally:
            connection.close()
