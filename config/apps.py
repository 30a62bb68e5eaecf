"""The admin panel as this project sets it up."""

from django.apps import apps
from django.contrib import admin
from django.contrib.admin.apps import AdminConfig


class CaseworkAdminConfig(AdminConfig):
    """The stock admin with our site class: who may enter follows from posts."""

    default_site = "config.admin.OfficeAdminSite"

    def ready(self) -> None:
        """Take off the panel what others put there: leave follows from posts and from nothing else."""
        super().ready()
        admin.site.unregister(apps.get_model("auth", "Group"))
        # Tokens are made on the page of their integration, where the trail hears of it.
        admin.site.unregister(apps.get_model("knox", "AuthToken"))
