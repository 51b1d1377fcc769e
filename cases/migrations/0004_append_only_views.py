from django.db import migrations

from history.triggers import guard


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0003_embargo_recommendations_contacts"),
        ("history", "0002_append_only"),
    ]
    operations = [guard("cases_embargoview")]
