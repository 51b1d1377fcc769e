from django.urls import path

from improvement.views import recording as views

CASE = "interventions/<slug:reference>/"

urlpatterns = [
    path("councils/<slug:slug>/interventions/open/", views.Open.as_view(), name="intervention_open"),
    path(
        "councils/<slug:slug>/interventions/record/",
        views.WhereToRecord.as_view(),
        name="intervention_record",
    ),
    path(CASE, views.intervention, name="intervention"),
    path(f"{CASE}triggers/record/", views.RecordTrigger.as_view(), name="trigger_record"),
    path(f"{CASE}instruments/record/", views.RecordInstrument.as_view(), name="instrument_record"),
    path(f"{CASE}instruments/<int:pk>/lift/", views.LiftInstrument.as_view(), name="instrument_lift"),
    path(
        f"{CASE}instruments/<int:pk>/correct/", views.CorrectInstrument.as_view(), name="instrument_correct"
    ),
    path(f"{CASE}instruments/<int:pk>/clauses/", views.RecordClauses.as_view(), name="clauses_record"),
    path(f"{CASE}clauses/<int:pk>/change/", views.ChangeClause.as_view(), name="clause_change"),
    path(f"{CASE}appointments/record/", views.RecordAppointment.as_view(), name="appointment_record"),
    path(f"{CASE}appointments/<int:pk>/end/", views.EndAppointment.as_view(), name="appointment_end"),
    path(
        f"{CASE}appointments/<int:pk>/correct/",
        views.CorrectAppointment.as_view(),
        name="appointment_correct",
    ),
    path(f"{CASE}appointments/<int:pk>/reports/record/", views.RecordReport.as_view(), name="report_record"),
    path(f"{CASE}reports/<int:pk>/change/", views.ChangeReport.as_view(), name="report_change"),
    path(f"{CASE}reviews/record/", views.RecordReview.as_view(), name="review_record"),
    path(f"{CASE}decisions/record/", views.RecordDecision.as_view(), name="decision_record"),
    path(f"{CASE}decisions/<int:pk>/correct/", views.CorrectDecision.as_view(), name="decision_correct"),
    path(f"{CASE}arrangements/record/", views.RecordArrangement.as_view(), name="arrangement_record"),
    path(f"{CASE}arrangements/<int:pk>/end/", views.EndArrangement.as_view(), name="arrangement_end"),
]
