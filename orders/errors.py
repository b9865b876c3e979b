"""Why an order cannot be placed or changed."""

from core.errors import Conflict, Invalid, Refused, Unavailable


class CannotOrder(Refused):
    """This can’t be ordered as it is.

    Base of all reasons that lie with the restaurant or the choice; nothing was ordered and the basket is kept.
    """


class EmptyBasket(CannotOrder):
    """Your basket is empty."""

    detail = "Add a dish to your basket first. Nothing was ordered."


class NotAtThatTime(CannotOrder):
    """Not available at that time.

    Base of the reasons that another time may take away.
    """


class TimeNotOffered(NotAtThatTime):
    """This time is not available."""


class RestaurantClosed(NotAtThatTime):
    """The restaurant is closed right now."""


class ClosesTooSoon(NotAtThatTime):
    """The restaurant closes too soon."""


class KitchenPaused(NotAtThatTime):
    """The restaurant is not taking orders right now."""

    detail = "The restaurant is not taking orders right now. Your basket is kept; try again in a few minutes."


class SoldOut(CannotOrder):
    """This dish has sold out since you added it."""


class NotServedThen(NotAtThatTime):
    """This dish is not served at that time."""


class UnknownDish(CannotOrder):
    """This dish is no longer on the menu."""


class WrongOptions(CannotOrder):
    """The choices for a dish are not valid."""


class QuantityOutOfRange(CannotOrder):
    """This quantity is not possible."""


class TooManyLines(CannotOrder):
    """The order has too many different lines."""


class OutsideDeliveryArea(CannotOrder):
    """The restaurant does not deliver there.

    Of an order, `extra` says how far it is, how far the restaurant delivers, and where those are that do deliver there.
    """

    detail = "The restaurant does not deliver to this place. Choose pick-up or a restaurant nearer to you."


class AddressNotFound(CannotOrder):
    """We couldn’t find this address.

    `candidates` in `extra` are what was found instead, best first. With a position that its owner has confirmed it is ordered to.
    """

    detail = "Correct the address, or confirm where it is. Nothing was ordered."


class AddressNotChecked(CannotOrder):
    """Addresses can’t be checked right now.

    With a position that its owner has confirmed, an address is ordered to all the same.
    """

    detail = "Confirm where it is to order all the same, or try again in a moment. Nothing was ordered."


class NotOffered(CannotOrder):
    """The restaurant does not offer this option."""


class BelowMinimum(CannotOrder):
    """Your order is below the restaurant’s minimum for delivery."""


class TipOutOfRange(CannotOrder):
    """This tip is not possible."""

    detail = "A tip can be at most the price of the food."


class QuoteChanged(Conflict):
    """The price has changed since it was shown."""

    detail = "Check the new total and order again if you agree. Nothing was ordered."


class OtherRestaurant(Conflict):
    """Your basket holds dishes from another restaurant.

    `restaurant` is the id of that one.
    """

    detail = "A basket holds dishes from one restaurant. Empty it to start a new one."

    def __init__(self, restaurant: str) -> None:
        self.restaurant = restaurant
        super().__init__()


class BasketChanged(Conflict):
    """Your basket has changed since this page was shown."""

    detail = "It was changed in another window. Check it and order again if you agree. Nothing was ordered."


class BasketFull(CannotOrder):
    """Your basket is full."""

    detail = "Your basket can’t hold more different dishes. This one was not added; everything else is kept."


class BasketUnreadable(Invalid):
    """Your basket could not be read."""

    detail = (
        "It was changed outside this site or is damaged, so it was emptied. Nothing was ordered; please choose again."
    )


class NotPossibleNow(Conflict):
    """This is no longer possible for this order."""


class NotReadable(Unavailable):
    """This order can’t be shown right now."""

    detail = "This site is being updated right now. Your order is safe; try again in a few minutes."


class NotUnderstood(Conflict):
    """A newer release has worked on this order."""

    detail = "You can view it here, but not change it yet. Nothing was changed; try again in a few minutes."
