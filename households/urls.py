"""The addresses of the pages that show only what households know."""

from django.urls import path

from households.views import links, measures, monitoring, quality, revealing, search

urlpatterns = [
    path("search/", search.search, name="search"),
    path("persons/<int:pk>/in-full/", revealing.person_reveal, name="person_reveal"),
    path("households/<int:pk>/in-full/", revealing.household_reveal, name="household_reveal"),
    path("quality/", quality.quality, name="quality"),
    path("quality/<slug:rule>/", quality.quality_list, name="quality_list"),
    path("quality/<slug:rule>/export/", quality.quality_export, name="quality_export"),
    path("measures/choose/", measures.measure_choose, name="measure_choose"),
    path("measures/new/", measures.measure_new, name="measure_new"),
    path("measures/together/<uuid:pk>/", measures.measure_batch, name="measure_batch"),
    path("benefit-links/choose/", links.link_choose, name="link_choose"),
    path("benefit-links/new/", links.link_new, name="link_new"),
    path("benefit-links/together/<uuid:pk>/", links.link_batch, name="link_batch"),
    path("benefit-links/<int:pk>/years/<int:year>/", links.link_years, name="link_years"),
    path("monitoring/", monitoring.cases, name="cases"),
    path("monitoring/<int:pk>/", monitoring.case, name="case"),
    path("monitoring/<int:pk>/reject/", monitoring.case_reject, name="case_reject"),
    path("monitoring/<int:pk>/take-back/", monitoring.case_take_back, name="case_take_back"),
    path("monitoring/<int:pk>/correct/", monitoring.case_correct, name="case_correct"),
    path("monitoring/<int:pk>/steps/<str:step>/correct/", monitoring.case_step_correct, name="case_step_correct"),
    path("monitoring/<int:pk>/notice/", monitoring.case_notice, name="case_notice"),
    path("households/<int:pk>/monitoring/", monitoring.case_open, name="case_open"),
]
