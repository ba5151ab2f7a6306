"""cmi5 Quartz (1st Edition): course packages, launch data, the rules of statements, moveOn and satisfaction.

CourseStructure.xsd is ADL's, Apache License 2.0 (see LICENSE-CourseStructure).
"""

from .package import accepts as accepts
from .package import parse as parse
