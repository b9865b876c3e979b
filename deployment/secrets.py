"""What becomes of the keys of a jurisdiction's regions: made, added, put into use, forgotten. Pure; the command does it.

A rotation has two steps, because processes read the keys at different moments, and regions are changed one after the other:
first every region learns to read the new key, then, when all processes have, they sign with it. A key says when it was made, so
that the keys alone tell which step is next, whatever was interrupted.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from orders.baskets import MAX_AGE_SECONDS
from regions.secrets import TTL_SECONDS

KNOWN_AFTER_SECONDS = 2 * TTL_SECONDS
"""So long after a change every process has read it, or has been told by Secrets Manager that it cannot."""

Keys = tuple[str, ...]
"""The first one signs; what the others have signed is read."""


class NotNow(Exception):
    """The message says why, and what to do."""


@dataclass(frozen=True)
class Step:
    """What to write next: by region, all keys that it is to have."""

    done: str
    keys: Mapping[str, Keys]


def new_key(now_seconds: int) -> str:
    return f"{now_seconds}.{secrets.token_urlsafe(48)}"


def made_at(key: str) -> int:
    """0 for one that was made by hand."""
    seconds = key.partition(".")[0]
    return int(seconds) if seconds.isascii() and seconds.isdigit() else 0


def first_keys(keys: Mapping[str, Keys], now_seconds: int) -> Step:
    """Keys for the regions that have none: those of their siblings, or new ones. Raises `NotNow` when the siblings differ."""
    known = set(keys.values()) - {()}
    # A rotation that was interrupted left them different. Whoever is new signs what all believe, and believes what any signs.
    believed = [own for own in known if all(own[0] in other for other in known)]
    if known and not believed:
        raise NotNow("Its regions have different keys; “rotate” makes them equal.")
    given = believed[0] if believed else (new_key(now_seconds),)
    others = {key for own in known for key in own} - set(given)
    given = (*given, *sorted(others, key=made_at, reverse=True))
    return Step("has keys", {region: given for region, own in keys.items() if not own})


def next_step(keys: Mapping[str, Keys], *, changed_seconds_ago: int, now_seconds: int) -> Step:
    """The next step of a rotation; `changed_seconds_ago` is when any of the regions was changed last. Raises `NotNow`."""
    if without := sorted(region for region, own in keys.items() if not own):
        raise NotNow(f"{', '.join(without)}: no keys; “init” first.")
    newest = max((key for own in keys.values() for key in own), key=made_at)
    if lacking := [region for region, own in keys.items() if newest not in own]:
        return Step("can read the new key", {region: _second(newest, keys[region]) for region in lacking})
    if changed_seconds_ago < KNOWN_AFTER_SECONDS:
        wait = KNOWN_AFTER_SECONDS - changed_seconds_ago
        raise NotNow(f"Processes may not have read the last change yet; again in {wait} seconds.")
    if signing_with_another := [region for region, own in keys.items() if own[0] != newest]:
        first = {region: (newest, *(k for k in keys[region] if k != newest)) for region in signing_with_another}
        return Step("signs with the new key", first)
    # What signed before the key in use may have signed a cookie that is still good.
    if changed_seconds_ago < MAX_AGE_SECONDS and any(len(own) > 1 for own in keys.values()):
        wait_hours = (MAX_AGE_SECONDS - changed_seconds_ago) // 3600 + 1
        raise NotNow(
            f"Cookies that the key before has signed are still good; again in {wait_hours} hours, or “forget”."
        )
    key = new_key(now_seconds)
    return Step("can read the new key", {region: _second(key, (own[0],)) for region, own in keys.items()})


def forgetting(keys: Mapping[str, Keys]) -> Step:
    """Only what signs stays: what another key has signed, by whoever has got hold of it, is read no more."""
    signing = {own[:1] for own in keys.values()}
    if len(signing) != 1 or signing == {()}:
        raise NotNow("Its regions do not all sign with the same key; “rotate” until they do.")
    return Step("reads its own key only", {region: own[:1] for region, own in keys.items() if len(own) > 1})


def _second(key: str, keys: Keys) -> Keys:
    return (keys[0], key, *keys[1:])
