from django.db import migrations

from history.triggers import guard


class Migration(migrations.Migration):
    dependencies = [("history", "0001_initial")]
    operations = [guard("history_event")]
