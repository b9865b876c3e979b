"""`manage.py collectstatic`: the static files as a package serves them, with hashed names, whatever a laptop itself serves."""

from typing import Any

from django.contrib.staticfiles.management.commands import collectstatic

from foodforthought.static_files import HashedFiles


class Command(collectstatic.Command):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.storage = HashedFiles()
