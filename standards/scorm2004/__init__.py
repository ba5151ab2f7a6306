"""SCORM 2004, 2nd to 4th Edition: sequencing decides what the learner gets.

`navigate`, `launch`, `accept`, `record` and `accepts`, `parse` satisfy `standards.registry.Standard`.
"""

from .launching import launch
from .package import accepts, parse
from .runtime import accept
from .session import begin_with, navigate, record, without_shared_objectives

__all__ = [
    "accept",
    "accepts",
    "begin_with",
    "launch",
    "navigate",
    "parse",
    "record",
    "without_shared_objectives",
]
