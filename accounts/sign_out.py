"""Signing out leaves nothing on the device: the browser is told to clear what pages of ours cached and kept there."""

from allauth.account.views import LogoutView


class SignOutView(LogoutView):
    """Sign out, and have the browser clear the rest of what the page has wiped before, or could not.

    `others` says that the device keeps sealed notes of somebody else who has not sent them: what is stored stays
    then, because one person's signing out is not to lose another's notes.
    """

    def post(self, request, *args, **kwargs):
        response = super().post(request, *args, **kwargs)
        kinds = ['"cache"'] if request.POST.get("others") else ['"cache"', '"storage"']
        response["Clear-Site-Data"] = ", ".join(kinds)
        return response
