from django.urls import path

from improvement.views import measures as views

urlpatterns = [
    path("plans/<slug:reference>/measures/", views.PlanMeasures.as_view(), name="plan_measures"),
    path(
        "plans/<slug:reference>/measures/<int:pk>/reading/",
        views.EnterReading.as_view(),
        name="measure_reading",
    ),
    path(
        "plans/<slug:reference>/readings/<int:pk>/restate/",
        views.RestateReading.as_view(),
        name="reading_restate",
    ),
]
