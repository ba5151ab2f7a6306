"""What the Add Content component needs wherever it is included."""

from django import template
from django.conf import settings

register = template.Library()


@register.simple_tag
def upload_max_bytes() -> int:
    return settings.UPLOAD_MAX_BYTES
