from django.urls import path

from cases import contact_views, document_views, people_views, views

urlpatterns = [
    path("dates/", views.due_date, name="due_date"),
    path("milestones/<int:pk>/", views.milestone, name="milestone"),
    path("milestones/<int:pk>/met/", views.Met.as_view(), name="milestone_met"),
    path("milestones/<int:pk>/move/", views.Move.as_view(), name="milestone_move"),
    path("milestones/<int:pk>/pause/", views.PauseIt.as_view(), name="milestone_pause"),
    path("milestones/<int:pk>/resume/", views.Resume.as_view(), name="milestone_resume"),
    path("milestones/<int:pk>/answer/", views.AnswerIt.as_view(), name="milestone_answer"),
    path("milestones/<int:pk>/assign/", views.Assign.as_view(), name="milestone_assign"),
    path("milestones/<int:pk>/confirm/", views.Confirm.as_view(), name="milestone_confirm"),
    path("milestones/<int:pk>/reopen/", views.Reopen.as_view(), name="milestone_reopen"),
    path("cases/<slug:reference>/to-confirm/", views.ToConfirm.as_view(), name="case_to_confirm"),
    path("councils/<slug:slug>/people/", people_views.council_people, name="council_people"),
    path("councils/<slug:slug>/people/<slug:office>/", people_views.Appoint.as_view(), name="post_holder"),
    path(
        "councils/<slug:slug>/people/<slug:office>/<int:pk>/",
        people_views.CorrectPost.as_view(),
        name="post_correct",
    ),
    path("councils/<slug:slug>/control/", people_views.Control.as_view(), name="political_control"),
    path("councils/<slug:slug>/contacts/", contact_views.CouncilContacts.as_view(), name="council_contacts"),
    path("documents/<int:pk>/", document_views.document, name="document"),
    path("contacts/<int:pk>/", contact_views.ChangeContact.as_view(), name="contact_change"),
    path("contacts/<int:pk>/followed-up/", contact_views.FollowedUp.as_view(), name="contact_followed_up"),
    path("contacts/<int:pk>/delete/", contact_views.DeleteContact.as_view(), name="contact_delete"),
]
