from django.urls import path

from improvement import views

urlpatterns = [
    path("cases/<slug:reference>/confirm/", views.ConfirmEpisode.as_view(), name="episode_confirm"),
]
