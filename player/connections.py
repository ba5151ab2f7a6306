"""How content that talks to the server by HTTP is told where: the parameters its launch address carries.

A standard gives the bare address; each door (hacp.py for AICC) adds its own URLs and credentials.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from registrations.links import Options
from registrations.sessions import Session
from standards.structure import Launch

from . import cmi5, hacp, tincan
from .addresses import with_query

Connection = Callable[[Session, Launch], Launch]

# By Launch.api.
CONNECTIONS: Mapping[str, Connection] = {"aicc": hacp.connect, "cmi5": cmi5.connect, "xapi": tincan.connect}


def connect(session: Session, launch: Launch) -> Launch:
    """The launch at the address the browser opens; as the package has it where content finds its API on the page."""
    if not launch.href:
        return launch
    if values := Options.from_json(session.launch.options).values:
        launch = replace(launch, href=with_query(launch.href, values))
    connection = CONNECTIONS.get(launch.api)
    return connection(session, launch) if connection else launch
