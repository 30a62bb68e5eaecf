"""The addresses of the pages that show only what households know."""

from django.urls import path

from households.views import quality, revealing, search

urlpatterns = [
    path("search/", search.search, name="search"),
    path("persons/<int:pk>/in-full/", revealing.person_reveal, name="person_reveal"),
    path("households/<int:pk>/in-full/", revealing.household_reveal, name="household_reveal"),
    path("quality/", quality.quality, name="quality"),
    path("quality/<slug:rule>/", quality.quality_list, name="quality_list"),
]
