"""What the API tells of cases, and what may be changed through it: the pages' own rows and actions."""

from cases.api import contacts, flags, milestones, recommendations, sources

__all__ = ["contacts", "flags", "milestones", "recommendations", "sources"]
