"""Django's settings. Without any environment they fit a laptop; on AWS what is secret is read when it is needed.

- `FFT_SECRET`: the secret of Secrets Manager with the keys, see `regions.secrets`; if not given, `foodforthought/<region>`.
- `SECRET_KEY` and `OPERATOR_KEY`: in its place, for a laptop and tests. They sign cookies, and open the operator's page.
- `FFT_API_WRITES_PER_MINUTE`: how often one address may write by API.
- `FFT_AWS`: on a developer's machine, commands act on what is deployed instead of on a laptop cloud.
- `AWS_REGION`, `FFT_DOMAIN`, `FFT_ENDPOINTS`: see `regions.topology`; on a laptop also `FFT_CLOCK`: see `core.clock`.
"""

import importlib.util
import os
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.utils.functional import lazy

BASE_DIR = Path(__file__).resolve().parent.parent

# `localcloud` is never deployed, nor `deployment`: where it is, this is a developer's machine.
ON_A_LAPTOP = importlib.util.find_spec("localcloud") is not None and "AWS_LAMBDA_FUNCTION_NAME" not in os.environ
# Its commands act on a laptop cloud, with `FFT_AWS=1` on what is deployed, with credentials of one's own.
if ON_A_LAPTOP and not os.environ.get("FFT_AWS"):
    os.environ.setdefault("FFT_DOMAIN", "foodforthought.localhost:8000")
    # What the embedded AWS expects; it checks nothing.
    os.environ.setdefault("AWS_ACCESS_KEY_ID", "laptop")
    os.environ.setdefault("AWS_SECRET_ACCESS_KEY", "laptop")
elif os.environ.get("FFT_CLOCK") or os.environ.get("FFT_CLOCK_OFFSET_MS"):
    raise ImproperlyConfigured(
        "FFT_CLOCK and FFT_CLOCK_OFFSET_MS set the clock of a laptop cloud; here the time is what it is."
    )

# Zappa writes a stage's region into its package, and sets AWS_REGION from there over Lambda's own. The package of another
# region would start, be healthy, and turn every customer away.
if not ON_A_LAPTOP and os.environ.get("AWS_DEFAULT_REGION", "") not in ("", os.environ.get("AWS_REGION")):
    raise ImproperlyConfigured(
        f"This package was made for {os.environ.get('AWS_REGION')} and runs in {os.environ['AWS_DEFAULT_REGION']}; "
        "nothing was started. Deploy the package of this region's stage: zappa update STAGE --zip dist/STAGE.zip"
    )

from regions import secrets, topology  # noqa: E402 - it reads the environment that was completed above

_topology = topology.current()

DEBUG = False
SECRET_KEY: Any
SECRET_KEY_FALLBACKS: list[str]
OPERATOR_KEY: Any
if ON_A_LAPTOP or os.environ.get("SECRET_KEY"):
    SECRET_KEY = os.environ.get("SECRET_KEY") or f"only-good-enough-for-a-laptop-in-{_topology.jurisdiction}"
    SECRET_KEY_FALLBACKS = []
    OPERATOR_KEY = os.environ.get("OPERATOR_KEY") or ("laptop" if ON_A_LAPTOP else "")
    if OPERATOR_KEY and len(OPERATOR_KEY) < secrets.MIN_CHARACTERS and not ON_A_LAPTOP:
        raise ImproperlyConfigured("OPERATOR_KEY can be guessed; set 24 random characters or more, or none.")
else:
    # Each is what it is when somebody signs or compares, and not before: most pages are shown without.
    _kept = secrets.from_secrets_manager(os.environ.get("FFT_SECRET") or f"foodforthought/{_topology.here}")
    SECRET_KEY = lazy(lambda: _kept.current().keys[0], str)()
    SECRET_KEY_FALLBACKS = secrets.Fallbacks(lambda: _kept.current().keys[1:])
    OPERATOR_KEY = lazy(lambda: _kept.current().operator_key, str)()

# Hosts are checked by foodforthought.middleware, which answers a stranger with the way to an endpoint, not with an error.
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "foodforthought.urls"
WSGI_APPLICATION = "foodforthought.wsgi.application"
DATABASES: dict[str, object] = {}
USE_TZ = True
TIME_ZONE = "UTC"

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("fr", "Français"), ("de", "Deutsch"), ("es", "Español")]
LANGUAGE_COOKIE_NAME = "language"
# The framework of the API is not an installed app, so that its static files stay out; its messages are found here.
LOCALE_PATHS = [BASE_DIR / "locale", Path(str(importlib.util.find_spec("rest_framework").origin)).parent / "locale"]  # type: ignore[union-attr]
USE_I18N = True

INSTALLED_APPS = [
    # First: their `runserver` and `collectstatic` take the place of Django's.
    *(["localcloud", "deployment"] if ON_A_LAPTOP else []),
    "django.contrib.messages",
    "foodforthought.static_files.StaticFiles",
    "django_htmx",
    "regions",
    "catalog",
    "orders",
    "admin_portal",
    *(["bootstrap", "drf_spectacular"] if ON_A_LAPTOP else []),
]

MIDDLEWARE = [
    "foodforthought.middleware.ServedBy",
    "foodforthought.middleware.ApiAddresses",
    "foodforthought.access_log.AccessLog",
    "foodforthought.charset.RefuseOtherCharsets",
    "foodforthought.languages.Language",
    "foodforthought.middleware.SecurityHeaders",
    "django.middleware.security.SecurityMiddleware",
    "foodforthought.middleware.Endpoints",
    "foodforthought.signpost.Signpost",
    "foodforthought.static_files.ServeStatic",
    "django.middleware.gzip.GZipMiddleware",  # forms' tokens are masked anew each time, and its lengths vary at random
    "foodforthought.middleware.ApiETags",
    "foodforthought.errors.ErrorPages",
    "foodforthought.middleware.BodyLimit",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "orders.basket.context.basket",
                "regions.context.regions",
                "foodforthought.languages.context",
            ],
            "builtins": ["django.templatetags.i18n", "foodforthought.templatetags.shown"],
        },
    },
]

MESSAGE_STORAGE = "foodforthought.notices.Notices"

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = BASE_DIR / "collected_static"  # `make static`; a laptop serves the files from where they are
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = ON_A_LAPTOP
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
STORAGES = {
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if ON_A_LAPTOP
        else "foodforthought.static_files.HashedFiles"
    },
}

# A person keeps the basket, the form and its protection when a sibling takes over: cookies of the jurisdiction's site.
COOKIE_DOMAIN = _topology.cookie_domain
COOKIE_SECURE = _topology.scheme == "https"
CSRF_COOKIE_DOMAIN = COOKIE_DOMAIN
CSRF_COOKIE_SECURE = COOKIE_SECURE
CSRF_TRUSTED_ORIGINS = [_topology.url(host) for host in _topology.site_hosts(_topology.jurisdiction)]
CSRF_FAILURE_VIEW = "foodforthought.errors.csrf_failure"
SESSION_COOKIE_DOMAIN = COOKIE_DOMAIN  # the messages' cookie takes its domain from here
SESSION_COOKIE_SECURE = COOKIE_SECURE
# Not Django's "same-origin": a form that posts to another of our hosts must send a real Origin, or CSRF refuses it.
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SECURE_HSTS_SECONDS = 0 if ON_A_LAPTOP else 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = not ON_A_LAPTOP
SECURE_PROXY_SSL_HEADER = None if ON_A_LAPTOP else ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"

# A model of every table that is replicated: the stream workers, comparing, repair and lag go by this list. Each has a stream in
# infrastructure/tables.yaml, which wakes the worker (infrastructure/worker.yaml); a test compares them.
REPLICATED = ["catalog.models.CatalogRecord", "catalog.models.Availability", "orders.models.Order"]

# A region whose heartbeat is older is said to be silent. One is written every minute on AWS, every 2 seconds on a laptop.
SILENT_AFTER_SECONDS = 20 if ON_A_LAPTOP else 150

MAX_BODY_BYTES = 64 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = MAX_BODY_BYTES
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500

REST_FRAMEWORK: dict[str, object] = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_PARSER_CLASSES": ["foodforthought.json_parser.BoundedJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "UNAUTHENTICATED_USER": None,
    "UNAUTHENTICATED_TOKEN": None,
    "EXCEPTION_HANDLER": "foodforthought.errors.answer_api",
    "DEFAULT_THROTTLE_CLASSES": ["foodforthought.throttle.WriteThrottle"],
}
# A game day and tests order from a single address.
API_WRITES_PER_MINUTE = int(os.environ.get("FFT_API_WRITES_PER_MINUTE") or (1_000_000 if ON_A_LAPTOP else 60))
# Each is a call that the provider of places is paid for.
PLACES_PER_MINUTE = 1_000_000 if ON_A_LAPTOP else 120
if ON_A_LAPTOP:
    # The OpenAPI document is built here and shipped as a file: static/openapi.json.
    REST_FRAMEWORK["DEFAULT_SCHEMA_CLASS"] = "localcloud.openapi.Schema"
    SPECTACULAR_SETTINGS = {
        "TITLE": "Food-for-Thought",
        "DESCRIPTION": "Find restaurants that deliver to a place, order from one, and follow the order.",
        "VERSION": "1",
        "SERVE_INCLUDE_SCHEMA": False,
        "SCHEMA_PATH_PREFIX": "/api/v1",
        "COMPONENT_SPLIT_REQUEST": True,
        "ENUM_NAME_OVERRIDES": {"Status": "orders.status.Status", "Kind": "orders.status.Kind"},
    }

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "foodforthought.json_log.JsonFormatter"}},
    "handlers": {"stdout": {"class": "logging.StreamHandler", "stream": "ext://sys.stdout", "formatter": "json"}},
    "root": {"handlers": ["stdout"], "level": "INFO"},
    "loggers": {
        # What was refused is in the access log already; what went wrong on our side is said with its traceback.
        "django.request": {"level": "ERROR"},
        "django.security": {"level": "ERROR"},
        "django.server": {"level": "CRITICAL", "propagate": False},  # runserver's own lines hold query strings
        "botocore": {"level": "WARNING"},
        "pynamodb": {"level": "WARNING"},
        # Zappa's lines hold addresses of people, query strings (so an order's access secret) and referers.
        "zappa": {"level": "WARNING"},
        "handler": {"level": "WARNING"},  # its module at the top of a package
    },
}

SILENCED_SYSTEM_CHECKS: list[str] = []
