from django.db import migrations

from history.triggers import freeze, guard

LEFT_THE_HOUSE = "('shared', 'sent', 'accepted', 'returned')"
SHARED = f"{{row}}.version_id IN (SELECT id FROM improvement_planversion WHERE standing IN {LEFT_THE_HOUSE})"
SUBMITTED = "{row}.update_id IN (SELECT id FROM improvement_update WHERE standing = 'submitted')"
OF_SHARED_ACTION = (
    "{row}.plannedaction_id IN (SELECT a.id FROM improvement_plannedaction a JOIN improvement_planversion v "
    f"ON v.id = a.version_id WHERE v.standing IN {LEFT_THE_HOUSE})"
)
# What a version says of itself. Its standing may change, but never back to one in which it can be edited.
VERSION_CHANGED = (
    f"OLD.standing IN {LEFT_THE_HOUSE} AND ("
    f"NEW.standing NOT IN {LEFT_THE_HOUSE} OR NEW.plan_id <> OLD.plan_id OR NEW.number <> OLD.number "
    "OR NEW.introduction <> OLD.introduction OR NEW.change_note <> OLD.change_note "
    "OR NEW.begun_on <> OLD.begun_on OR NEW.approved_on <> OLD.approved_on)"
)
FROZEN = {
    "plannedpriority": SHARED,
    "plannedmeasure": SHARED,
    "plannedaction": SHARED,
    "risk": SHARED,
    "plannedaction_recommendations": OF_SHARED_ACTION,
    "plannedaction_measures": OF_SHARED_ACTION,
    "priorityreport": SUBMITTED,
    "actionreport": SUBMITTED,
    "measurereport": SUBMITTED,
}


def of_either(when):
    """Say it of the row as it was and as it would be: none is moved out of what is frozen, and none into it."""
    return f"{when.format(row='OLD')} OR {when.format(row='NEW')}"


class Migration(migrations.Migration):
    dependencies = [
        ("improvement", "0002_plans_and_updates"),
        ("history", "0002_append_only"),
    ]
    operations = [
        *(guard(f"improvement_{table}") for table in ("snapshot", "handover", "reading", "signoff")),
        freeze("improvement_update", "{row}.standing = 'submitted'"),
        *(freeze(f"improvement_{table}", when, verbs=("INSERT", "DELETE")) for table, when in FROZEN.items()),
        *(
            freeze(f"improvement_{table}", of_either(when), verbs=("UPDATE",))
            for table, when in FROZEN.items()
        ),
        freeze("improvement_planversion", VERSION_CHANGED, verbs=("UPDATE",)),
        freeze("improvement_planversion", f"{{row}}.standing IN {LEFT_THE_HOUSE}", verbs=("DELETE",)),
    ]
