"""allauth's forms in our words, and the form of a token."""

from allauth.account import forms as theirs
from django import forms

LABELS = {
    "login": "E-mail address",
    "email": "E-mail address",
    "oldpassword": "Current password",
    "password1": "New password",
    "password2": "New password, again",
}
REQUIRED = {
    "login": "Enter your e-mail address",
    "email": "Enter your e-mail address",
    "password": "Enter your password",
    "oldpassword": "Enter your current password",
    "password1": "Enter a new password",
    "password2": "Enter the new password again",
}


class _InOurWords:
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name, label in LABELS.items():
            if name in self.fields:
                self.fields[name].label = label
        for name, message in REQUIRED.items():
            if name in self.fields:
                self.fields[name].error_messages["required"] = message


class LoginForm(_InOurWords, theirs.LoginForm):
    pass


class ChangePasswordForm(_InOurWords, theirs.ChangePasswordForm):
    pass


class ResetPasswordForm(_InOurWords, theirs.ResetPasswordForm):
    pass


class ResetPasswordKeyForm(_InOurWords, theirs.ResetPasswordKeyForm):
    pass


class TokenForm(forms.Form):
    """What a new token is for."""

    name = forms.CharField(
        label="What is it for?",
        max_length=80,
        help_text="For example “the Monday spreadsheet”. It tells your tokens apart.",
        error_messages={"required": "Enter what the token is for"},
    )
