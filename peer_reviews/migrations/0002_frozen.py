"""What the database itself refuses to alter: how a review went, what findings said, and what left the team."""

from django.db import migrations

from history.triggers import freeze, guard

SENT = (
    "EXISTS (SELECT 1 FROM peer_reviews_report report "
    "WHERE report.id = {row}.report_id AND report.stage <> 'draft')"
)


class Migration(migrations.Migration):
    dependencies = [("peer_reviews", "0001_initial")]

    operations = [
        guard("peer_reviews_stagechange"),
        guard("peer_reviews_wording"),
        guard("peer_reviews_feedbackslides"),
        freeze("peer_reviews_paragraph", SENT, verbs=("INSERT", "UPDATE", "DELETE")),
    ]
