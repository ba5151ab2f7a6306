"""Addresses content is told: of the content origin, with parameters joined to what they have."""

from collections.abc import Mapping
from urllib.parse import quote, urlencode

from django.conf import settings
from django.urls import reverse

from content.addresses import files_url
from content.models import CourseVersion


def with_query(href: str, parameters: Mapping[str, str]) -> str:
    """The address with the parameters after those it has, before its fragment."""
    address, hash_sign, fragment = href.partition("#")
    separator = "" if address.endswith(("?", "&")) else "&" if "?" in address else "?"
    return f"{address}{separator}{urlencode(parameters, quote_via=quote, safe='')}{hash_sign}{fragment}"


def absolute(name: str, *args: str) -> str:
    """A URL of the content origin, for content that may lie on another host."""
    return f"{settings.CONTENT_ORIGIN}{reverse(f'player:{name}', args=args, urlconf=settings.CONTENT_URLCONF)}"


def address_of(version: CourseVersion, href: str, files: str = "") -> str:
    """Where the browser finds an href of the package; `files` is where the files of its launch are (guards.py)."""
    if href.partition(":")[0].isalnum() and "://" in href:
        return href
    cut = min((href.find(mark) for mark in "?#" if mark in href), default=len(href))
    return f"{settings.CONTENT_ORIGIN}{files or files_url(version)}{quote(href[:cut])}{href[cut:]}"
