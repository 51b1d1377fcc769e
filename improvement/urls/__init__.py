"""The addresses of improvement: one list for each part of it."""

from improvement.urls import (
    answers,
    boards,
    checks,
    drafting,
    evidence,
    interventions,
    measures,
    recording,
    sheets,
    succession,
    updates,
    way_out,
)

urlpatterns = [
    *sheets.urlpatterns,
    *answers.urlpatterns,
    *drafting.urlpatterns,
    *evidence.urlpatterns,
    *boards.urlpatterns,
    *checks.urlpatterns,
    *interventions.urlpatterns,
    *measures.urlpatterns,
    *recording.urlpatterns,
    *succession.urlpatterns,
    *updates.urlpatterns,
    *way_out.urlpatterns,
]
