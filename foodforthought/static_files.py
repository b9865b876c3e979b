"""Which static files are collected: our own, and of the packages only what a page loads."""

from django.contrib.staticfiles.apps import StaticFilesConfig

KEPT = {"bootstrap.min.css", "bootstrap.min.css.map", "htmx.min.js"}


class StaticFiles(StaticFilesConfig):
    """Bootstrap's package alone brings 40 files; the manifest needs the .map that the style sheet names."""

    ignore_patterns = [
        "CVS", ".*", "*~", "bootstrap-*", "bootstrap.css*", "bootstrap.rtl*", "bootstrap.js*", "bootstrap.min.js*",
        "bootstrap.bundle*", "bootstrap.esm*", "django-htmx*", "htmx.js", "htmx.esm*", "htmx.amd*", "htmx.cjs*", "ext",
    ]  # fmt: skip
