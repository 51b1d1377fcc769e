"""The addresses of what a review gives out: slides, report, agreement, follow-up and feedback; and of templates."""

from django.urls import path

from peer_reviews.views import after_review, report_files, reports

REVIEW = "reviews/<slug:reference>/"
REPORT = f"{REVIEW}report/"
TEMPLATES = "report-templates/"

urlpatterns = [
    path(f"{REVIEW}slides/", after_review.Slides.as_view(), name="slides"),
    path(f"{REVIEW}slides/pptx/", report_files.slides_pptx, name="slides_pptx"),
    path(f"{REVIEW}agreement/docx/", report_files.agreement_docx, name="agreement_docx"),
    path(f"{REVIEW}agreement/pdf/", report_files.agreement_pdf, name="agreement_pdf"),
    path(REPORT, reports.ReportPage.as_view(), name="report"),
    path(f"{REPORT}begin/", reports.BeginReport.as_view(), name="report_begin"),
    path(f"{REPORT}title/", reports.ChangeTitle.as_view(), name="report_title"),
    path(f"{REPORT}send/", reports.SendReport.as_view(), name="report_send"),
    path(f"{REPORT}final/", reports.MakeFinal.as_view(), name="report_final"),
    path(f"{REPORT}publish/", reports.Publish.as_view(), name="publish"),
    path(f"{REPORT}paragraphs/add/", reports.AddParagraph.as_view(), name="paragraph_add"),
    path(f"{REPORT}paragraphs/<uuid:paragraph>/", reports.ChangeParagraph.as_view(), name="paragraph_change"),
    path(
        f"{REPORT}paragraphs/<uuid:paragraph>/move/", reports.MoveParagraph.as_view(), name="paragraph_move"
    ),
    path(
        f"{REPORT}paragraphs/<uuid:paragraph>/remove/",
        reports.RemoveParagraph.as_view(),
        name="paragraph_remove",
    ),
    path(f"{REPORT}paragraphs/<uuid:paragraph>/comment/", reports.Comment.as_view(), name="factual_comment"),
    path(
        f"{REPORT}comments/<int:pk>/change/", reports.ChangeComment.as_view(), name="factual_comment_change"
    ),
    path(f"{REPORT}comments/<int:pk>/answer/", reports.AnswerComment.as_view(), name="factual_answer"),
    path(f"{REPORT}comments/close/", reports.CloseComments.as_view(), name="factual_close"),
    path(f"{REPORT}<int:number>/changes/", reports.Compare.as_view(), name="report_changes"),
    path(f"{REPORT}<int:number>/docx/", report_files.report_docx, name="report_docx"),
    path(f"{REPORT}<int:number>/pdf/", report_files.report_pdf, name="report_pdf"),
    path(f"{REVIEW}follow-up/", after_review.FollowUp.as_view(), name="follow_up"),
    path(f"{REVIEW}follow-up/held/", after_review.HoldFollowUp.as_view(), name="follow_up_held"),
    path(
        f"{REVIEW}follow-up/<int:number>/", after_review.RecordProgress.as_view(), name="follow_up_progress"
    ),
    path(f"{REVIEW}feedback/", after_review.ReviewFeedbackPage.as_view(), name="review_feedback"),
    path(TEMPLATES, after_review.Templates.as_view(), name="report_templates"),
    path(f"{TEMPLATES}add/", after_review.AddTemplate.as_view(), name="report_templates_add"),
    path(f"{TEMPLATES}own/<slug:use>/", after_review.own_template, name="report_templates_own"),
    path(f"{TEMPLATES}<int:pk>/", after_review.template_file, name="report_templates_file"),
    path(f"{TEMPLATES}<int:pk>/end/", after_review.EndTemplate.as_view(), name="report_templates_end"),
]
