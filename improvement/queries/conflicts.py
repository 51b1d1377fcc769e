"""Whom the DfE appointed to councils, as what keeps them from a peer review there."""

from cases.conflicts import Appointed
from improvement.models import Appointment


def appointed_by_dfe(councils):
    """Return an `Appointed` for each commissioner and DfE adviser ever recorded at the councils. One query."""
    found = Appointment.objects.filter(council__in=councils, role__in=Appointment.BY_DFE)
    roles = dict(Appointment.Role.choices)
    return [
        Appointed(council_id, roles[role], person_id, name)
        for council_id, role, person_id, name in found.values_list("council", "role", "person", "name")
    ]
