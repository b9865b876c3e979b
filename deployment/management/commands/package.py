"""`manage.py package`: a zip file for each stage, in dist/, which `zappa deploy STAGE --zip` takes."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from deployment import ROOT, packaging


class Command(BaseCommand):
    help = "Package once, for every stage of zappa_settings.json: dist/<stage>.zip, and say what takes how much of it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--stage", action="append", choices=packaging.stages(), help="only this one; may be repeated"
        )
        parser.add_argument(
            "--python", default=packaging.runtime(), help="an interpreter of the version that Lambda runs"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        names = options["stage"] or packaging.stages()
        try:
            packages = packaging.make(ROOT / "dist", options["python"], names, self.stdout.write)
        except packaging.CannotPackage as error:
            raise CommandError(str(error)) from error
        for part, megabytes in packages.sizes_mb.items():
            if megabytes >= 0.1:
                self.stdout.write(f"{megabytes:6.1f} MB  {part}")
        for file in packages.files.values():
            self.stdout.write(f"{file.stat().st_size / 1e6:6.1f} MB  {file.relative_to(ROOT)}")
