"""The API's addresses: every room's resources under one version."""

from django.urls import path, re_path
from drf_spectacular.views import SpectacularAPIView

from api.root import NothingHere, Root
from cases.api import contacts, flags, milestones, recommendations
from dashboards import api as dashboards
from improvement.api import answers, evidence, interventions, measures, plans, rows, updates
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
    path("plans/", plans.Plans.as_view(), name="plans"),
    path("plans/<slug:reference>/", plans.OnePlan.as_view(), name="plan"),
    path("plans/<slug:reference>/recommendations/", plans.Choose.as_view(), name="plan-recommendations"),
    path("plan-versions/", plans.PlanVersions.as_view(), name="plan-versions"),
    path("plan-versions/<int:pk>/", plans.OnePlanVersion.as_view(), name="plan-version"),
    path("planned-priorities/", rows.PlannedPriorities.as_view(), name="planned-priorities"),
    path("planned-priorities/<int:pk>/", rows.OnePlannedPriority.as_view(), name="planned-priority"),
    path(
        "planned-priorities/<int:pk>/move/", rows.MovePlannedPriority.as_view(), name="planned-priority-move"
    ),
    path("planned-actions/", rows.PlannedActions.as_view(), name="planned-actions"),
    path("planned-actions/<int:pk>/", rows.OnePlannedAction.as_view(), name="planned-action"),
    path("planned-actions/<int:pk>/move/", rows.MovePlannedAction.as_view(), name="planned-action-move"),
    path("planned-actions/<int:pk>/take-in/", rows.TakeIn.as_view(), name="planned-action-take-in"),
    path("planned-measures/", rows.PlannedMeasures.as_view(), name="planned-measures"),
    path("planned-measures/<int:pk>/", rows.OnePlannedMeasure.as_view(), name="planned-measure"),
    path("planned-measures/<int:pk>/move/", rows.MovePlannedMeasure.as_view(), name="planned-measure-move"),
    path("plan-risks/", rows.PlanRisks.as_view(), name="plan-risks"),
    path("plan-risks/<int:pk>/", rows.OnePlanRisk.as_view(), name="plan-risk"),
    path("plan-risks/<int:pk>/move/", rows.MovePlanRisk.as_view(), name="plan-risk-move"),
    path("snapshots/", plans.Snapshots.as_view(), name="snapshots"),
    path("snapshots/<slug:reference>/", plans.OneSnapshot.as_view(), name="snapshot"),
    path("updates/", updates.Updates.as_view(), name="updates"),
    path("updates/<int:pk>/", updates.OneUpdate.as_view(), name="update"),
    path("updates/<int:pk>/no-change/", updates.NoChange.as_view(), name="update-no-change"),
    path("updates/<int:pk>/send-for-approval/", updates.SendForApproval.as_view(), name="update-approval"),
    path("updates/<int:pk>/send-back/", updates.SendBack.as_view(), name="update-send-back"),
    path("updates/<int:pk>/submit/", updates.Submit.as_view(), name="update-submit"),
    path("updates/<int:pk>/correct/", updates.Correct.as_view(), name="update-correct"),
    path(
        "updates/<int:pk>/priorities/<int:priority>/",
        updates.PriorityAnswer.as_view(),
        name="update-priority",
    ),
    path("updates/<int:pk>/actions/<int:action>/", updates.ActionAnswer.as_view(), name="update-action"),
    path("updates/<int:pk>/measures/<int:measure>/", updates.MeasureAnswer.as_view(), name="update-measure"),
    path("updates/<int:pk>/questions/", answers.Questions.as_view(), name="questions"),
    path("updates/<int:pk>/questions/<int:question>/", answers.OneQuestion.as_view(), name="question"),
    path(
        "updates/<int:pk>/questions/<int:question>/answer/", answers.Answer.as_view(), name="question-answer"
    ),
    path("updates/<int:pk>/statuses/", answers.Statuses.as_view(), name="statuses"),
    path("updates/<int:pk>/statuses/<int:priority>/", answers.OneStatus.as_view(), name="status"),
    path("updates/<int:pk>/read/", answers.MarkedRead.as_view(), name="update-read"),
    path("measures/", measures.Measures.as_view(), name="measures"),
    path("measures/<int:measure>/", measures.OneMeasure.as_view(), name="measure"),
    path("readings/", measures.Readings.as_view(), name="readings"),
    path("readings/<int:pk>/", measures.OneReading.as_view(), name="reading"),
    path("readings/<int:pk>/restate/", measures.Restate.as_view(), name="reading-restate"),
    path("evidence/", evidence.AllEvidence.as_view(), name="evidence"),
    path("evidence/<int:pk>/", evidence.OneEvidence.as_view(), name="one-evidence"),
    path("documents/<int:pk>/", evidence.OneDocument.as_view(), name="document"),
    # Last: an address that isn't there is told as every other problem is.
    re_path("", NothingHere.as_view(), name="nothing-here"),
]
