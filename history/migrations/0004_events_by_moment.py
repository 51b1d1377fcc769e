from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("history", "0003_event_source")]

    operations = [
        # An index alone: the table is not remade, so SQLite keeps its append-only triggers.
        migrations.AddIndex(
            model_name="event",
            index=models.Index(fields=["at"], name="history_eve_at_393582_idx"),
        ),
    ]
