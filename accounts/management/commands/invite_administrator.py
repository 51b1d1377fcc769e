"""`manage.py invite_administrator EMAIL NAME --address URL`: the first person of a new Upstream."""

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.actions import invite
from accounts.permissions import Role, Scope
from accounts.viewer import Viewer


class Command(BaseCommand):
    help = "Invite an administrator by mail; everybody else is invited from the administration pages."

    def add_arguments(self, parser):
        parser.add_argument("email")
        parser.add_argument("name")
        parser.add_argument(
            "--address", required=True, help="where Upstream is reached, as https://upstream.example.org"
        )

    def handle(self, *, email, name, address, **options):
        today = timezone.localdate()
        try:
            invite(
                email=email,
                name=name,
                grants=[{"role": Role.ADMINISTRATOR, "scope": Scope.SYSTEM}],
                address=address,
                by=Viewer.system(today),
                on=today,
            )
        except ValidationError as refusal:
            raise CommandError(" ".join(refusal.messages)) from None
        self.stdout.write("Invited. The link in the mail works for three days.")
