from django.db import migrations

from history.triggers import freeze, guard

SUBMITTED = "{{row}}.update_id IN (SELECT id FROM improvement_update WHERE standing = 'submitted')"
LEFT_THE_HOUSE = "('shared', 'sent', 'accepted', 'returned')"
SHARED = (
    f"{{{{row}}}}.version_id IN (SELECT id FROM improvement_planversion WHERE standing IN {LEFT_THE_HOUSE})"
)
ALL = ("INSERT", "UPDATE", "DELETE")


class Migration(migrations.Migration):
    dependencies = [
        ("improvement", "0002_plans_and_updates"),
        ("history", "0002_append_only"),
    ]
    operations = [
        guard("improvement_snapshot"),
        guard("improvement_handover"),
        guard("improvement_reading"),
        guard("improvement_signoff"),
        freeze("improvement_update", "{row}.standing = 'submitted'"),
        *(
            freeze(f"improvement_{table}", SUBMITTED.format(), verbs=ALL)
            for table in ("priorityreport", "actionreport", "measurereport")
        ),
        *(
            freeze(f"improvement_{table}", SHARED.format(), verbs=ALL)
            for table in ("plannedpriority", "plannedmeasure", "plannedaction", "risk")
        ),
    ]
