from django.urls import path

from inspections import import_views, source_views, views

urlpatterns = [
    path("imports/", import_views.Imports.as_view(), name="imports"),
    path("imports/<int:pk>/", import_views.Run.as_view(), name="import_run"),
    path("imports/<int:pk>/confirm/", import_views.Confirm.as_view(), name="import_confirm"),
    path("imports/<int:pk>/cancel/", import_views.Cancel.as_view(), name="import_cancel"),
    path("inspections/", views.inspections, name="inspections"),
    path("inspections/enter/", views.Enter.as_view(), name="inspection_enter"),
    path("inspections/<int:pk>/", views.Shown.as_view(), name="inspection"),
    path("inspections/<int:pk>/change/", views.Change.as_view(), name="inspection_change"),
    path("inspections/<int:pk>/publication/", views.Publication.as_view(), name="inspection_publication"),
    path("inspections/<int:pk>/readers/", views.Readers.as_view(), name="inspection_readers"),
    path("inspections/<int:pk>/withdraw/", views.Withdraw.as_view(), name="inspection_withdraw"),
    path(
        "inspections/<int:pk>/recommendations/add/",
        views.AddRecommendations.as_view(),
        name="recommendations_add",
    ),
    path(
        "inspections/<int:pk>/milestones/<int:milestone>/met/",
        views.MilestoneMet.as_view(),
        name="inspection_milestone_met",
    ),
    path(
        "councils/<slug:slug>/recommendations/",
        source_views.CouncilRecommendations.as_view(),
        name="council_recommendations",
    ),
    path(
        "councils/<slug:slug>/recommendations/<int:pk>/add/",
        source_views.AddToSource.as_view(),
        name="source_recommendations_add",
    ),
    path(
        "recommendations/<int:pk>/change/", views.ChangeRecommendation.as_view(), name="recommendation_change"
    ),
    path("recommendations/<int:pk>/close/", views.CloseRecommendation.as_view(), name="recommendation_close"),
]
