"""Learners: their tags, names and addresses, and the end of what is known of one."""

from typing import Annotated

from ninja import Query
from pydantic import Field

from realms.models import Membership, Role
from registrations import learners as verbs

from .access import ApiRequest
from .auditing import record
from .errors import ApiError, NotFound, naming
from .sections import Section
from .tags import BatchTagsSchema, TagListSchema
from .wire import Wire

learners = Section("Learner", "learner")
Text = Annotated[str, Field(max_length=255)]


class LearnerSchema(Wire):
    """`id` is what tells learners apart; everything else may be absent."""

    id: Annotated[str, Field(min_length=1, max_length=255)]
    email: Text | None = None
    first_name: Text | None = None
    last_name: Text | None = None


class ForgetQuery(Wire):
    """`userEmail`: of the owner or administrator of the realm who wants it so."""

    user_email: str


def _known(request: ApiRequest, learner_id: str) -> str:
    """The id, where a registration or tag has it. Raises NotFound."""
    if not verbs.known(request.application, [learner_id]):
        raise NotFound("Learner", learner_id)
    return learner_id


@learners.get("/learner/{learner_id}/tags", "getLearnerTags", TagListSchema)
def get_learner_tags(request: ApiRequest, learner_id: str) -> TagListSchema:
    """The tags of a learner, which hold for all registrations of the id."""
    return TagListSchema(tags=verbs.tags_of(request.application, _known(request, learner_id)))


@learners.put("/learner/{learner_id}/tags", "putLearnerTags")
def put_learner_tags(request: ApiRequest, learner_id: str, body: TagListSchema) -> None:
    """Add tags to those the learner has."""
    learner_id = _known(request, learner_id)
    with naming("tags", verbs.LearnerError):
        verbs.add_tags(request.application, [learner_id], body.tags)
    record(request, "learner.tags", learner_id, added=body.tags)


@learners.delete("/learner/{learner_id}/tags", "deleteLearnerTags", scopes=("write:learner",))
def delete_learner_tags(request: ApiRequest, learner_id: str, body: TagListSchema | None = None) -> None:
    """Take tags off the learner; those that are not there are no matter."""
    verbs.remove_tags(request.application, _known(request, learner_id), body.tags if body else [])
    record(request, "learner.tags", learner_id, removed=body.tags if body else [])


@learners.put("/learner/tags", "putLearnerTagsBatch", errors=(404,))
def put_learner_tags_batch(request: ApiRequest, body: BatchTagsSchema) -> None:
    """Add each of the tags to each of the learners, or to none where there is one that does not exist."""
    known = verbs.known(request.application, body.ids)
    if unknown := next((each for each in body.ids if each not in known), None):
        raise NotFound("Learner", unknown)
    with naming("tags", verbs.LearnerError):
        verbs.add_tags(request.application, body.ids, body.tags)
    record(request, "learner.tags", learners=len(body.ids), added=body.tags)


@learners.post("/learner/{learner_id}/updateInfo", "updateLearnerInfo")
def update_learner_info(request: ApiRequest, learner_id: str, body: LearnerSchema) -> None:
    """Write names and e-mail address on every registration of the learner; what is absent stays as it is."""
    learner_id = _known(request, learner_id)
    if body.id != learner_id:
        raise ApiError(400, "id: it must be that of the path; the id of a learner does not change.")
    verbs.update(request.application, learner_id, body.first_name, body.last_name, body.email)
    record(request, "learner.update", learner_id)


@learners.post("/learner/{learner_id}/delete-information", "deleteAllLearnerData", scopes=("admin",))
def delete_all_learner_data(request: ApiRequest, learner_id: str, query: Query[ForgetQuery]) -> None:
    """Delete everything the application knows of a learner, in the background. It cannot be taken back."""
    learner_id = _known(request, learner_id)
    application = request.application
    privileged = Membership.objects.filter(role__in=(Role.OWNER, Role.ADMINISTRATOR))
    members = privileged.filter(realm=application.realm_id, user__email__iexact=query.user_email)
    email = members.values_list("user__email", flat=True).first()
    if email is None:
        raise ApiError(403, "userEmail: no owner or administrator of the realm has this address.")
    if not application.allow_delete:
        raise ApiError(403, "Deleting is not permitted in this application (allowDelete is false).")
    verbs.ask_to_forget(application, learner_id, email)
    record(request, "learner.delete", asked_by=email)  # not whose: that is what is to be forgotten
