from django.apps import AppConfig


class ImprovementConfig(AppConfig):
    name = "improvement"

    def ready(self):
        from cases.conflicts import appointed_through
        from cases.models.documents import readable_through
        from improvement.queries.conflicts import appointed_by_dfe
        from improvement.queries.evidence import documents_of_evidence, documents_of_replies
        from improvement.receivers import open_on_publication
        from inspections.signals import outcomes_published

        outcomes_published.connect(open_on_publication, dispatch_uid="improvement.open_interventions")
        appointed_through("the DfE's appointments", appointed_by_dfe)
        readable_through("evidence", documents_of_evidence)
        readable_through("replies", documents_of_replies)
