"""Identifiers and secrets. An order's id and its access secret both come from the checkout token, by separate hashes."""

import hashlib
import hmac
import re
import secrets

from ulid import ULID

from core.errors import MalformedToken, StaleToken, TokenFromTheFuture

# A provider's idempotency key lives 24 hours; a token is refused an hour earlier, so that none is ever sent twice.
TOKEN_MAX_AGE_SECONDS = 23 * 3600
# A client's clock may run ahead of ours by this much.
TOKEN_MAX_SKEW_SECONDS = 300
TOKEN_MIN_SECRET_CHARACTERS = 22  # 22 characters of base64url carry 132 bits
TOKEN_MAX_CHARACTERS = 100
ORDER_ID = "[0-7][0-9A-HJKMNP-TV-Z]{25}"  # a ULID, in Crockford's base 32


def new_write_id() -> str:
    return secrets.token_hex(8)


def new_token(*, now_seconds: int) -> str:
    """A checkout token: when it was made (Unix seconds), a dot, 192 random bits in base64url."""
    return f"{now_seconds}.{secrets.token_urlsafe(24)}"


def check_token(token: str, *, now_seconds: int) -> None:
    """Refuse a token that is malformed, too old or not from the past (`MalformedToken`, `StaleToken`, `TokenFromTheFuture`)."""
    made_at, dot, secret = token.partition(".")
    alphabet = secret.replace("-", "").replace("_", "")
    if (
        not dot
        or not (made_at.isascii() and made_at.isdigit() and len(made_at) <= 12)
        or len(token) > TOKEN_MAX_CHARACTERS
        or len(secret) < TOKEN_MIN_SECRET_CHARACTERS
        or not (alphabet.isascii() and alphabet.isalnum())
    ):
        raise MalformedToken
    age_seconds = now_seconds - int(made_at)
    if age_seconds > TOKEN_MAX_AGE_SECONDS:
        raise StaleToken
    if age_seconds < -TOKEN_MAX_SKEW_SECONDS:
        raise TokenFromTheFuture


def order_id_from(token: str) -> str:
    """26 characters in the shape of a ULID: the same token names the same order, in every region."""
    return str(ULID.from_bytes(_derive("order id", token)[:16]))


def is_order_id(text: str) -> bool:
    """Has it the shape of an order's id? Other keys of the table of orders, such as heartbeats, have not."""
    return re.fullmatch(ORDER_ID, text) is not None


def access_secret_from(token: str) -> str:
    """What opens a guest's order. Only its hash is stored; the token gives it back to whoever placed the order."""
    return _derive("order access", token).hex()[:40]


def fingerprint(text: str) -> str:
    """A hash to store in place of the text itself."""
    return hashlib.sha256(text.encode()).hexdigest()


def opens(secret: str | None, stored_fingerprint: str) -> bool:
    """Does the secret belong to the stored fingerprint? Compared in constant time."""
    return hmac.compare_digest(fingerprint(secret or ""), stored_fingerprint)


def _derive(purpose: str, token: str) -> bytes:
    return hmac.digest(token.encode(), purpose.encode(), "sha256")
