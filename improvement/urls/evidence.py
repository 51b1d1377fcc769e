from django.urls import path

from improvement.views import evidence as views

urlpatterns = [
    path(
        "plans/<slug:reference>/actions/<int:pk>/evidence/",
        views.ActionEvidence.as_view(),
        name="action_evidence",
    ),
    path(
        "plans/<slug:reference>/actions/<int:pk>/evidence/<int:evidence>/remove/",
        views.RemoveEvidence.as_view(),
        name="evidence_remove",
    ),
]
