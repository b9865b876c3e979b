"""What can be refused, as facts. `foodforthought.errors` turns each into an HTTP answer, in one table."""

from typing import Any

from core.messages import say


class Refused(Exception):
    """Base of everything that is refused with a reason a person can act on.

    The docstring of a subclass is its title; `detail` says what happened here, what was kept, and what can be done.
    `extra` holds further members of the problem document, JSON types only. Title and `detail` are in the language of
    the reader: a subclass writes both in English, and what is given as `detail` has been through `say` or `gettext`.
    """

    detail = "The request was refused."

    def __init__(self, detail: str | None = None, **extra: Any) -> None:
        self.detail = detail or say(type(self).detail)
        self.extra = extra
        super().__init__(self.detail)

    @classmethod
    def title(cls) -> str:
        return say((cls.__doc__ or cls.__name__).strip().splitlines()[0]).rstrip(".")


class NotFound(Refused):
    """Not found."""

    detail = "There is nothing at this address. Check it, or start again from the home page."


class Invalid(Refused):
    """The request is not valid."""

    detail = "Something in the request is missing or malformed; nothing was changed."


class TooLarge(Refused):
    """The request is too large."""


class UnsupportedCharset(Refused):
    """The text is not in UTF-8."""

    detail = "Send text in UTF-8, and say `charset=utf-8` or nothing in `Content-Type`; nothing of it was read."


class Conflict(Refused):
    """Somebody else changed this first."""

    detail = "It has changed in the meantime. Nothing was saved; look at it again before you decide."


class SignInNeeded(Refused):
    """This page is for operators."""

    detail = "Sign in with the operator's key of this deployment."


class Forbidden(Refused):
    """You are not allowed to do this."""

    detail = "You do not have permission for this."


class TooManyRequests(Refused):
    """Too many requests in a short time.

    `extra` names the limit, its window, and `retry_after_seconds`.
    """


class Unavailable(Refused):
    """Something that we need is not responding right now."""

    detail = "Please try again in a moment; nothing was lost."


class WrongRegion(Refused):
    """Another region decides this.

    Raised before anything is sent; `home` is the one region that may write the record.
    """

    def __init__(self, home: str, detail: str | None = None, **extra: Any) -> None:
        self.home = home
        super().__init__(detail or say("Only %(home)s can change this. Nothing was saved here.", home=home), **extra)


class WrongJurisdiction(Refused):
    """This belongs to another part of the world.

    `jurisdiction` is the one whose regions may take the request, and `path` where a person can begin anew on its site; what was
    sent is neither kept nor passed on.
    """

    def __init__(self, jurisdiction: str, detail: str | None = None, *, path: str = "/") -> None:
        self.jurisdiction = jurisdiction
        self.path = path
        super().__init__(detail or say("Please continue on the site for this restaurant’s part of the world."))


class MalformedToken(Refused):
    """The checkout token is malformed."""

    detail = "A token is the Unix time in seconds, a dot, and at least 22 random characters of base64url."


class TokenOutOfTime(Refused):
    """The checkout token is not valid now."""


class StaleToken(TokenOutOfTime):
    """The checkout token is too old."""

    detail = "A token is good for 23 hours from the time in it. Begin a new checkout; nothing was ordered."


class TokenFromTheFuture(TokenOutOfTime):
    """The checkout token is from the future."""

    detail = "It is dated in the future: the clock that made it is fast. Begin a new checkout; nothing was ordered."


class TokenReused(Conflict):
    """This token has already placed a different order."""

    detail = "The token belongs to an order with other content. Use a new token for a new order; nothing was ordered."
