"""Facts that rooms above may act on. Sent inside the transaction, by `send`: an error rolls it back."""

from django.dispatch import Signal

# Arguments: councils (set of council ids), by (Viewer), on (date). A receiver may return a sentence on what it did,
# which whoever imports gets to read.
outcomes_published = Signal()
