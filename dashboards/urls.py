from django.urls import path

from dashboards import views

urlpatterns = [
    path("regions/<slug:slug>/", views.region, name="region"),
]
