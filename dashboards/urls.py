from django.urls import path

from dashboards import views

urlpatterns = [
    path("england/", views.england, name="england"),
    path("regions/<slug:slug>/", views.region, name="region"),
]
