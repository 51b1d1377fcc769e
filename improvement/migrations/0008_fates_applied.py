from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("improvement", "0007_advice_rules"),
    ]

    operations = [
        migrations.AddField(
            model_name="succeeding",
            name="applied_on",
            field=models.DateField(
                blank=True, help_text="The day it was done: once the council has ended.", null=True
            ),
        ),
        migrations.AlterField(
            model_name="trigger",
            name="kind",
            field=models.CharField(
                choices=[
                    ("judgement", "An inadequate judgement"),
                    ("visit", "A focused visit"),
                    ("jtai", "A joint targeted area inspection"),
                    ("court", "A court judgment"),
                    ("notice", "A notice or direction"),
                    ("succession", "A council that ended"),
                ],
                db_default="judgement",
                default="judgement",
                max_length=12,
            ),
        ),
    ]
