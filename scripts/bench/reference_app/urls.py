"""The reference views beside ours, whose addresses the page's frame names."""

from django.urls import path

from bench.reference_app import views
from config.urls import urlpatterns as ours

urlpatterns = [
    path("reference/visit/", views.save_visit),
    path("reference/page/", views.empty_page),
    *ours,
]
