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
    updates,
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
    *updates.urlpatterns,
]
