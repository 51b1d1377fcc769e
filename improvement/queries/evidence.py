"""Evidence as pages read it."""

from collections import defaultdict

from django.db.models import Count, Q

from improvement.models import Evidence, PlannedAction, Reply


def evidence_of(actions, viewer):
    """Return {number of the action: its Evidence that the viewer may read and nobody removed}. One query."""
    found = defaultdict(list)
    rows = (
        Evidence.objects.visible_to(viewer)
        .filter(action__in=actions, removed_on=None)
        .select_related("document", "attached_by", "update")
    )
    for one in rows:
        found[one.action_id].append(one)
    return found


def pieces_of_evidence(version, viewer):
    """Return {number of the action: how many pieces of its evidence the viewer may read} of a version. One query."""
    theirs = Evidence.objects.visible_to(viewer).filter(removed_on=None)
    of_version = theirs.filter(action__in=version.actions.values("action"))
    return dict(of_version.order_by().values_list("action").annotate(Count("pk", distinct=True)))


def latest_planned(action_id, reference, viewer):
    """Return the latest row of an action in a version that the viewer may read, or None."""
    return (
        PlannedAction.objects.visible_to(viewer)
        .filter(action=action_id, version__plan__reference=reference)
        .select_related("version__plan__council", "version__plan__case", "priority", "action")
        .order_by("-version__number")
        .first()
    )


def number_of(planned):
    """Return the number by which people know a planned action, such as "2.3". Two queries."""
    before = Q(place__lt=planned.priority.place) | Q(place=planned.priority.place, pk__lt=planned.priority_id)
    above = Q(place__lt=planned.place) | Q(place=planned.place, pk__lt=planned.pk)
    priority = planned.version.priorities.filter(before).count() + 1
    return f"{priority}.{planned.priority.actions.filter(above).count() + 1}"


def documents_of_evidence(viewer):
    """Return the numbers of the documents of evidence that the viewer may read."""
    return Evidence.objects.visible_to(viewer).filter(removed_on=None).values("document")


def documents_of_replies(viewer):
    """Return the numbers of the documents of Ofsted's and the DfE's letters that the viewer may read."""
    return Reply.objects.visible_to(viewer).exclude(document=None).values("document")
