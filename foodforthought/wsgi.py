"""The web application: Zappa and the laptop cloud serve `application`.

What is loaded stays, so nobody looks for garbage in it: neither while it is loaded, nor later. Together with the addresses, which
Django would load with the first page, that spares a start 10 % of its CPU.
"""

import gc

gc.disable()

import os  # noqa: E402
from importlib import import_module  # noqa: E402

from django.core.wsgi import get_wsgi_application  # noqa: E402

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "foodforthought.settings")
_django = get_wsgi_application()

from foodforthought.charset import only_utf8  # noqa: E402 - it needs the settings

application = only_utf8(_django)
import_module("foodforthought.urls")
gc.freeze()
gc.enable()
