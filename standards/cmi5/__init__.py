"""cmi5 Quartz (1st Edition): course packages, sessions and the rules of their statements, moveOn and satisfaction.

`navigate`, `launch`, `accept`, `record` and `accepts`, `parse` satisfy `standards.registry.Standard`. The clauses are
those of the specification, the requirement numbers those of its list of requirements. CourseStructure.xsd is ADL's
(Apache License 2.0, LICENSE-CourseStructure).
"""

from .package import accepts, parse
from .session import accept, begin_with, launch, navigate, record, register

__all__ = ["accept", "accepts", "begin_with", "launch", "navigate", "parse", "record", "register"]
