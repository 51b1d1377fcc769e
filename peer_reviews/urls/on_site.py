"""The addresses before and on site: documents, requests, the timetable, the daily word, audits and worries."""

from django.urls import path

from peer_reviews.views import daily, room, timetable

REVIEW = "reviews/<slug:reference>/"
TIMETABLE = f"{REVIEW}timetable/"

urlpatterns = [
    path(f"{REVIEW}room/", room.room, name="room"),
    path(f"{REVIEW}room/add/", room.AddToRoom.as_view(), name="room_add"),
    path(f"{REVIEW}room/<int:pk>/remove/", room.RemoveFromRoom.as_view(), name="room_remove"),
    path(f"{REVIEW}requests/", room.requests, name="requests"),
    path(f"{REVIEW}requests/ask/", room.MakeRequest.as_view(), name="request_make"),
    path(f"{REVIEW}requests/<int:pk>/answer/", room.AnswerRequest.as_view(), name="request_answer"),
    path(f"{REVIEW}requests/<int:pk>/withdraw/", room.WithdrawRequest.as_view(), name="request_withdraw"),
    path(TIMETABLE, timetable.timetable, name="timetable"),
    path(f"{TIMETABLE}print/", timetable.timetable_print, name="timetable_print"),
    path(f"{TIMETABLE}calendar/", timetable.peer_feed_make, name="peer_feed_make"),
    path(f"{TIMETABLE}add/", timetable.AddActivity.as_view(), name="activity_add"),
    path(f"{TIMETABLE}<int:pk>/change/", timetable.ChangeActivity.as_view(), name="activity_change"),
    path(f"{TIMETABLE}<int:pk>/move/", timetable.MoveActivity.as_view(), name="activity_move"),
    path(f"{TIMETABLE}<int:pk>/held/", timetable.SayIfHeld.as_view(), name="activity_held"),
    path(f"{TIMETABLE}<int:pk>/remove/", timetable.RemoveActivity.as_view(), name="activity_remove"),
    path("feeds/reviews/<str:secret>.ics", timetable.peer_feed, name="peer_feed"),
    path(f"{REVIEW}keep-in-touch/", daily.keep_in_touch, name="keep_in_touch"),
    path(f"{REVIEW}keep-in-touch/add/", daily.RecordWord.as_view(), name="keep_in_touch_add"),
    path(f"{REVIEW}keep-in-touch/<int:pk>/change/", daily.ChangeWord.as_view(), name="keep_in_touch_change"),
    path(f"{REVIEW}audits/", daily.audits, name="audits"),
    path(f"{REVIEW}audits/add/", daily.RecordAudit.as_view(), name="audit_add"),
    path(f"{REVIEW}audits/<int:pk>/change/", daily.ChangeAudit.as_view(), name="audit_change"),
    path(f"{REVIEW}audits/<int:pk>/remove/", daily.RemoveAudit.as_view(), name="audit_remove"),
    path(f"{REVIEW}worried/", daily.Worried.as_view(), name="worry"),
    path(
        f"{REVIEW}worried/<int:pk>/acknowledged/",
        daily.WorryAcknowledged.as_view(),
        name="worry_acknowledged",
    ),
]
