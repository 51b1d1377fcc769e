from django.urls import path

from improvement.views import interventions as views

urlpatterns = [
    path("cases/<slug:reference>/confirm/", views.ConfirmEpisode.as_view(), name="episode_confirm"),
]
