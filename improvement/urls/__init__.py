"""The addresses of improvement: one list for each part of it."""

from improvement.urls import interventions

urlpatterns = [*interventions.urlpatterns]
