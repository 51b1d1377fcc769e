from django.urls import path

from dashboards import views

urlpatterns = [
    path("", views.my_work, name="my-work"),
    path("england/", views.england, name="england"),
    path("regions/", views.regions, name="regions"),
    path("regions/<slug:slug>/", views.region, name="region"),
    path("councils/<slug:slug>/", views.council, name="council"),
    path("councils/<slug:slug>/history/", views.council_history, name="council-history"),
]
