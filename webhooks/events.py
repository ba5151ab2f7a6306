"""The events that endpoints can be told of."""

from collections.abc import Mapping

COURSE_IMPORTED, COURSE_DELETED = "course.imported", "course.deleted"
REGISTRATION_CREATED, REGISTRATION_LAUNCHED = "registration.created", "registration.launched"
REGISTRATION_COMPLETED = "registration.completed"
REGISTRATION_PASSED, REGISTRATION_FAILED = "registration.passed", "registration.failed"
USAGE_THRESHOLD = "usage.threshold"
TEST = "webhook.test"  # never chosen: sent from the endpoint's page

EVENTS: Mapping[str, str] = {
    COURSE_IMPORTED: "A course or a new version of it was imported",
    COURSE_DELETED: "A course was deleted with its registrations",
    REGISTRATION_CREATED: "A registration was made",
    REGISTRATION_LAUNCHED: "A learner launched a registration",
    REGISTRATION_COMPLETED: "A registration became complete",
    REGISTRATION_PASSED: "A registration became passed",
    REGISTRATION_FAILED: "A registration became failed",
    USAGE_THRESHOLD: "The realm has used a share of what its plan includes",
}
