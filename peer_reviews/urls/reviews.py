"""The addresses of the list of reviews, and of one."""

from django.urls import path

from peer_reviews.views import reviews

urlpatterns = [
    path("reviews/", reviews.reviews, name="reviews"),
    path("reviews/<slug:reference>/", reviews.review, name="review"),
]
