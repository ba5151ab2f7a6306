"""The events that endpoints can be told of."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

COURSE_IMPORTED, COURSE_DELETED = "course.imported", "course.deleted"
REGISTRATION_CREATED, REGISTRATION_LAUNCHED = "registration.created", "registration.launched"
REGISTRATION_COMPLETED = "registration.completed"
REGISTRATION_PASSED, REGISTRATION_FAILED = "registration.passed", "registration.failed"
USAGE_THRESHOLD = "usage.threshold"
TEST = "webhook.test"  # never chosen: sent from the endpoint's page

EVENTS: Mapping[str, Promise] = {
    COURSE_IMPORTED: _("A course or a new version of it was imported"),
    COURSE_DELETED: _("A course was deleted with its registrations"),
    REGISTRATION_CREATED: _("A registration was made"),
    REGISTRATION_LAUNCHED: _("A learner launched a registration"),
    REGISTRATION_COMPLETED: _("A registration became complete"),
    REGISTRATION_PASSED: _("A registration became passed"),
    REGISTRATION_FAILED: _("A registration became failed"),
    USAGE_THRESHOLD: _("The realm has used a share of what its plan includes"),
}
