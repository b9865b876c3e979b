"""`manage.py import_menu RESTAURANT FILE`: a restaurant's menu becomes the one in the file."""

from collections import Counter
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from pynamodb.exceptions import PynamoDBException

from catalog import actions, menu_rules
from catalog.imports import menu_files
from catalog.imports.menu_changes import changes
from catalog.imports.menu_draft import Draft, listed
from catalog.menus import menu_of
from catalog.models import Dish, Restaurant
from core.errors import Refused
from regions import topology

MAX_KINDS = 30


class Command(BaseCommand):
    help = (
        "Make a menu be the one in a file: schema.org JSON-LD, alone or in a page, or CSV, ours or as others export it. The same "
        "file twice changes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("restaurant", help="its id: the last part of its address")
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--skip", action="store_true", help="leave out what is at fault, and import the rest")
        parser.add_argument("--dry-run", action="store_true", help="write nothing; say what would change")

    def handle(self, *, restaurant: str, file: Path, skip: bool, dry_run: bool, **options: Any) -> None:
        try:
            if not dry_run:
                actions.check_master()
            profile, dishes = menu_of(restaurant)
            draft = menu_files.load(file, profile, skip=skip or dry_run)
        except Refused as error:
            raise CommandError(f"{file.name}: {_ended(error.detail)} Nothing was imported.") from error
        except (PynamoDBException, BotoCoreError) as error:
            raise self._unanswered() from error
        if dry_run:
            self._show(profile, dishes, draft, skip=skip)
            return
        try:
            outcome = actions.put_menu(restaurant, sections=draft.sections, dishes=draft.dishes)
        except Refused as error:
            raise CommandError(error.detail) from error
        except (PynamoDBException, BotoCoreError) as error:
            raise self._unanswered() from error
        self._tell(draft)
        self.stdout.write(f"{profile.name}: {outcome}; {len(draft.dishes)} dishes in {len(draft.sections)} sections.")

    def _show(self, profile: Restaurant, dishes: list[Dish], draft: Draft, *, skip: bool) -> None:
        lines = changes(profile, dishes, draft.sections, draft.dishes)
        self._tell(draft)
        self.stdout.write("\n".join(lines or ["Nothing would change."]))
        try:
            menu_rules.check(draft.sections, draft.dishes)
            if not skip:
                draft.check_faults()
        except Refused as error:
            if draft.faults and not skip:
                raise CommandError(
                    "Nothing would be imported because of what is at fault, unless with --skip."
                ) from error
            raise CommandError(f"Nothing would be imported: {error.detail}") from error
        self.stdout.write(
            f"{profile.name}: {len(draft.dishes)} dishes in {len(draft.sections)} sections. Nothing was written."
        )

    def _tell(self, draft: Draft) -> None:
        """What is not in the menu although the file has it."""
        lines = [*listed(draft.notes), *(f"Left out: {fault}" for fault in listed(draft.faults))]
        for what, counted in (("Not for sale, left out", draft.left_out), ("Not kept", draft.not_kept)):
            if counted:
                lines.append(f"{what}: {_counted(counted)}.")
        for line in lines:
            self.stdout.write(line)

    def _unanswered(self) -> CommandError:
        return CommandError(
            f"The catalogue's master, {topology.current().master}, does not answer. Run the same command again when it "
            "is back: it completes what was begun."
        )


def _counted(kinds: Counter[str]) -> str:
    """image (12), nutrition (3)"""
    most = [f"{kind} ({count})" for kind, count in kinds.most_common(MAX_KINDS)]
    return ", ".join([*most, *([f"{len(kinds) - MAX_KINDS} other kinds"] if len(kinds) > MAX_KINDS else [])])


def _ended(detail: str) -> str:
    """Several faults begin on a line of their own."""
    return f"\n{detail}\n" if "\n" in detail else detail
