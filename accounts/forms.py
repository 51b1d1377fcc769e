"""allauth's forms, in our words."""

from allauth.account import forms as theirs

LABELS = {
    "login": "E-mail address",
    "email": "E-mail address",
    "oldpassword": "Current password",
    "password1": "New password",
    "password2": "New password, again",
}


class _InOurWords:
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name, label in LABELS.items():
            if name in self.fields:
                self.fields[name].label = label


class LoginForm(_InOurWords, theirs.LoginForm):
    pass


class ChangePasswordForm(_InOurWords, theirs.ChangePasswordForm):
    pass


class ResetPasswordForm(_InOurWords, theirs.ResetPasswordForm):
    pass


class ResetPasswordKeyForm(_InOurWords, theirs.ResetPasswordKeyForm):
    pass
