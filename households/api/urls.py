"""The addresses of the API for what households know, version 1."""

from django.urls import path

from households.api.monitoring import CasesView, CaseView, StepsView, TakeBackView

urlpatterns = [
    path("cases/", CasesView.as_view(), name="api_cases"),
    path("cases/<int:pk>/", CaseView.as_view(), name="api_case"),
    path("cases/<int:pk>/steps/", StepsView.as_view(), name="api_case_steps"),
    path("cases/<int:pk>/take-back/", TakeBackView.as_view(), name="api_case_take_back"),
]
