"""The worker on Lambda; what wsgi.py is for the pages."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "foodforthought.settings")
django.setup()  # the settings, and with them how things are logged

from foodforthought.stream_worker import lambda_handler  # noqa: E402

__all__ = ["lambda_handler"]
