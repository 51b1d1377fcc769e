"""The addresses of approaches, offers, the scope, and how a review goes on."""

from django.urls import path

from peer_reviews.views import approaches, moving, offers, scope

REVIEW = "reviews/<slug:reference>/"

urlpatterns = [
    path("approaches/", approaches.approaches, name="approaches"),
    path("approaches/<int:pk>/change/", approaches.ChangeApproach.as_view(), name="approach_change"),
    path("approaches/<int:pk>/delete/", approaches.DeleteApproach.as_view(), name="approach_delete"),
    path("councils/<slug:slug>/approaches/log/", approaches.LogApproach.as_view(), name="approach_log"),
    path("councils/<slug:slug>/reviews/offer/", offers.MakeOffer.as_view(), name="offer_make"),
    path(f"{REVIEW}answer/", offers.AnswerOffer.as_view(), name="offer_answer"),
    path(f"{REVIEW}endorse/", offers.EndorseReview.as_view(), name="review_endorse"),
    path(f"{REVIEW}organiser/", offers.NameOrganiser.as_view(), name="review_organiser"),
    path(f"{REVIEW}subsidy/", offers.SetSubsidy.as_view(), name="review_subsidy"),
    path(f"{REVIEW}agreement/", offers.agreement, name="agreement"),
    path(f"{REVIEW}scope/", scope.WriteScope.as_view(), name="review_scope"),
    path(f"{REVIEW}scope/agree/", scope.AgreeScope.as_view(), name="scope_agree"),
    path(f"{REVIEW}days/", moving.SetDays.as_view(), name="review_days"),
    path(f"{REVIEW}go-on/", moving.GoOn.as_view(), name="review_go_on"),
    path(f"{REVIEW}postpone/", moving.Postpone.as_view(), name="review_postpone"),
    path(f"{REVIEW}resume/", moving.Resume.as_view(), name="review_resume"),
    path(f"{REVIEW}cancel/", moving.Cancel.as_view(), name="review_cancel"),
    path(f"{REVIEW}ofsted-call/", moving.RecordCall.as_view(), name="ofsted_call"),
]
