"""`manage.py messages`: bring the translations in `locale/` up to date with the code."""

from typing import Any

from django.core.management.base import BaseCommand

from localcloud import translations


class Command(BaseCommand):
    help = "Bring locale/ up to date: new sentences in, unused ones out, and the files that Django reads written."

    def handle(self, *args: Any, **options: Any) -> None:
        for language in translations.LANGUAGES:
            entries = [entry for entry in translations.update(language) if entry.id]
            missing = [entry for entry in entries if not entry.string or not all(entry.string)]
            self.stdout.write(f"{language}: {len(entries)} sentences, {len(missing)} without translation")
