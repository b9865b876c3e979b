"""Placing an order, which makes this region its home."""

import json
import time
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from pynamodb.exceptions import TransactGetError
from pynamodb.transactions import TransactGet

from catalog.menu_cache import menu
from catalog.models import Availability, Kitchen, Restaurant
from core import clock, ids
from core.actor import Actor, Role
from core.errors import Conflict, Forbidden, TokenOutOfTime, TokenReused, Unavailable
from core.messages import say
from orders.destination import Destination
from orders.errors import CannotOrder, QuoteChanged
from orders.models import Order
from orders.review import Review, Wish, review
from orders.slots import minutes_needed
from orders.status import Kind, Payment, Status
from orders.texts import Contact, address_lines
from orders.twins import precedence
from places.addresses import Address
from regions import topology
from regions.aws import error_code, is_throttled

_ATTEMPTS = 4


def place(
    *, token: str, wish: Wish, contact: Contact, by: Actor, agreed_minor: int | None = None
) -> tuple[Order, bool]:
    """Place an order here, which makes this region its home; True when this call created it.

    The same token and content give the same order again, wherever in the jurisdiction it was placed; with other content
    `TokenReused`. `agreed_minor` is the total before the tip that the customer was shown; any other total is
    `QuoteChanged`. Raises the obstacles of `orders.review`, `WrongJurisdiction` for a restaurant of another one, and
    `MalformedToken`, or `TokenOutOfTime` for one that is too old, or of a time to come, and has become no order; `Invalid` for a
    contact that is none; the refusals of `orders.delivering` for a delivery, once it is known that there is no such order; and
    `Forbidden` for whoever is no customer.
    """
    if by.role != Role.CUSTOMER:
        raise Forbidden
    try:
        ids.check_token(token, now_seconds=clock.now_ms() // 1000)
    except TokenOutOfTime:
        # Too old to order with, but not to be told what it has become: the answer may have been lost on its way.
        if earlier := find_placed(token, topology.current().jurisdiction):
            return _same_order(earlier, token, wish, contact), False
        raise
    restaurant, dishes = menu(wish.restaurant)
    topology.check_jurisdiction(restaurant.jurisdiction)
    order_id = ids.order_id_from(token)
    known, kitchen = _read_together(order_id, restaurant)
    placed = _to_answer_with(known)
    if placed:
        return _same_order(placed, token, wish, contact), False
    contact.check()
    phone = contact.phone_number(restaurant.country)
    address = contact.address_in(restaurant.country) if wish.kind == Kind.DELIVERY else None
    reviewed = review(wish, restaurant=restaurant, dishes=dishes, kitchen=kitchen, now=clock.now())
    destination, elsewhere = _destination(address, contact, restaurant)
    _check_can_be_placed(reviewed, elsewhere, agreed_minor)
    order = _new_order(
        order_id=order_id,
        token=token,
        by=by,
        wish=wish,
        contact=contact,
        phone=phone,
        address=address,
        destination=destination,
        restaurant=restaurant,
        kitchen=kitchen,
        reviewed=reviewed,
    )
    # Above the tombstone that may be there, also when the clock has been set back since.
    order.version = next((tombstone.version for tombstone in known if tombstone.key == order.key), None)
    try:
        order.save()
    except Conflict:
        # The same token at the same moment: the other request was faster.
        return _same_order(Order.get(order.key, consistent_read=True), token, wish, contact), False
    return order, True


def _destination(
    address: Address | None, contact: Contact, restaurant: Restaurant
) -> tuple[Destination | None, list[CannotOrder]]:
    """Where it goes, or why it does not."""
    if address is None or not restaurant.delivers:
        return None, []
    from orders import delivering  # it loads what nothing but a delivery needs

    try:
        return delivering.find(address, contact.position, restaurant), []
    except CannotOrder as obstacle:
        return None, [obstacle]


def _check_can_be_placed(reviewed: Review, elsewhere: list[CannotOrder], agreed_minor: int | None) -> None:
    if obstacles := [*elsewhere, *reviewed.obstacles]:
        first, *others = obstacles
        first.extra.setdefault("also", [{"title": o.title(), "detail": o.detail} for o in others])
        raise first
    if agreed_minor is not None and agreed_minor != reviewed.quote.before_tip_minor:
        raise QuoteChanged(total_minor=reviewed.quote.total_minor, currency=reviewed.quote.currency)


def find_placed(token: str, jurisdiction: str) -> Order | None:
    """The order that a token has become, as far as this region knows."""
    order_id = ids.order_id_from(token)
    keys = [Order.key_of(region, order_id) for region in topology.current().members(jurisdiction)]
    return _to_answer_with(list(Order.batch_get(keys, consistent_read=True)))


def content_fingerprint(*, token: str, wish: Wish, contact: Contact) -> str:
    """Tells a repetition from a reuse of a token. Keyed by the token, so that nobody can guess at what was chosen.

    Of what was sent, by name, without what is empty: a field that a later release adds changes nothing for whoever does not use
    it, so that a retry may meet another release than the first try did. What the provider says of an address is no part of it.
    """
    choices = [_filled({**asdict(choice), "options": sorted(choice.options)}) for choice in wish.choices]
    sent = {**asdict(wish), **asdict(contact), "choices": sorted(choices, key=_as_text)}
    return ids.fingerprint(token + _as_text(_filled(sent)))


def _filled(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _filled(v) if isinstance(v, dict) else v for name, v in fields.items() if v}


def _as_text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def _fingerprint_by_position(*, token: str, wish: Wish, contact: Contact) -> str:
    """As it was made first, of a pick-up.

    To be removed a day after the release that does not make it any more: tokens live for 23 hours.
    """
    choices = sorted((c.dish, sorted(c.options), c.quantity) for c in wish.choices)
    of_contact = {name: getattr(contact, name) for name in ("name", "phone", "note")} | {"address": None}
    chosen: list[Any] = [wish.restaurant, wish.kind, wish.cell, wish.tip_minor, choices, of_contact]
    if wish.scheduled_for is not None:
        chosen.append(wish.scheduled_for)
    return ids.fingerprint(token + _as_text(chosen))


def _read_together(order_id: str, restaurant: Restaurant) -> tuple[list[Order], Kitchen]:
    """This id's orders of all homes in the jurisdiction, tombstones too, and what the kitchen says: one TransactGet."""
    members = topology.current().members(restaurant.jurisdiction)
    for attempt in range(_ATTEMPTS):
        try:
            with TransactGet(connection=Order._get_connection().connection) as transaction:
                orders = [transaction.get(Order, Order.key_of(home, order_id)) for home in members]
                availabilities = [
                    transaction.get(Availability, key)
                    for key in Availability.keys_of(restaurant.id, restaurant.jurisdiction)
                ]
        except TransactGetError as error:
            if error_code(error) != "TransactionCanceledException":
                raise
            if is_throttled(error) and attempt == _ATTEMPTS - 1:
                raise
            # A write to one of the items was under way: the same order, sent twice at once.
            time.sleep(0.02 * 2**attempt)
            continue
        return _existing(orders), Kitchen.of(_existing(availabilities))
    raise Unavailable(say("This order is being placed right now. Check again in a few seconds."))


def _to_answer_with(orders: list[Order]) -> Order | None:
    """Of the orders that one checkout has become in several homes, the one to answer with."""
    regions = tuple(topology.current().regions)
    there = [order for order in orders if not order.is_tombstone]
    for order in there:
        order.check_readable()
    return min(there, key=lambda order: precedence(order.as_twin, regions), default=None)


def _existing(futures: list[Any]) -> list[Any]:
    records = []
    for future in futures:
        try:
            records.append(future.get())
        except (Order.DoesNotExist, Availability.DoesNotExist):
            continue
    return records


def _same_order(placed: Order, token: str, wish: Wish, contact: Contact) -> Order:
    if not any(
        placed.content_fingerprint == of(token=token, wish=wish, contact=contact)
        for of in (content_fingerprint, _fingerprint_by_position)
    ):
        raise TokenReused
    return placed


def _new_order(
    *,
    order_id: str,
    token: str,
    by: Actor,
    wish: Wish,
    contact: Contact,
    phone: str,
    address: Address | None,
    destination: Destination | None,
    restaurant: Restaurant,
    kitchen: Kitchen,
    reviewed: Review,
) -> Order:
    now_ms = clock.now_ms()
    expected_at = now_ms + minutes_needed(restaurant, kitchen, wish.kind) * 60_000
    quote = reviewed.quote
    return Order(
        key=Order.key_of(topology.here(), order_id),
        home=topology.here(),
        id=order_id,
        status=Status.PLACED,
        kind=wish.kind,
        restaurant=restaurant.id,
        restaurant_name=restaurant.name,
        restaurant_phone=restaurant.phone,
        restaurant_address=restaurant.address,
        restaurant_country=restaurant.country,
        time_zone=restaurant.time_zone,
        currency=quote.currency,
        subtotal_minor=quote.subtotal_minor,
        delivery_fee_minor=quote.delivery_fee_minor,
        tax_minor=quote.tax_minor,
        tax_included=quote.tax_included,
        tip_minor=quote.tip_minor,
        total_minor=quote.total_minor,
        placed_at=now_ms,
        scheduled_for=wish.scheduled_for,
        expected_at=wish.scheduled_for or expected_at,
        history=[{"status": Status.PLACED, "at": now_ms, "by": by.signature}],
        payment=Payment.ON_RECEIPT,
        lines=[asdict(line) for line in reviewed.lines],
        contact_name=contact.name,
        contact_phone=phone,
        address="\n".join(address_lines(address)) if address else None,
        cell=destination.cell if destination else None,
        position=destination.stored if destination else None,
        note=contact.note,
        access_fingerprint=ids.fingerprint(ids.access_secret_from(token)),
        content_fingerprint=content_fingerprint(token=token, wish=wish, contact=contact),
    )
