from django.urls import path

from improvement.views import boards as views

BOARD = "plans/<slug:reference>/board/"

urlpatterns = [
    path(BOARD, views.PlanBoard.as_view(), name="plan_board"),
    path(f"{BOARD}keep/", views.KeepBoard.as_view(), name="board_keep"),
    path(f"{BOARD}members/add/", views.AddMember.as_view(), name="board_member_add"),
    path(f"{BOARD}members/<int:pk>/end/", views.EndMember.as_view(), name="board_member_end"),
    path(f"{BOARD}meetings/add/", views.AddMeetings.as_view(), name="board_meetings_add"),
    path(f"{BOARD}meetings/<int:pk>/", views.Meeting.as_view(), name="board_meeting"),
    path(f"{BOARD}meetings/<int:pk>/change/", views.ChangeMeeting.as_view(), name="board_meeting_change"),
    path(f"{BOARD}meetings/<int:pk>/record/", views.RecordMeeting.as_view(), name="board_meeting_record"),
    path(f"{BOARD}meetings/<int:pk>/decisions/add/", views.AddDecision.as_view(), name="board_decision_add"),
    path(
        f"{BOARD}challenges/<int:pk>/answer/", views.AnswerChallenge.as_view(), name="board_challenge_answer"
    ),
    path(f"{BOARD}sign-off/", views.SignOffs.as_view(), name="board_sign_offs"),
    path(f"{BOARD}sign-off/<int:pk>/", views.SignOffAction.as_view(), name="board_sign_off"),
]
