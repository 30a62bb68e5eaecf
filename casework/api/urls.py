"""The addresses of the API, version 1."""

from django.urls import path

from casework.api.bulletins import BulletinsView, BulletinView
from casework.api.coverage import CoverageView, ProgressView, RoundsView
from casework.api.flags import FlagView
from casework.api.phone import CaseloadView, HelloView, PhoneVisitsView, PhotosView, SessionView
from casework.api.problems import ProblemsView
from casework.api.schema import SchemaView
from casework.api.visits import CountsForView, VisitsView

urlpatterns = [
    path("schema/", SchemaView.as_view(), name="api_schema"),
    path("visits/", VisitsView.as_view(), name="api_visits"),
    path("visits/counts-for/", CountsForView.as_view(), name="api_counts_for"),
    path("phone/session/", SessionView.as_view(), name="api_phone_session"),
    path("phone/hello/", HelloView.as_view(), name="api_phone_hello"),
    path("phone/caseload/", CaseloadView.as_view(), name="api_phone_caseload"),
    path("phone/visits/", PhoneVisitsView.as_view(), name="api_phone_visits"),
    path("phone/photos/", PhotosView.as_view(), name="api_phone_photos"),
    path("phone/flags/<int:pk>/", FlagView.as_view(), name="api_phone_flag"),
    path("problems/", ProblemsView.as_view(), name="api_problems"),
    path("bulletins/", BulletinsView.as_view(), name="api_bulletins"),
    path("bulletins/<int:pk>/", BulletinView.as_view(), name="api_bulletin"),
    path("rounds/", RoundsView.as_view(), name="api_rounds"),
    path("rounds/<int:pk>/coverage/", CoverageView.as_view(), name="api_coverage"),
    path("rounds/<int:pk>/progress/", ProgressView.as_view(), name="api_progress"),
]
