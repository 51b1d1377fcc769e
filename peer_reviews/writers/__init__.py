"""What leaves the team as a file: Word and PowerPoint to edit, PDF to send, from plain content.

A report's content is {"title", "council", "kind", "date", "language", "paragraphs": [{"kind", "text"}]}; that of
slides {"title", "council", "date", "language", "slides": [{"title", "bullets": [{"kind", "text"}]}]}; an
agreement's is `queries.report_content.agreement_content`. `template`: an open .docx or .pptx of the LGA's, or None.
"""

from peer_reviews.writers.pdf import agreement_pdf, report_pdf
from peer_reviews.writers.slides import slides_pptx
from peer_reviews.writers.word import agreement_docx, agreement_template, report_docx, report_template

__all__ = [
    "agreement_docx",
    "agreement_pdf",
    "agreement_template",
    "report_docx",
    "report_pdf",
    "report_template",
    "slides_pptx",
]
