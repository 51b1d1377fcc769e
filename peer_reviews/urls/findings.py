from django.urls import path

from peer_reviews.views import findings

OF_REVIEW = "reviews/<slug:reference>/"
FINDINGS = f"{OF_REVIEW}findings/"
FINDING = f"{FINDINGS}<int:pk>/"

urlpatterns = [
    path(FINDINGS, findings.Findings.as_view(), name="findings"),
    path(f"{FINDINGS}add/", findings.AddFinding.as_view(), name="finding_add"),
    path(FINDING, findings.FindingPage.as_view(), name="finding"),
    path(f"{FINDING}change/", findings.ChangeFinding.as_view(), name="finding_change"),
    path(f"{FINDING}notes/", findings.GatherNotes.as_view(), name="finding_gather"),
    path(f"{FINDING}agree/", findings.AgreeWording.as_view(), name="finding_agree"),
    path(f"{FINDING}dissent/", findings.AddDissent.as_view(), name="finding_dissent"),
    path(
        f"{FINDING}dissent/<int:dissent>/withdraw/",
        findings.WithdrawDissent.as_view(),
        name="finding_dissent_withdraw",
    ),
    path(f"{FINDING}drop/", findings.DropFinding.as_view(), name="finding_drop"),
    path(f"{FINDING}take-up/", findings.TakeUpAgain.as_view(), name="finding_take_up"),
    path(f"{FINDING}risk/", findings.MarkRisk.as_view(), name="finding_risk"),
    path(f"{FINDING}move/", findings.move, name="finding_move"),
    path(f"{FINDING}history/", findings.History.as_view(), name="finding_history"),
    path(f"{OF_REVIEW}pre-brief/", findings.RecordPreBrief.as_view(), name="pre_brief"),
]
