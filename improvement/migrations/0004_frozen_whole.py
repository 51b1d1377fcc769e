from django.db import migrations

from history.triggers import freeze, thaw

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


def of_either(when):
    """Say it of the row as it was and as it would be: none is moved out of what is frozen, and none into it."""
    return f"{when.format(row='OLD')} OR {when.format(row='NEW')}"


def refreeze(table, when):
    return [thaw(table, when, verbs=("UPDATE",)), freeze(table, of_either(when), verbs=("UPDATE",))]


class Migration(migrations.Migration):
    dependencies = [("improvement", "0003_frozen")]
    operations = [
        *(
            operation
            for table in ("plannedpriority", "plannedmeasure", "plannedaction", "risk")
            for operation in refreeze(f"improvement_{table}", SHARED)
        ),
        *(
            operation
            for table in ("priorityreport", "actionreport", "measurereport")
            for operation in refreeze(f"improvement_{table}", SUBMITTED)
        ),
        *(
            operation
            for table in ("recommendations", "measures")
            for operation in (
                freeze(f"improvement_plannedaction_{table}", OF_SHARED_ACTION, verbs=("INSERT", "DELETE")),
                freeze(f"improvement_plannedaction_{table}", of_either(OF_SHARED_ACTION), verbs=("UPDATE",)),
            )
        ),
        freeze("improvement_planversion", VERSION_CHANGED, verbs=("UPDATE",)),
        freeze("improvement_planversion", f"{{row}}.standing IN {LEFT_THE_HOUSE}", verbs=("DELETE",)),
    ]
