from django.urls import include, path

from config.admin import site

urlpatterns = [
    path("accounts/", include("accounts.urls")),
    path("admin/", site.urls),
    path("", include("cases.urls")),
    path("", include("improvement.urls")),
    path("", include("dashboards.urls")),
]
