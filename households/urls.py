"""The addresses of the pages that show only what households know."""

from django.urls import path

from households.views import labels, links, monitoring, quality, revealing, search
from households.views.entering import pages_of
from households.views.links import LINKS
from households.views.measures import MEASURES

urlpatterns = [
    path("search/", search.search, name="search"),
    path("persons/<int:pk>/in-full/", revealing.person_reveal, name="person_reveal"),
    path("households/<int:pk>/in-full/", revealing.household_reveal, name="household_reveal"),
    path("labels/<str:code>/", labels.labels, name="labels"),
    path("h/<str:token>/", labels.label, name="label"),
    path("quality/", quality.quality, name="quality"),
    path("quality/<slug:rule>/", quality.quality_list, name="quality_list"),
    path("quality/<slug:rule>/export/", quality.quality_export, name="quality_export"),
    *pages_of(MEASURES, "measures"),
    *pages_of(LINKS, "benefit-links"),
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
