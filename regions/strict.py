"""What the API takes is what it knows: a member that nobody reads must not look as if it counted."""

from typing import Any

from django.utils.translation import gettext
from rest_framework import serializers


class Strict(serializers.Serializer):
    """Refuses members it does not know, such as a price that a client sends."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict):
            unknown = sorted(set(data) - set(self.fields))
            if unknown:
                raise serializers.ValidationError({name[:60]: [gettext("Unknown field.")] for name in unknown[:20]})
        return super().to_internal_value(data)
