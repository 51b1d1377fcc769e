from django.db import migrations

from history.triggers import guard


class Migration(migrations.Migration):
    dependencies = [("cases", "0001_initial"), ("history", "0002_append_only")]
    operations = [guard("cases_datechange"), guard("cases_answer")]
