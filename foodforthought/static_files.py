"""Which static files are collected: our own, and of the packages only what a page loads."""

from django.contrib.staticfiles.apps import StaticFilesConfig


class StaticFiles(StaticFilesConfig):
    """Bootstrap's and htmx's packages bring some 50 files; the manifest needs the .map that the style sheet names."""

    ignore_patterns = [
        "CVS", ".*", "*~", "jquery*", "django-htmx*", "ext", "htmax*", "htmx-2.js", "htmx-4*",
        "bootstrap-*", "bootstrap.css*", "bootstrap.rtl*", "bootstrap.js*", "bootstrap.min.js*", "bootstrap.bundle*",
        "bootstrap.esm*",
    ]  # fmt: skip
