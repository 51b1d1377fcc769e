"""`manage.py demonstration_signins`: print who can sign in to the demonstration, and how."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts.demonstration import sign_in_table


class Command(BaseCommand):
    help = "Print the demonstration's sign-ins: role, e-mail address and password."

    def handle(self, *args, **options):
        if not settings.DEMONSTRATION:
            raise CommandError("There are no demonstration sign-ins: this is not demonstration mode.")
        for line in sign_in_table():
            self.stdout.write(line)
