"""The settings of the API: REST framework, its tokens and its description."""

from datetime import timedelta

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["api.authentication.ByToken", "api.authentication.BySession"],
    "DEFAULT_PERMISSION_CLASSES": ["api.permissions.SignedIn"],
    "DEFAULT_RENDERER_CLASSES": ["api.rendering.Json"],
    "DEFAULT_PARSER_CLASSES": ["api.rendering.JsonBody"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "api.rendering.Negotiation",
    "DEFAULT_METADATA_CLASS": None,
    "DEFAULT_SCHEMA_CLASS": "api.schema.Described",
    "EXCEPTION_HANDLER": "api.problems.answer",
}

KNOX_TOKEN_MODEL = "accounts.ApiToken"
REST_KNOX = {
    # SHA-512 of 64 random characters: nothing is to be guessed, so nothing has to be slow.
    "SECURE_HASH_ALGORITHM": "hashlib.sha512",
    # A year: a forgotten token ends of itself, and nobody has to renew one in the middle of a period.
    "TOKEN_TTL": timedelta(days=365),
    "TOKEN_LIMIT_PER_USER": 10,
}

DESCRIPTION = """
Upstream keeps interventions, milestones and inspections of English children's services. Everything here is what the
pages show: the same rows, the same rules of who sees what, and the same changes. Words are the field's own.

**Who asks.** Make a token under “API tokens” in your account and send it with every request:
`Authorization: Token …`. It reaches what you reach, ends after a year, and can be revoked at any time. The session of
the pages works too; what changes something then needs `X-CSRFToken`.

**Who sees what.** Councils, published inspections and England's grades are everybody's who is signed in. Milestones,
flags, recommendations and interventions are those of your councils and cases; contacts are the LGA's alone. What you
may not see is in no list, and its address answers 404. What rests on an inspection under embargo is nowhere here, for
its named readers too.

**Lists** come in pages of up to 200 rows, in a fixed order, with links `next` and `previous`. With `?format=csv`, or
`Accept: text/csv`, a list streams every row as CSV. A parameter that isn't known, or a value that can't be read, is
refused with 400 and named.

**Versions.** One resource comes with an `ETag`. Send it as `If-Match` with every change: without it the answer is 428,
and where somebody else has changed the resource since, 412 with the version that now stands in `current` and its ETag.
Make your change to that and send it again. With `If-None-Match` a version that you hold already is answered 304. The
`revision` in a tag goes up with every change; the end of a tag says what was shown beside it.

**Posts are done once.** Send an `Idempotency-Key` with every POST: a key of your own, new for each, the same when you
repeat one whose answer you have not got. Within 24 hours it is answered as it was, with `Idempotency-Replayed: true`,
and not done again. The same key with another body is refused with 422. A post that was refused is judged anew. A form
with a file is known by its fields and the file's content.

**What is not there yet** has the version 0: what an update says of an action is saved with PUT, whole, and whoever
saves first with that version wins.

**Problems** are `application/problem+json` (RFC 9457): `type` for programs, `detail` for people, and `errors` with
each field and what to do.

**Dates** are days in London, as 2026-11-03. `?on=` tells a list as at that day.
"""

SPECTACULAR_SETTINGS = {
    "TITLE": "Upstream",
    "DESCRIPTION": DESCRIPTION.strip(),
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["api.permissions.SignedIn"],
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "COMPONENT_SPLIT_REQUEST": True,
    "SORT_OPERATION_PARAMETERS": False,
    "POSTPROCESSING_HOOKS": ["api.schema.closed_bodies"],
    "TAGS": [
        {"name": name}
        for name in (
            "Start",
            "Councils",
            "England",
            "Inspections",
            "Recommendations",
            "Interventions",
            "Milestones",
            "Flags",
            "Contacts",
            "Updates",
            "Measures",
            "Evidence",
        )
    ],
}
