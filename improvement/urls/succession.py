from django.urls import path

from improvement.views import succession as views

urlpatterns = [
    path("councils/<slug:slug>/succession/", views.SuccessionPage.as_view(), name="council_succession"),
    path("councils/<slug:slug>/succession/close/", views.Abolish.as_view(), name="council_abolish"),
    path("councils/<slug:slug>/shadow-team/", views.ShadowTeam.as_view(), name="shadow_team"),
    path("councils/<slug:slug>/shadow-team/admit/", views.Admit.as_view(), name="shadow_team_admit"),
    path("councils/<slug:slug>/shadow-team/<int:pk>/end/", views.EndAccess.as_view(), name="shadow_team_end"),
]
