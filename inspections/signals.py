"""Facts that rooms above may act on. Sent inside the transaction, by `send`: an error rolls it back."""

from django.dispatch import Signal

# Arguments: councils (set of council ids), by (Viewer), on (date).
outcomes_published = Signal()
