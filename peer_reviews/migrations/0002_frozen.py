"""What the database itself refuses to alter: how a review went, what findings said, and what left the team."""

from django.db import migrations

from history.triggers import freeze, guard

SENT = (
    "EXISTS (SELECT 1 FROM peer_reviews_report report "
    "WHERE report.id = {row}.report_id AND report.stage <> 'draft')"
)
# Of a version that was sent: another title or digest, being a draft again.
ALTERED = (
    "OLD.stage <> 'draft' AND (NEW.stage <> OLD.stage OR NEW.title <> OLD.title OR NEW.digest <> OLD.digest "
    "OR NEW.number <> OLD.number OR NEW.sent_on <> OLD.sent_on OR NEW.review_id <> OLD.review_id)"
)


class Migration(migrations.Migration):
    dependencies = [("peer_reviews", "0001_initial")]

    operations = [
        guard("peer_reviews_stagechange"),
        guard("peer_reviews_wording"),
        guard("peer_reviews_feedbackslides"),
        freeze("peer_reviews_paragraph", SENT, verbs=("INSERT", "UPDATE", "DELETE")),
        freeze("peer_reviews_report", ALTERED, verbs=("UPDATE",)),
        freeze("peer_reviews_report", "{row}.stage <> 'draft'", verbs=("DELETE",)),
    ]
