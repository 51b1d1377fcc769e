"""What the API tells of improvement, and does."""
