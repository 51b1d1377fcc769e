from django.urls import path

from dashboards import allocation_views, calendars_views, changes_views, views

urlpatterns = [
    path("", views.my_work, name="my-work"),
    path("read/", changes_views.changes_read, name="changes_read"),
    path("calendar/", calendars_views.calendar, name="calendar"),
    path("calendar/<str:secret>.ics", calendars_views.calendar_feed, name="calendar_feed"),
    path("england/", views.england, name="england"),
    path("regions/", views.regions, name="regions"),
    path("regions/<slug:slug>/", views.region, name="region"),
    path(
        "regions/<slug:slug>/allocation/",
        allocation_views.RegionAllocation.as_view(),
        name="region_allocation",
    ),
    path("councils/<slug:slug>/", views.council, name="council"),
    path("councils/<slug:slug>/history/", views.council_history, name="council-history"),
    path("councils/<slug:slug>/brief/", views.council_brief, name="council-brief"),
]
