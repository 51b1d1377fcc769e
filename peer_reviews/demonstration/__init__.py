"""Invented peers and invented reviews of the demonstration's councils, told by the real actions around a day."""

from peer_reviews.demonstration.pool import load_pool
from peer_reviews.demonstration.reviews import load_reviews

__all__ = ["load_pool", "load_reviews"]
