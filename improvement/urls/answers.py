from django.urls import path

from improvement.urls.months import PERIOD
from improvement.views import answers, highlights

PLAN = "plans/<slug:reference>"
UPDATE = f"{PLAN}/updates/{PERIOD}"

urlpatterns = [
    path(f"{UPDATE}/answer/", answers.UpdateAnswer.as_view(), name="update_answer"),
    path(
        f"{UPDATE}/answer/priorities/<int:pk>/", answers.GiveStatus.as_view(), name="update_answer_priority"
    ),
    path(f"{UPDATE}/answer/ask/", answers.AskQuestion.as_view(), name="update_ask"),
    path(f"{PLAN}/questions/<int:pk>/", answers.AnswerQuestion.as_view(), name="update_question"),
    path(f"{PLAN}/views/", answers.PlanViews.as_view(), name="plan_views"),
    path(f"{UPDATE}/report/", highlights.HighlightReport.as_view(), name="highlight_report"),
    path(f"{UPDATE}/report.pdf", highlights.HighlightPdf.as_view(), name="highlight_pdf"),
]
