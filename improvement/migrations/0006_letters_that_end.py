import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0006_documents_and_plans"),
        ("improvement", "0005_update_days"),
    ]

    operations = [
        migrations.AddField(
            model_name="appointment",
            name="end_source",
            field=models.ForeignKey(
                blank=True,
                help_text="The letter that ends it.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="cases.source",
            ),
        ),
        migrations.AddField(
            model_name="commissionerreport",
            name="milestone",
            field=models.ForeignKey(
                blank=True,
                help_text="The date by which it is awaited.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="cases.milestone",
            ),
        ),
        migrations.AddField(
            model_name="instrument",
            name="end_source",
            field=models.ForeignKey(
                blank=True,
                help_text="The letter that lifts it.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="cases.source",
            ),
        ),
    ]
