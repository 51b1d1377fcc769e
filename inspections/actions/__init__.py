"""Every write of this room: imports, and the inspections rebuilt from the rows they bring."""

from inspections.actions.entering import (
    change_inspection,
    confirm_publication,
    enter_inspection,
    withdraw_inspection,
)
from inspections.actions.importing import ImportResult, Line, import_ofsted, keep_rows
from inspections.actions.rebuilding import Rebuilt, forms_in_use, rebuild_inspections
from inspections.actions.runs import (
    cancel_import,
    carry_on,
    carry_on_all,
    confirm_import,
    preview_import,
    start_import,
)

__all__ = [
    "ImportResult",
    "Line",
    "Rebuilt",
    "cancel_import",
    "carry_on",
    "carry_on_all",
    "change_inspection",
    "confirm_import",
    "confirm_publication",
    "enter_inspection",
    "forms_in_use",
    "import_ofsted",
    "keep_rows",
    "preview_import",
    "rebuild_inspections",
    "start_import",
    "withdraw_inspection",
]
