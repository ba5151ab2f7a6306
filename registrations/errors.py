"""What a registration cannot be, in words for the person who can act."""


class RegistrationError(ValueError):
    """A value that a registration cannot have; the message names the field."""


class RegistrationExists(RegistrationError):
    """The id is taken."""


class CourseGone(RegistrationError):
    """The course or its version was deleted a moment ago."""
