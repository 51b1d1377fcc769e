"""The addresses of improvement: one list for each part of it."""

from improvement.urls import checks, interventions, measures

urlpatterns = [
    *checks.urlpatterns,
    *interventions.urlpatterns,
    *measures.urlpatterns,
]
