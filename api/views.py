"""What the resources of every room are made of: a list, one of them, and a change to one."""

from itertools import islice

from django.http import HttpResponse
from django.urls import reverse
from rest_framework.exceptions import ValidationError
from rest_framework.views import APIView

from api.idempotency import done_once
from api.pages import PARAMETERS, Page
from api.problems import Problem, in_fields
from api.rendering import Csv, Json, json_of
from api.rows import NESTED, as_dicts
from api.versions import is_held, revision_sent, tag_of
from look.exports import csv_response

CHUNK = 2000
NOT_HERE = "There is nothing here that you may see."


class Resource(APIView):
    """A view that refuses query parameters it doesn't know, and knows how to answer in JSON."""

    # What the description says: the heading it stands under, and (summary, description) of each method.
    tag = ""
    about = {}
    parameters = ("format",)
    row = None
    # A post that adds something under the address of another thing: that has no version to be sent.
    adds = False

    def initial(self, request, *args, **kwargs):
        super().initial(request, *args, **kwargs)
        if request.method in self.allowed_methods:
            self._refuse_unknown_parameters()

    def finalize_response(self, request, response, *args, **kwargs):
        """Let nobody between us and the asker keep what was answered to them, and the asker ask for its version."""
        response.setdefault("Cache-Control", "private, no-cache")
        return super().finalize_response(request, response, *args, **kwargs)

    @property
    def viewer(self):
        return self.request.viewer

    def by_and_on(self):
        return {"by": self.viewer, "on": self.viewer.today}

    def json(self, data, *, status=200, headers=None):
        return HttpResponse(json_of(data), status=status, headers=headers, content_type=f"{Json.media_type}")

    def nothing(self):
        return HttpResponse(status=204)

    def body_of(self, serializer):
        """Return what was sent, cleaned. Raises a 400 that names each field, those it doesn't know too."""
        sent = self.request.data
        asked = serializer(data=sent, context={"viewer": self.viewer})
        if not isinstance(sent, dict):
            raise in_fields([{"field": "", "detail": "Send a JSON object."}])
        unknown = [name for name in sent if name not in asked.fields]
        if not asked.is_valid() or unknown:
            wrong = {name: ["There is no such field."] for name in unknown}
            raise ValidationError({**asked.errors, **wrong})
        return asked.validated_data

    def _refuse_unknown_parameters(self):
        known = self.known_parameters()
        wrong = [
            {"field": name, "detail": f"There is no such parameter. Choose among {', '.join(sorted(known))}."}
            for name in self.request.query_params
            if name not in known
        ]
        wrong += [
            {"field": name, "detail": "Give it once, with a value, or leave it out."}
            for name, values in self.request.query_params.lists()
            if name in known and (len(values) > 1 or not values[0].strip())
        ]
        if wrong:
            raise in_fields(wrong, "The address has parameters that can't be read: see “errors”.")

    def known_parameters(self):
        return set(self.parameters)


class Listed(Resource):
    """What every list shares: its parameters, and that it can be had as CSV."""

    renderer_classes = [Json, Csv]
    filters = None
    name = ""

    def known_parameters(self):
        return {*self.parameters, *PARAMETERS, *self.filters.base_filters}

    @property
    def wants_csv(self):
        return self.request.accepted_renderer.format == Csv.format

    def csv(self, headings, rows):
        return csv_response(f"upstream-{self.name}-{self.viewer.today}", headings, rows)


class Listing(Listed):
    """A list read by one query, which gives the columns of `row` and nothing else; CSV through a cursor."""

    def queryset(self):
        """Return what the viewer may see, with no filter."""
        raise NotImplementedError

    def completed(self, rows, keys):
        """Add to rows, which are dicts, their nested fields, which another query gives by the rows' keys."""

    def get(self, request, **kwargs):
        filters = self.filters(request.query_params, self.queryset(), request=request)
        found = self.told(filters.narrowed(), filters)
        page = Page(request.query_params)
        if self.wants_csv:
            return self._streamed(found)
        columns = self.row.columns()
        rows = list(page.rows_of(found).values_list("pk", *columns.values()))
        answer = page.answer(rows, lambda row: row[0], request.build_absolute_uri(request.path))
        keys = [row[0] for row in answer["results"]]
        answer["results"] = as_dicts(columns, (row[1:] for row in answer["results"]))
        self.completed(answer["results"], keys)
        return self.json(answer)

    def told(self, queryset, filters):
        """Annotate what the fields of `row` read; `filters.on` is the day asked for."""
        return queryset

    def _streamed(self, found):
        """Stream every row, read through a cursor of the database so that memory stays the same."""
        columns, nested = self.row.columns(), self.row.nested()
        found = found.order_by("pk")
        if nested:
            tuples = found.values_list("pk", *columns.values()).iterator(chunk_size=CHUNK)
            return self.csv([*columns, *nested], self._completed_cells(columns, tuples))
        return self.csv(columns, found.values_list(*columns.values()).iterator(chunk_size=CHUNK))

    def _completed_cells(self, columns, tuples):
        while chunk := list(islice(tuples, CHUNK)):
            rows = as_dicts(columns, (row[1:] for row in chunk))
            self.completed(rows, [row[0] for row in chunk])
            yield from cells_of(rows, self.row)


class Adding(Listing):
    """A list to which a post adds one row. It answers with that, and with its address: `one`, by the field `named_by`.

    What a body names is found before an answer that was kept is given again: they may have lost it since.
    """

    asks = None
    refused = ()
    one = ""
    named_by = "id"

    def may_add(self):
        """Say whether the viewer may add any, anywhere; the action asks whether here."""
        raise NotImplementedError

    def prepared(self, answers):
        """Return the answers with what they name in place of its number. Raises Problem (400)."""
        return answers

    def add(self, prepared):
        """Call the action and return the key of what was made. Raises `refused`."""
        raise NotImplementedError

    def post(self, request):
        if not self.may_add():
            raise Problem(403, "not-allowed", "You may read what is here, but not add to it.")
        try:
            prepared = self.prepared(self.body_of(self.asks))
            return done_once(request, lambda: self._added(prepared))
        except self.refused as refused:
            raise refusal(refused) from None

    def _added(self, prepared):
        made = self.add(prepared)
        columns = self.answers.columns()
        found = self.told(self.queryset(), None).filter(pk=made).values_list(*columns.values())
        rows = as_dicts(columns, found)
        self.completed(rows, [made])
        location = address_of(self.request, self.one, rows[0][self.named_by])
        return self.json(rows[0], status=201, headers={"Location": location})


class Reckoned(Listed):
    """A list of few rows that no single query gives, such as councils with their stages; reckoned whole.

    `key` is the field that its rows are ordered and paged by.
    """

    key = ""

    def rows(self, filters):
        """Return every row asked for, as dicts with the fields of `row`."""
        raise NotImplementedError

    def get(self, request):
        filters = self.filters(request.query_params, self.filters.Meta.model.objects.none(), request=request)
        filters.narrowed()
        rows = sorted(self.rows(filters), key=lambda row: row[self.key])
        page = Page(request.query_params, key=self.key, of=str)
        if self.wants_csv:
            return self.csv(self.row._declared_fields, cells_of(rows, self.row))
        answer = page.answer(
            page.part_of(rows), lambda row: row[self.key], request.build_absolute_uri(request.path)
        )
        return self.json(answer)


class One(Resource):
    """What is asked of one resource, with its version. `kind` and the key name it in its ETag."""

    kind = ""
    key = "pk"

    def queryset(self):
        """Return what the viewer may see, annotated with what `row` reads."""
        raise NotImplementedError

    def completed(self, rows, keys):
        """Add to rows, which are dicts, their nested fields, which another query gives by the rows' keys."""

    @property
    def named(self):
        """What names it in its ETag, beside its kind."""
        return self.kwargs[self.key]

    def found(self):
        """Return the resource of the address as a dict. Raises Problem (404)."""
        columns = self.row.columns()
        values = self.queryset().filter(**self.kwargs).values_list("pk", *columns.values()).first()
        if values is None:
            raise Problem(404, "not-found", NOT_HERE)
        rows = as_dicts(columns, [values[1:]])
        self.completed(rows, [values[0]])
        return rows[0]

    def versioned(self, row, *, status=200, if_not_held=False, headers=None):
        """Answer with one resource and its ETag; with 304 where the asker holds that version."""
        body = json_of(row)
        tag = self.etag(row, body)
        headers = {"ETag": tag, **(headers or {})}
        if if_not_held and is_held(self.request, tag):
            return HttpResponse(status=304, headers=headers)
        return HttpResponse(body, status=status, headers=headers, content_type=Json.media_type)

    def etag(self, row, body):
        return tag_of(self.kind, self.named, row.get("revision"), body)


class Single(One):
    """One resource, read."""

    def get(self, request, **kwargs):
        return self.versioned(self.found(), if_not_held=True)


class Change(One):
    """A change to one resource: seen (404), allowed (403), of the version read (428, 412), and then made."""

    asks = None
    # The exceptions by which its action refuses; nothing is taken for one where there are none.
    refused = stale = ()

    def allowed(self):
        """Say whether the viewer may change what the address names, which they see."""
        raise NotImplementedError

    def act(self, revision, answers):
        """Call the action on what the address names; return nothing. Raises `stale` or `refused`."""
        raise NotImplementedError

    def changed(self, change):
        """Make the change and return its answer, or say why it can't be made."""
        self.found()
        if not self.allowed():
            raise Problem(403, "not-allowed", "You may read this, but not change it.")
        try:
            return change()
        except self.stale:
            raise self._of_another_version() from None
        except self.refused as refused:
            raise refusal(refused) from None

    def acted(self, act, asks):
        """Call `act(revision, answers)` with the version and the body that were sent."""
        revision = revision_sent(self.request, self.kind, self.named)
        answers = self.body_of(asks)
        if revision is None:
            raise self._of_another_version()
        act(revision, answers)

    def acted_and_told(self, act, asks):
        self.acted(act, asks)
        return self.versioned(self.found())

    def _of_another_version(self):
        row = self.found()
        return Problem(
            412,
            "stale",
            "Somebody else has changed it since the version that you have read. “current” is how it stands: make "
            "your change to that, and send its ETag as If-Match.",
            current=row,
            headers={"ETag": self.etag(row, json_of(row))},
        )


class Replaced(Change):
    """A change by PUT: what is sent is the whole, and what is left out is empty. Sent again, it is the same."""

    def put(self, request, **kwargs):
        return self.changed(lambda: self.acted_and_told(self.act, self.asks))


class Posted(Change):
    """A change by POST: `act` is done once for each Idempotency-Key."""

    def post(self, request, **kwargs):
        return self.changed(lambda: done_once(request, lambda: self.acted_and_told(self.act, self.asks)))


class Added(Change):
    """Something added by POST under the address of a thing that the viewer sees. `act` returns what was made."""

    adds = True

    def act(self, answers):
        """Call the action. Raises `refused`."""
        raise NotImplementedError

    def made_row(self, made):
        """Return what was made as a dict with the fields of `answers`."""
        raise NotImplementedError

    def location(self, made):
        """Return the address of what was made; none where it has none of its own."""
        return ""

    def post(self, request, **kwargs):
        return self.changed(lambda: done_once(request, self._made))

    def _made(self):
        made = self.act(self.body_of(self.asks))
        location = self.location(made)
        return self.json(
            self.made_row(made), status=201, headers={"Location": location} if location else None
        )


def refusal(refused):
    """Return the Problem of an action's refusal: of a field (400), or of how the thing stands (409)."""
    if refused.field:
        return in_fields([{"field": refused.field, "detail": refused.message}])
    return Problem(409, "refused", f"{refused.message}.")


def cells_of(rows, serializer):
    """Yield the cells of rows that are dicts. What is nested is one cell, of the fields that it names for that."""
    nested = {
        name: getattr(getattr(field, "child", field), "in_cell", None)
        for name, field in serializer._declared_fields.items()
        if isinstance(field, NESTED)
    }
    for row in rows:
        yield [_in_one_cell(value, nested[name]) if name in nested else value for name, value in row.items()]


def _in_one_cell(value, names):
    """Return nested rows as text: "leaders: inadequate; in_care: good". Plain values: "12; 14"."""
    if names is None:
        return "; ".join(str(each) for each in value)
    rows = [value] if isinstance(value, dict) else value or []
    return "; ".join(
        ": ".join(str(row[name]) for name in names if row[name] not in (None, "")) for row in rows
    )


def address_of(request, name, *args):
    """Return the full address of a resource."""
    return request.build_absolute_uri(reverse(f"api:{name}", args=args))
