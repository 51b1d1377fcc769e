"""Every write of this room: imports, and the inspections rebuilt from the rows they bring."""

from inspections.actions.importing import ImportResult, Line, import_ofsted, keep_rows
from inspections.actions.rebuilding import Rebuilt, forms_in_use, rebuild_inspections

__all__ = [
    "ImportResult",
    "Line",
    "Rebuilt",
    "forms_in_use",
    "import_ofsted",
    "keep_rows",
    "rebuild_inspections",
]
