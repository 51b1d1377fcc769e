from django.urls import include, path

from api.docs import api_docs
from config.admin import site

urlpatterns = [
    path("accounts/", include("accounts.urls")),
    path("admin/", site.urls),
    path("api/docs/", api_docs, name="api_docs"),
    path("api/v1/", include("config.api")),
    path("", include("cases.urls")),
    path("", include("inspections.urls")),
    path("", include("improvement.urls")),
    path("", include("peer_reviews.urls")),
    path("", include("dashboards.urls")),
]
