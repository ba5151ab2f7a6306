"""AICC (CMI001 v4.0): course structure files, and a data model that content reaches by HTTP (HACP) or by an API.

`navigate`, `launch`, `accept`, `record` and `accepts`, `parse` satisfy `standards.registry.Standard`; `hacp` reads and
writes the messages. Like SCORM 1.2, which came from it, AICC has no sequencing (`standards.lessons`).
"""

from ..lessons import navigate
from .package import accepts, parse
from .runtime import accept, launch, record

__all__ = ["accept", "accepts", "launch", "navigate", "parse", "record"]
