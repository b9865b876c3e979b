"""JSON bodies, also those that are made to break the parser or what comes after it."""

import json
from collections.abc import Mapping
from typing import IO, Any

from django.utils.translation import gettext
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser


class BoundedJSONParser(JSONParser):
    """What Python's own parser gives up on, or reads although no table stores it, is the sender's error, not ours."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        try:
            document = super().parse(stream, media_type, parser_context)
            # "\\ud800" alone is half a character.
            json.dumps(document, ensure_ascii=False).encode()
        except RecursionError as error:
            raise ParseError(gettext("The JSON is nested too deeply.")) from error
        except UnicodeEncodeError as error:
            raise ParseError(
                gettext("The JSON holds half a character (a surrogate without its other half).")
            ) from error
        return document
