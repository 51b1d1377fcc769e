from django.urls import path

from improvement.views import releases
from improvement.views import way_out as views

VERSION = "plans/<slug:reference>/versions/<int:number>"

urlpatterns = [
    path("plans/", releases.plans, name="plans"),
    path("plans/<slug:reference>/releases/", releases.Releases.as_view(), name="plan_releases"),
    path(
        "plans/<slug:reference>/releases/<int:pk>/withdraw/",
        releases.WithdrawRelease.as_view(),
        name="plan_release_withdraw",
    ),
    path(f"{VERSION}/approval/", views.Approval.as_view(), name="plan_approval"),
    path(f"{VERSION}/approval/route/", views.Route.as_view(), name="plan_route"),
    path(f"{VERSION}/approval/steps/<int:pk>/", views.StepDone.as_view(), name="plan_step"),
    path(f"{VERSION}/approval/ask/", views.SendForApproval.as_view(), name="plan_for_approval"),
    path(f"{VERSION}/approval/back/", views.SendBack.as_view(), name="plan_send_back"),
    path(f"{VERSION}/approval/approve/", views.Approve.as_view(), name="plan_approve"),
    path(f"{VERSION}/share/", views.Share.as_view(), name="plan_share"),
    path(f"{VERSION}/send/", views.Send.as_view(), name="plan_send"),
    path(f"{VERSION}/letters/", views.Letters.as_view(), name="plan_letter"),
    path(f"{VERSION}/letters/add/", views.AddLetter.as_view(), name="plan_letter_add"),
    path(f"{VERSION}/comments/", views.Comments.as_view(), name="plan_comments"),
    path(f"{VERSION}/comments/ready/", views.SayReady.as_view(), name="plan_ready"),
    path(f"{VERSION}/comments/<int:pk>/answer/", views.AnswerComment.as_view(), name="plan_comment_answer"),
    path(f"{VERSION}/comments/<int:pk>/settle/", views.SettleComment.as_view(), name="plan_comment_settle"),
    path("snapshots/<slug:reference>/", views.ShowSnapshot.as_view(), name="snapshot"),
    path("snapshots/<slug:reference>.json", views.snapshot_file, name="snapshot_file"),
]
