"""What the Add Content component needs wherever it is included."""

from collections.abc import Mapping

from django import template
from django.conf import settings

register = template.Library()


@register.filter
def get(counts: Mapping[int, int], key: int) -> int:
    """What is counted under the key."""
    return counts.get(key, 0)


@register.simple_tag
def upload_max_bytes() -> int:
    return settings.UPLOAD_MAX_BYTES
