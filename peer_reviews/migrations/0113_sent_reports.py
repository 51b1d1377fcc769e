"""What the database refuses of a version that was sent: another title or digest, being a draft again, going away."""

from django.db import migrations

from history.triggers import freeze

ALTERED = (
    "OLD.stage <> 'draft' AND (NEW.stage <> OLD.stage OR NEW.title <> OLD.title OR NEW.digest <> OLD.digest "
    "OR NEW.number <> OLD.number OR NEW.sent_on <> OLD.sent_on OR NEW.review_id <> OLD.review_id)"
)


class Migration(migrations.Migration):
    dependencies = [("peer_reviews", "0112_team_guard")]

    operations = [
        freeze("peer_reviews_report", ALTERED, verbs=("UPDATE",)),
        freeze("peer_reviews_report", "{row}.stage <> 'draft'", verbs=("DELETE",)),
    ]
