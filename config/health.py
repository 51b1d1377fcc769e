"""Two addresses for machines: `/healthz` says that the process is alive, `/readyz` what it leans on.

They are answered ahead of everything else: to anybody, at any host name, over http too, since a load balancer
knows a machine by number. They say nothing of people or councils.

Without its database, or with migrations still to run, Upstream is not ready (503). Without its broker, or with no
sweep for two hours, pages and writes work, and taking it out of service would help nobody: it is ready and says
`degraded`, for whoever watches to act on.
"""

from datetime import timedelta
from functools import cache

from django.db import Error, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpResponse, JsonResponse
from django.utils import timezone

from cases.models import SweepRun
from config.celery import app

OVERDUE_AFTER = timedelta(hours=2)
WORKS = "works"


class HealthMiddleware:
    """Answer the two addresses; pass on every other."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        answer = ADDRESSES.get(request.path_info)
        return answer(request) if answer else self.get_response(request)


def alive(request):
    return HttpResponse("alive\n", content_type="text/plain", headers={"Cache-Control": "no-store"})


def ready(request):
    """Answer each part in words, with the worst of them as the status."""
    needed, wanted = {"database": database()}, {"broker": broker()}
    if needed["database"] == WORKS:
        wanted["last_sweep"] = last_sweep(timezone.now())
    if set(needed.values()) != {WORKS}:
        status = "unavailable"
    else:
        status = "ready" if set(wanted.values()) == {WORKS} else "degraded"
    return JsonResponse(
        {"status": status, **needed, **wanted},
        status=503 if status == "unavailable" else 200,
        headers={"Cache-Control": "no-store"},
    )


ADDRESSES = {"/healthz": alive, "/readyz": ready}


def database():
    try:
        missing = _migrations() - set(MigrationRecorder(connection).applied_migrations())
    except Error:
        return "not reached"
    return f"{len(missing)} migrations still to run" if missing else WORKS


@cache
def _migrations():
    """Return the (app, name) of every migration of this release."""
    return frozenset(MigrationLoader(None).disk_migrations)


def broker():
    # Not a second longer than whoever asks will wait.
    options = {**app.conf.broker_transport_options, "socket_connect_timeout": 1, "socket_timeout": 1}
    try:
        with app.connection_for_write(transport_options=options) as connected:
            connected.connect()
    except (*app.connection_for_write().connection_errors, OSError):
        return "not reached: what is due by night and by hour waits for it"
    return WORKS


def last_sweep(now):
    last = SweepRun.objects.order_by("-at").first()
    if last is None:
        return "has not run yet"
    if now - last.at > OVERDUE_AFTER:
        return (
            f"ran last at {timezone.localtime(last.at):%H:%M on %-d %B %Y}: is the worker running, and beat?"
        )
    return WORKS
