"""The addresses of the pool of peers, and of the days that councils lend."""

from django.urls import path

from peer_reviews.views import peers as views

PEER = "peers/<int:pk>/"

urlpatterns = [
    path("peers/", views.peers, name="peers"),
    path("peers/add/", views.AddPeer.as_view(), name="peer_add"),
    path("peers/import/", views.ImportPeers.as_view(), name="peers_import"),
    path("peers/days-lent/", views.days_lent, name="days_lent"),
    path("peers/days-lent.csv", views.days_lent_csv, name="days_lent_csv"),
    path("peers/days-lent/<int:pk>/withdraw/", views.WithdrawDays.as_view(), name="days_lent_withdraw"),
    path(PEER, views.peer, name="peer"),
    path(f"{PEER}change/", views.ChangePeer.as_view(), name="peer_change"),
    path(f"{PEER}link/", views.LinkPeer.as_view(), name="peer_link"),
    path(f"{PEER}left/", views.PeerLeft.as_view(), name="peer_left"),
    path(f"{PEER}posts/add/", views.AddPost.as_view(), name="peer_post_add"),
    path(f"{PEER}posts/<int:row>/end/", views.EndPost.as_view(), name="peer_post_end"),
    path(f"{PEER}ties/add/", views.AddTie.as_view(), name="peer_tie_add"),
    path(f"{PEER}ties/<int:row>/end/", views.EndTie.as_view(), name="peer_tie_end"),
    path(f"{PEER}ties/<int:row>/take-back/", views.TakeBackTie.as_view(), name="peer_tie_take_back"),
    path(f"{PEER}unavailable/add/", views.AddUnavailable.as_view(), name="peer_unavailable_add"),
    path(
        f"{PEER}unavailable/<int:row>/remove/",
        views.RemoveUnavailable.as_view(),
        name="peer_unavailable_remove",
    ),
    path(f"{PEER}training/add/", views.AddTraining.as_view(), name="peer_training_add"),
    path(f"{PEER}training/<int:row>/remove/", views.RemoveTraining.as_view(), name="peer_training_remove"),
    path(f"{PEER}feedback/", views.GiveFeedback.as_view(), name="peer_feedback"),
    path(f"{PEER}days-lent/record/", views.RecordDays.as_view(), name="days_lent_record"),
]
