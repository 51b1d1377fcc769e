"""On how many independent sources a finding rests. Pure. Rule: section 6, point 5."""

NEEDED = 2


def independent(notes):
    """Return how many of the notes are independent of each other: different activities with different groups.

    Takes anything with `activity_id`, `source_type` and `voice`. Two notes are independent where both the activity
    and the voice differ; the answer is the size of the largest set of which every two are. A note of no activity
    counts as of one that its kind of source names: of two documents read, nobody knows that they are two.
    """
    voices_of = {}
    for note in notes:
        voices_of.setdefault(note.activity_id or note.source_type, set()).add(note.voice)
    # Activities matched with voices, each at most once: no two pairs then share either.
    heard_at = {}
    return sum(_heard(activity, voices_of, heard_at, set()) for activity in voices_of)


def _heard(activity, voices_of, heard_at, tried):
    """Give `activity` a voice of its own, moving what was given before where need be; say whether one was found."""
    for voice in voices_of[activity] - tried:
        tried.add(voice)
        if voice not in heard_at or _heard(heard_at[voice], voices_of, heard_at, tried):
            heard_at[voice] = activity
            return True
    return False


def is_triangulated(sources):
    """Say whether so many independent sources are enough."""
    return sources >= NEEDED
