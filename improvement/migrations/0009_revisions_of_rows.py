from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("improvement", "0008_fates_applied"),
    ]

    operations = [
        migrations.AddField(
            model_name="appointment",
            name="revision",
            field=models.PositiveIntegerField(db_default=1, default=1),
        ),
        migrations.AddField(
            model_name="decision",
            name="revision",
            field=models.PositiveIntegerField(db_default=1, default=1),
        ),
        migrations.AddField(
            model_name="instrument",
            name="revision",
            field=models.PositiveIntegerField(db_default=1, default=1),
        ),
    ]
