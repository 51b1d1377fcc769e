from django.urls import path

from cases import views

urlpatterns = [
    path("dates/", views.due_date, name="due_date"),
    path("milestones/<int:pk>/", views.milestone, name="milestone"),
    path("milestones/<int:pk>/met/", views.Met.as_view(), name="milestone_met"),
    path("milestones/<int:pk>/move/", views.Move.as_view(), name="milestone_move"),
    path("milestones/<int:pk>/pause/", views.PauseIt.as_view(), name="milestone_pause"),
    path("milestones/<int:pk>/resume/", views.Resume.as_view(), name="milestone_resume"),
    path("milestones/<int:pk>/answer/", views.AnswerIt.as_view(), name="milestone_answer"),
    path("milestones/<int:pk>/assign/", views.Assign.as_view(), name="milestone_assign"),
    path("milestones/<int:pk>/confirm/", views.Confirm.as_view(), name="milestone_confirm"),
    path("milestones/<int:pk>/reopen/", views.Reopen.as_view(), name="milestone_reopen"),
    path("cases/<slug:reference>/to-confirm/", views.ToConfirm.as_view(), name="case_to_confirm"),
]
