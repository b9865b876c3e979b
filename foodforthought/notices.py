"""What a page says once about what was just done, kept in a signed cookie until then."""

from typing import Any

from django.contrib.messages.storage.base import Message
from django.contrib.messages.storage.cookie import CookieStorage
from django.core import signing
from django.http import HttpRequest, HttpResponseBase
from django.utils.functional import cached_property

from regions.secrets import SecretsUnavailable


class Notices(CookieStorage):
    """Django's asks for the keys at every request; these only when there is something to say, and are silent without keys."""

    def __init__(self, request: HttpRequest, *arguments: Any, **details: Any) -> None:
        super(CookieStorage, self).__init__(request, *arguments, **details)

    @cached_property
    def signer(self) -> signing.TimestampSigner:
        return signing.get_cookie_signer(salt=self.key_salt)

    def _get(self, *arguments: Any, **details: Any) -> tuple[list[Message], bool]:
        try:
            return super()._get(*arguments, **details)  # type: ignore[misc]
        except SecretsUnavailable:
            return [], True

    def _store(
        self, messages: list[Message], response: HttpResponseBase, *arguments: Any, **details: Any
    ) -> list[Message]:
        try:
            return super()._store(messages, response, *arguments, **details)  # type: ignore[misc]
        except SecretsUnavailable:
            return messages
