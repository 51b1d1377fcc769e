from django.urls import path

from improvement.urls.months import PERIOD
from improvement.views import return_sheets, updates

PLAN = "plans/<slug:reference>/updates"
UPDATE = f"{PLAN}/{PERIOD}"

urlpatterns = [
    path(f"{PLAN}/", updates.PlanUpdates.as_view(), name="plan_updates"),
    path(f"{UPDATE}/", updates.UpdatePage.as_view(), name="update"),
    path(f"{UPDATE}/priorities/<int:pk>/", updates.PriorityPage.as_view(), name="update_priority"),
    path(f"{UPDATE}/actions/<int:pk>/", updates.ActionPage.as_view(), name="update_action"),
    path(f"{UPDATE}/overall/", updates.OverallPage.as_view(), name="update_overall"),
    path(f"{UPDATE}/check/", updates.CheckPage.as_view(), name="update_check"),
    path(f"{UPDATE}/correct/", updates.CorrectPage.as_view(), name="update_correct"),
    path(f"{UPDATE}/sheet.xlsx", return_sheets.sheet_out, name="update_sheet_out"),
    path(f"{UPDATE}/sheet/", return_sheets.SheetIn.as_view(), name="update_sheet"),
    path("my-actions/", updates.MyActions.as_view(), name="owned_actions"),
]
