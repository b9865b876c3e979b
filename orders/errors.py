"""Why an order cannot be placed or changed."""

from core.errors import Conflict, Invalid, Refused


class CannotOrder(Refused):
    """This cannot be ordered as it is.

    Base of all reasons that lie with the restaurant or the choice; nothing was ordered and the basket is kept.
    """


class EmptyBasket(CannotOrder):
    """There is nothing in the basket."""

    detail = "Put a dish in the basket first; nothing was ordered."


class NotAtThatTime(CannotOrder):
    """This cannot be had at that time.

    Base of the reasons that another time may take away.
    """


class TimeNotOffered(NotAtThatTime):
    """The food cannot be had at this time."""


class RestaurantClosed(NotAtThatTime):
    """The restaurant is closed right now."""


class KitchenPaused(NotAtThatTime):
    """The kitchen takes no orders for the moment."""

    detail = "The kitchen has paused for a while. Your basket is kept; try again in a few minutes."


class SoldOut(CannotOrder):
    """The kitchen has run out of this dish since it was put in the basket."""


class NotServedThen(NotAtThatTime):
    """The dish is not served at that time."""


class UnknownDish(CannotOrder):
    """This dish is not on the menu, or no longer."""


class WrongOptions(CannotOrder):
    """The choices for a dish do not fit it."""


class QuantityOutOfRange(CannotOrder):
    """A quantity is a whole number within the limit."""


class TooManyLines(CannotOrder):
    """The order has too many different lines."""


class OutsideDeliveryArea(CannotOrder):
    """The restaurant does not deliver there."""

    detail = "The restaurant does not deliver to this place. Choose pick-up, or a restaurant nearer to you."


class NotOffered(CannotOrder):
    """The restaurant does not offer this way of getting the food."""


class BelowMinimum(CannotOrder):
    """The order is below the restaurant's minimum for a delivery."""


class TipOutOfRange(CannotOrder):
    """A tip is at most what the food costs."""

    detail = "A tip is at least nothing and at most what the food costs."


class QuoteChanged(Conflict):
    """The price has changed since it was shown."""

    detail = "Look at the new total and order again if you agree; nothing was ordered."


class OtherRestaurant(Conflict):
    """The basket holds dishes of another restaurant.

    `restaurant` is the id of that one.
    """

    detail = "A basket is for one restaurant at a time. Empty it to begin a new one."

    def __init__(self, restaurant: str) -> None:
        self.restaurant = restaurant
        super().__init__()


class BasketChanged(Conflict):
    """The basket is not the one that this page showed."""

    detail = (
        "It was changed in another window. Look at it as it is now, and order again if you agree; nothing was ordered."
    )


class BasketFull(CannotOrder):
    """The basket is full."""

    detail = "The basket cannot hold more different dishes; this one was not added. What was in it is kept."


class BasketUnreadable(Invalid):
    """The basket could not be read."""

    detail = (
        "It was changed outside this site or is damaged, so it was emptied. Nothing was ordered; please choose again."
    )


class NotPossibleNow(Conflict):
    """An order in this state cannot do that."""


class NotUnderstood(Conflict):
    """A newer release has worked on this order."""

    detail = "It can be looked at here, but not be changed yet. Nothing was changed; try again in a few minutes."
