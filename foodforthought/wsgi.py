"""The web application: Zappa and the laptop cloud serve `application`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "foodforthought.settings")
application = get_wsgi_application()
