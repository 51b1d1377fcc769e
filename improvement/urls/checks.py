from django.urls import path

from improvement.views import checks as views

VERSION = "plans/<slug:reference>/versions/<int:number>"

urlpatterns = [
    path(f"{VERSION}/coverage/", views.Coverage.as_view(), name="plan_coverage"),
    path(f"{VERSION}/check/", views.Check.as_view(), name="plan_check"),
    path(f"{VERSION}/compare/<int:other>/", views.Compare.as_view(), name="plan_compare"),
    path("plans/<slug:reference>/compare/", views.ChooseVersions.as_view(), name="plan_compare_choose"),
]
