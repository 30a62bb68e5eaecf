"""The schema of signing in by token: only where some scope opens the address."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension

from villages.api.access import KEYWORD


class TokenScheme(OpenApiAuthenticationExtension):
    """`Authorization: Token …`, as our authentication reads it."""

    target_class = "villages.api.access.IntegrationAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """A header; OpenAPI has no word for this keyword."""
        words = _("“%(keyword)s”, a blank, and the token that the district's office gave.")
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": words % {"keyword": KEYWORD},
        }

    def get_security_requirement(self, auto_schema: Any) -> Any:
        """Nothing where no token is taken."""
        scope = getattr(auto_schema.view, "scopes", {}).get(auto_schema.method)
        return {self.name: []} if scope else None
