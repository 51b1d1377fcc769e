"""The addresses of a team's evidence notes."""

from django.urls import path

from peer_reviews.views import device
from peer_reviews.views import notes as views
from peer_reviews.views import notes_sent as sent

NOTES = "reviews/<slug:reference>/notes/"

urlpatterns = [
    path("reviews/notes-on-this-device/", device.notes_device, name="notes_device"),
    path("reviews/notes-worker.js", device.notes_worker, name="notes_worker"),
    path(NOTES, views.notes, name="notes"),
    path(f"{NOTES}add/", views.AddNote.as_view(), name="note_add"),
    path(f"{NOTES}merge/", views.MergeNotes.as_view(), name="notes_merge"),
    path(f"{NOTES}lock/", views.SetLock.as_view(), name="notes_lock"),
    path(f"{NOTES}send/", sent.notes_send, name="notes_send"),
    path(f"{NOTES}new/", sent.notes_new, name="notes_new"),
    path(f"{NOTES}setup/", sent.notes_setup, name="notes_setup"),
    path(f"{NOTES}<int:pk>/", views.ReadNote.as_view(), name="note"),
    path(f"{NOTES}<int:pk>/change/", views.ChangeNote.as_view(), name="note_change"),
    path(f"{NOTES}<int:pk>/share/", views.ShareNote.as_view(), name="note_share"),
    path(f"{NOTES}<int:pk>/delete/", views.DeleteNote.as_view(), name="note_delete"),
    path(f"{NOTES}<int:pk>/undo-merge/", views.UndoMerge.as_view(), name="note_undo_merge"),
    path("reviews/<slug:reference>/needed/", views.notes_needed, name="notes_needed"),
]
