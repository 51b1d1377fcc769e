"""The API's addresses: every room's resources under one version."""

from django.urls import path, re_path
from drf_spectacular.views import SpectacularAPIView

from api.root import NothingHere, Root
from cases.api import contacts, flags, milestones, recommendations
from dashboards import api as dashboards
from improvement.api import interventions
from inspections import api as inspections

app_name = "api"
urlpatterns = [
    path("", Root.as_view(), name="root"),
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("councils/", dashboards.Councils.as_view(), name="councils"),
    path("councils/<slug:slug>/", dashboards.OneCouncil.as_view(), name="council"),
    path("england/", dashboards.England.as_view(), name="england"),
    path("inspections/", inspections.Inspections.as_view(), name="inspections"),
    path("inspections/<int:pk>/", inspections.OneInspection.as_view(), name="inspection"),
    path("interventions/", interventions.Interventions.as_view(), name="interventions"),
    path("interventions/<slug:reference>/", interventions.OneIntervention.as_view(), name="intervention"),
    path("milestones/", milestones.Milestones.as_view(), name="milestones"),
    path("milestones/<int:pk>/", milestones.OneMilestone.as_view(), name="milestone"),
    path("milestones/<int:pk>/met/", milestones.Met.as_view(), name="milestone-met"),
    path("milestones/<int:pk>/move/", milestones.Move.as_view(), name="milestone-move"),
    path("milestones/<int:pk>/pause/", milestones.PauseIt.as_view(), name="milestone-pause"),
    path("milestones/<int:pk>/resume/", milestones.Resume.as_view(), name="milestone-resume"),
    path("recommendations/", recommendations.Recommendations.as_view(), name="recommendations"),
    path("recommendations/<int:pk>/", recommendations.OneRecommendation.as_view(), name="recommendation"),
    path("recommendations/<int:pk>/close/", recommendations.Close.as_view(), name="recommendation-close"),
    path("recommendations/<int:pk>/reopen/", recommendations.Reopen.as_view(), name="recommendation-reopen"),
    path("flags/", flags.Flags.as_view(), name="flags"),
    path("flags/<int:pk>/", flags.OneFlag.as_view(), name="flag"),
    path("contacts/", contacts.Contacts.as_view(), name="contacts"),
    path("contacts/<int:pk>/", contacts.OneContact.as_view(), name="contact"),
    path("contacts/<int:pk>/followed-up/", contacts.FollowedUp.as_view(), name="contact-followed-up"),
    # Last: an address that isn't there is told as every other problem is.
    re_path("", NothingHere.as_view(), name="nothing-here"),
]
