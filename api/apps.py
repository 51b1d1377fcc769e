from django.apps import AppConfig


class ApiConfig(AppConfig):
    """What every answer of the API shares: who asks, problems, versions, repeated posts, pages, CSV."""

    name = "api"
    verbose_name = "API"
