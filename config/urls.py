"""Which address leads where. Every name here needs a policy in config/endpoints.py."""

from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView, LogoutView
from django.urls import include, path
from django.views.i18n import set_language

from casework.forms.login import LoginForm

urlpatterns = [
    path("admin/", admin.site.urls),
    path("login/", LoginView.as_view(authentication_form=LoginForm, redirect_authenticated_user=True), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("language/", login_not_required(set_language), name="set_language"),
    path("api/v1/", include("casework.api.urls")),
    path("api/v1/", include("households.api.urls")),
    path("", include("casework.urls")),
    path("", include("households.urls")),
]
