from django.urls import include, path
from django.views.generic import TemplateView

from accounts.sign_out import SignOutView
from accounts.token_views import api_tokens

urlpatterns = [
    # Ahead of allauth's page of the same name: the address that signs somebody in is an administrator's to
    # change.
    path("email/", TemplateView.as_view(template_name="accounts/address_closed.html"), name="account_email"),
    # Ahead of allauth's, too: it clears what the device keeps.
    path("logout/", SignOutView.as_view(), name="account_logout"),
    path("tokens/", api_tokens, name="api_tokens"),
    path("", include("allauth.urls")),
]
