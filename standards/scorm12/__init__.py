"""SCORM 1.1 and 1.2: one data model for each item, the learner goes where prerequisites allow.

`navigate`, `launch`, `accept`, `record` and `accepts`, `parse` satisfy `standards.registry.Standard`. SCORM 1.2 has no
sequencing: what the book leaves to the LMS is decided by the settings of the configuration table (`standards.lessons`).
"""

from collections.abc import Mapping

from .. import lessons
from ..lesson_data import accept, initial_values
from ..lessons import navigate, record
from ..structure import CourseStructure, Launch, Learner, State
from .package import accepts, parse

__all__ = ["accept", "accepts", "launch", "navigate", "parse", "record"]


def launch(course: CourseStructure, state: State, learner: Learner, settings: Mapping[str, str]) -> Launch:
    """What the player shows; see `standards.registry.Standard`."""
    return lessons.launch(course, state, "scorm12", lambda activity, held: initial_values(activity, held, learner))
