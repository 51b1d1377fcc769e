"""On PostgreSQL, the index by which lessons are searched."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector
from django.db import migrations

NAME = "lesson_words"


def _index():
    title = SearchVector("title", weight="A", config="english")
    text = SearchVector("text", weight="B", config="english")
    return GinIndex(title + text, name=NAME)


def make_index(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.add_index(apps.get_model("peer_reviews", "Lesson"), _index())


def drop_index(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.remove_index(apps.get_model("peer_reviews", "Lesson"), _index())


class Migration(migrations.Migration):
    dependencies = [("peer_reviews", "0002_frozen")]

    operations = [migrations.RunPython(make_index, drop_index)]
