"""SCORM 1.1 and 1.2: one data model for each item, the learner goes where prerequisites allow.

`navigate`, `launch`, `accept`, `record` and `accepts`, `parse` satisfy `standards.registry.Standard`. SCORM 1.2 has no
sequencing: what the book leaves to the LMS is decided here by the settings of the configuration table.
"""

from .navigation import launch, navigate, record
from .package import accepts, parse
from .runtime import accept

__all__ = ["accept", "accepts", "launch", "navigate", "parse", "record"]
