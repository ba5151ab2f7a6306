"""Why something cannot be taken in, in words for the person who can act."""


class ContentError(Exception):
    """What was asked cannot be done; the message is shown as it is, `code` is stable."""

    code = "content-refused"


class ResultsKept(ContentError):
    """What learners reached would go too, and whoever asks has not the right to take it."""


class CourseExists(ContentError):
    """The wanted course id is taken and no new version of that course was asked for."""

    code = "course-exists"


class OverPlan(ContentError):
    """The realm's plan leaves no room for it."""

    code = "storage-limit"


class TooManyCourses(OverPlan):
    """The realm's plan leaves room for no further course."""

    code = "course-limit"


class DiskFull(ContentError):
    """The machine has no room for it."""

    code = "disk-full"


class FetchError(ContentError):
    """A file could not be had from its address."""

    code = "fetch-failed"


class TooManyFetches(FetchError):
    """The realm has as many on their way as one may have."""


class FetchDenied(FetchError):
    """The server of the address wants other credentials."""

    code = "fetch-denied"
