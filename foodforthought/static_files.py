"""Which static files are collected, and under which names: our own, and of the packages only what a page loads."""

from django.contrib.staticfiles.apps import StaticFilesConfig
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
