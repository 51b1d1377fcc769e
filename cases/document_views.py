"""Giving out a document to whoever may read what it is attached to."""

from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from cases.models import Document


@require_safe
def document(request, pk):
    """Send the file, never shown within a page of ours; a link leads where it points.

    404 for whoever may not read it; 409, in words, while it waits for its scan or where something was found in it.
    """
    document = get_object_or_404(Document.objects.visible_to(request.viewer), pk=pk)
    if document.url:
        return redirect(document.url)
    if not document.may_be_downloaded:
        return render(request, "cases/document_closed.html", {"document": document}, status=409)
    try:
        file = document.upload.open("rb")
    except FileNotFoundError:
        raise Http404 from None
    response = FileResponse(
        file, as_attachment=True, filename=document.name, content_type=document.content_type
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cache-Control"] = "private, no-store"
    return response
