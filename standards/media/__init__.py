"""Media and links as courses: a PDF, MP4 or MP3, or an address on the web, played by a page of ours that speaks xAPI.

`accepts` and `parse` are for files, `parse_reference` for addresses. Everything else is what Tin Can courses do: the
page reports statements as the content of a package would.
"""

from ..xapi import accept, launch, navigate, record
from .package import accepts, parse
from .reference import KINDS, parse_reference

__all__ = ["KINDS", "accept", "accepts", "launch", "navigate", "parse", "parse_reference", "record"]
