from django.apps import AppConfig


class ImprovementConfig(AppConfig):
    name = "improvement"

    def ready(self):
        from improvement.receivers import open_on_publication
        from inspections.signals import outcomes_published

        outcomes_published.connect(open_on_publication, dispatch_uid="improvement.open_interventions")
