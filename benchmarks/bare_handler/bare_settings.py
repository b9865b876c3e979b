"""The settings of the bare handler: what Django does not start without, and templates."""

from pathlib import Path

SECRET_KEY = "of a benchmark"  # noqa: S105
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "bare_pages"
USE_I18N = False
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "DIRS": [Path(__file__).parent]}]
