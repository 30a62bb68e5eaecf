"""The measures, one module each. Importing them makes Django ready for the database of the environment."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()
