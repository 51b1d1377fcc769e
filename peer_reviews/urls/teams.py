"""The addresses of the team of a review."""

from django.urls import path

from peer_reviews.views import teams as views

TEAM = "reviews/<slug:reference>/team/"

urlpatterns = [
    path(TEAM, views.team, name="team"),
    path(f"{TEAM}manager/", views.NameManager.as_view(), name="team_manager"),
    path(f"{TEAM}objections/", views.Objections.as_view(), name="team_objections"),
    path(f"{TEAM}confirm/", views.Confirm.as_view(), name="team_confirm"),
    path(f"{TEAM}members/<int:pk>/agree/", views.Agree.as_view(), name="team_agree"),
    path(f"{TEAM}members/<int:pk>/group-office/", views.GroupOffice.as_view(), name="team_group_office"),
    path(f"{TEAM}members/<int:pk>/stand-down/", views.StandDown.as_view(), name="team_stand_down"),
    path(f"{TEAM}<slug:role>/suggestions/", views.Suggest.as_view(), name="team_suggest"),
    path(f"{TEAM}<slug:role>/add/", views.AddToTeam.as_view(), name="team_add"),
]
