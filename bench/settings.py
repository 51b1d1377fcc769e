"""Upstream's settings for the benchmarks: those of every process, with static files as they lie."""

from config.settings import *  # noqa: F403
from config.settings import STATIC_ROOT, STORAGES

STATIC_ROOT.mkdir(exist_ok=True)
# Both sides print the same frame; its styles need not have been built.
STORAGES = STORAGES | {
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
ROOT_URLCONF = "bench.urls"
