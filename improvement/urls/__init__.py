"""The addresses of improvement: one list for each part of it."""

from improvement.urls import checks, evidence, interventions, measures, recording

urlpatterns = [
    *evidence.urlpatterns,
    *checks.urlpatterns,
    *interventions.urlpatterns,
    *measures.urlpatterns,
    *recording.urlpatterns,
]
