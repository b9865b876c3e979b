"""Which static files are collected (our own, and of the packages only what a page loads), under which names; who serves them."""

from collections.abc import Callable
from functools import cached_property
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.apps import StaticFilesConfig
from django.http import HttpRequest, HttpResponseBase
from whitenoise.storage import CompressedManifestStaticFilesStorage

NAMED = {"openapi.json"}
"""What programs and the docs call by its name."""


class StaticFiles(StaticFilesConfig):
    """Bootstrap's and htmx's packages bring some 50 files; the manifest needs the .map that the style sheet names."""

    ignore_patterns = [
        "CVS", ".*", "*~", "jquery*", "django-htmx*", "ext", "htmax*", "htmx-2.js", "htmx-4*",
        "bootstrap-*", "bootstrap.css*", "bootstrap.rtl*", "bootstrap.js*", "bootstrap.min.js*", "bootstrap.bundle*",
        "bootstrap.esm*",
    ]  # fmt: skip


class HashedFiles(CompressedManifestStaticFilesStorage):
    """As deployed: with a hash of the content in the name, so that browsers keep a file for good; `NAMED` under both names."""

    def delete_files(self, files_to_delete: set[str]) -> None:
        super().delete_files(files_to_delete - NAMED)


class ServeStatic:
    """WhiteNoise, which looks at all files as it begins: with the first that is asked for, not with the first page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        is_static = request.path_info.startswith(settings.STATIC_URL)
        return self._whitenoise(request) if is_static else self.get_response(request)

    @cached_property
    def _whitenoise(self) -> Any:
        from whitenoise.middleware import WhiteNoiseMiddleware

        return WhiteNoiseMiddleware(self.get_response)
