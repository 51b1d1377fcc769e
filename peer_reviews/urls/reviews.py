"""The addresses of the list of reviews, and of one."""

from django.urls import path

from peer_reviews.views import lists, reviews

urlpatterns = [
    path("reviews/", lists.reviews, name="reviews"),
    path("reviews/calendar/", lists.calendar, name="reviews_calendar"),
    path("reviews/due/", lists.due, name="reviews_due"),
    path("reviews/past/", lists.PastReview.as_view(), name="review_past"),
    path("reviews/<slug:reference>/", reviews.review, name="review"),
]
