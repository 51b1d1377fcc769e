from django.urls import path

from improvement.views import drafting as views
from improvement.views import grid

PLAN = "plans/<slug:reference>/"
VERSION = f"{PLAN}versions/<int:number>/"
PRIORITY, MEASURE, RISK = (f"{VERSION}{name}/<int:pk>/" for name in ("priorities", "measures", "risks"))
ACTION = f"{VERSION}actions/<int:action>/"

urlpatterns = [
    path("councils/<slug:slug>/plans/", views.council_plans, name="council_plans"),
    path("councils/<slug:slug>/plans/start/", views.StartPlan.as_view(), name="plan_start"),
    path(PLAN, views.plan, name="plan"),
    path(f"{PLAN}change/", views.ChangePlan.as_view(), name="plan_change"),
    path(f"{PLAN}recommendations/", views.ChooseRecommendations.as_view(), name="plan_recommendations"),
    path(f"{PLAN}versions/new/", views.NewVersion.as_view(), name="plan_version_new"),
    path(VERSION, views.plan_version, name="plan_version"),
    path(f"{VERSION}about/", views.AboutVersion.as_view(), name="plan_version_about"),
    path(f"{VERSION}grid/", grid.Grid.as_view(), name="plan_grid"),
    path(f"{VERSION}grid/<slug:row>/", grid.SaveRow.as_view(), name="plan_grid_row"),
    path(f"{VERSION}grid/<int:action>/move/", grid.MoveRow.as_view(), name="plan_grid_move"),
    path(f"{VERSION}priorities/add/", views.AddPriority.as_view(), name="plan_priority_add"),
    path(PRIORITY, views.ChangePriority.as_view(), name="plan_priority"),
    path(f"{PRIORITY}remove/", views.RemovePriority.as_view(), name="plan_priority_remove"),
    path(f"{VERSION}measures/", views.Measures.as_view(), name="plan_version_measures"),
    path(MEASURE, views.ChangeMeasure.as_view(), name="plan_measure"),
    path(f"{MEASURE}remove/", views.RemoveMeasure.as_view(), name="plan_measure_remove"),
    path(f"{VERSION}risks/", views.Risks.as_view(), name="plan_risks"),
    path(RISK, views.ChangeRisk.as_view(), name="plan_risk"),
    path(f"{RISK}remove/", views.RemoveRisk.as_view(), name="plan_risk_remove"),
    path(f"{VERSION}actions/put-back/", views.PutBackAction.as_view(), name="plan_action_put_back"),
    path(ACTION, views.ChangeAction.as_view(), name="plan_action"),
    path(f"{ACTION}remove/", views.RemoveAction.as_view(), name="plan_action_remove"),
    path(f"{ACTION}merge/", views.MergeAction.as_view(), name="plan_action_merge"),
]
