"""The reference application as gunicorn runs it."""

import os

from django.core.wsgi import get_wsgi_application

os.environ["DJANGO_SETTINGS_MODULE"] = "bench.reference_app.settings"

application = get_wsgi_application()
