from django.urls import include, path
from django.views.generic import TemplateView

from accounts.token_views import api_tokens

urlpatterns = [
    # Ahead of allauth's page of the same name: the address that signs somebody in is an administrator's to
    # change.
    path("email/", TemplateView.as_view(template_name="accounts/address_closed.html"), name="account_email"),
    path("tokens/", api_tokens, name="api_tokens"),
    path("", include("allauth.urls")),
]
