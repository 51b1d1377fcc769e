"""The addresses of peer reviews: one list for each part of them."""

from peer_reviews.urls import (
    findings,
    lessons,
    notes,
    offers,
    on_site,
    peers,
    reports,
    reviews,
    teams,
)

urlpatterns = [
    *findings.urlpatterns,
    *lessons.urlpatterns,
    *notes.urlpatterns,
    *offers.urlpatterns,
    *on_site.urlpatterns,
    *peers.urlpatterns,
    *reports.urlpatterns,
    *teams.urlpatterns,
    *reviews.urlpatterns,
]
