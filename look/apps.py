from django.apps import AppConfig


class LookConfig(AppConfig):
    """How things are shown: the form renderer, the date field, the tags for grades. Knows no other room."""

    name = "look"
    verbose_name = "Look"
