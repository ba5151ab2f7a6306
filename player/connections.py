"""How content that talks to the server by HTTP is told where: the parameters its launch address carries.

A standard gives the bare address; each door (hacp.py for AICC) knows its own URLs and credentials.
"""

from collections.abc import Callable, Mapping
from urllib.parse import quote, urlencode

from django.conf import settings
from django.urls import reverse

from registrations.sessions import Session
from standards.structure import Launch

Connection = Callable[[Session, Launch], Launch]


def connect(session: Session, launch: Launch) -> Launch:
    """The launch at the address the browser opens; unchanged where content finds its API on the page."""
    connection = CONNECTIONS.get(launch.api)
    return connection(session, launch) if connection and launch.href else launch


def with_query(href: str, parameters: Mapping[str, str]) -> str:
    """The address with the parameters after those it has, before its fragment."""
    address, hash_sign, fragment = href.partition("#")
    separator = "" if address.endswith(("?", "&")) else "&" if "?" in address else "?"
    return f"{address}{separator}{urlencode(parameters, quote_via=quote, safe='')}{hash_sign}{fragment}"


def absolute(name: str, *args: str) -> str:
    """A URL of the content origin, for content that may lie on another host."""
    return f"{settings.CONTENT_ORIGIN}{reverse(f'player:{name}', args=args, urlconf=settings.CONTENT_URLCONF)}"


# By Launch.api.
CONNECTIONS: Mapping[str, Connection] = {}
