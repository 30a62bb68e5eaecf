"""The addresses of the pages."""

from django.urls import path

from casework.views import coverage, health, held, home, household, inbox, measures, phones, places, rounds, visits, wall

urlpatterns = [
    path("", home.home, name="home"),
    path("households/<int:pk>/", household.household, name="household"),
    path("households/<int:pk>/visits/", household.household_visits, name="household_visits"),
    path("households/<int:pk>/file/", household.household_file, name="household_file"),
    path("households/<int:pk>/handbook/", household.household_handbook, name="household_handbook"),
    path("villages/<str:code>/", places.village, name="village"),
    path("measures/", measures.measure_list, name="measure_list"),
    path("measures/<int:pk>/", measures.measure, name="measure"),
    path("benefit-links/", measures.link_list, name="link_list"),
    path("benefit-links/<int:pk>/", measures.link, name="link"),
    path("visits/new/", visits.visit_new, name="visit_new"),
    path("visits/counts-for/", visits.counts, name="counts_for"),
    path("visits/<uuid:pk>/", visits.visit_receipt, name="visit_receipt"),
    path("visits/<uuid:pk>/history/", visits.visit_history, name="visit_history"),
    path("visits/<uuid:pk>/correct/", visits.visit_correct, name="visit_correct"),
    path("rounds/", rounds.rounds, name="rounds"),
    path("rounds/open/", rounds.round_open, name="round_open"),
    path("rounds/preview/", rounds.round_preview, name="round_preview"),
    path("rounds/<int:pk>/", rounds.round_page, name="round"),
    path("rounds/<int:pk>/close/", rounds.round_close, name="round_close"),
    path("coverage/", coverage.coverage_home, name="coverage_home"),
    path("coverage/<int:pk>/", coverage.coverage, name="coverage"),
    path("coverage/<int:pk>/wall/", wall.coverage_wall, name="coverage_wall"),
    path("coverage/<int:pk>/list/", coverage.coverage_list, name="coverage_list"),
    path("inbox/", inbox.inbox, name="inbox"),
    path("inbox/<int:pk>/", inbox.reminder, name="reminder"),
    path("inbox/<int:pk>/read/", inbox.reminder_read, name="reminder_read"),
    path("held/", held.held, name="held"),
    path("held/import/", held.held_import, name="held_import"),
    path("held/<uuid:pk>/", held.held_visit, name="held_visit"),
    path("phones/", phones.phones, name="phones"),
    path("phones/<int:pk>/cut-off/", phones.phone_cut_off, name="phone_cut_off"),
    path("healthz", health.healthz, name="healthz"),
]
