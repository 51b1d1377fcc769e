from django.apps import AppConfig


class PeerReviewsConfig(AppConfig):
    name = "peer_reviews"

    def ready(self):
        from cases.models.documents import readable_through
        from peer_reviews.queries.room import documents_of_rooms

        readable_through("review-room", documents_of_rooms)
