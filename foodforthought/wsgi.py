"""The web application: Zappa and the laptop cloud serve `application`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "foodforthought.settings")
_django = get_wsgi_application()

from foodforthought.charset import only_utf8  # noqa: E402 - it needs the settings

application = only_utf8(_django)
