"""Upstream's addresses, and those of the views that the benchmarks hold beside its pages."""

from django.urls import path

from bench.api_list import in_sql, ninja
from bench.peers import notes_by_hand
from bench.region_page import page_by_hand
from config.urls import urlpatterns as of_upstream

urlpatterns = [
    path("bench/regions/bench/", page_by_hand),
    path("bench/reviews/notes/", notes_by_hand),
    path("bench/milestones/", in_sql),
    path("bench/ninja/", ninja.urls),
    *of_upstream,
]
