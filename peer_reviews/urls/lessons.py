from django.urls import path

from peer_reviews.views import lessons

LESSON = "lessons/<int:pk>/"

urlpatterns = [
    path("lessons/", lessons.Lessons.as_view(), name="lessons"),
    path("lessons/write/", lessons.WriteLesson.as_view(), name="lesson_write"),
    path(LESSON, lessons.LessonPage.as_view(), name="lesson"),
    path(f"{LESSON}change/", lessons.ChangeLesson.as_view(), name="lesson_change"),
    path(f"{LESSON}send/", lessons.SendLesson.as_view(), name="lesson_anonymised"),
    path(f"{LESSON}answer/", lessons.AnswerLesson.as_view(), name="lesson_answer"),
    path(f"{LESSON}withdraw/", lessons.WithdrawLesson.as_view(), name="lesson_withdraw"),
]
