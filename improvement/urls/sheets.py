from django.urls import path

from improvement.views import sheets as views

VERSION = "plans/<slug:reference>/versions/<int:number>/"

urlpatterns = [
    path("plans/empty.xlsx", views.empty_sheet, name="plan_sheet_empty"),
    path(f"{VERSION}sheet/", views.PlanSheet.as_view(), name="plan_sheet"),
    path(f"{VERSION}plan.xlsx", views.plan_sheet_out, name="plan_sheet_out"),
]
