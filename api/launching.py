"""Launch links: of previews, and of registrations, which may ask for more."""

import re
from dataclasses import replace
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, field_validator

from content.models import CourseVersion
from realms.configuration import protection
from registrations import tags
from registrations.links import Guard, Options, Wish, launch_url, leads_to, preview_url
from registrations.services import refuse_over_plan, version_to_play
from standards.structure import Learner

from .access import ApiRequest
from .courses import version_of
from .errors import BadValue, check_address
from .registrations import registration_of
from .sections import Section
from .wire import Number, Wire

launching = Section("Course", "course")
launches = Section("Registration", "registration")
MOST_VALUES = 50
PREVIEWER = Learner("preview", "Preview", "")
Short = Annotated[str, Field(max_length=500)]


def _a_language(text: str) -> str:
    """BCP 47, with a hyphen or an underscore."""
    if not re.fullmatch(r"[A-Za-z]{2,8}([-_][A-Za-z0-9]{1,8})*", text):
        raise ValueError("it must be the code of a language, such as de or pt-BR.")
    return text


Culture = Annotated[str, AfterValidator(_a_language)]


class ItemValuePairSchema(Wire):
    item: Short | None = None
    value: Annotated[str, Field(max_length=2000)] | None = None


class PreviewLaunchLinkRequestSchema(Wire):
    """`redirectOnExitUrl`: an address, or closer, blank, message; empty: as configured."""

    expiry: Annotated[int, Field(ge=10, le=300)] = 120
    redirect_on_exit_url: str | None = None
    start_sco: str | None = None
    culture: Culture | None = None
    css_url: str | None = None
    additionalvalues: Annotated[list[ItemValuePairSchema], Field(max_length=MOST_VALUES)] = []

    @field_validator("culture", "start_sco", "css_url", mode="before")
    @classmethod
    def _empty_is_none(cls, value: object) -> object:
        return value or None

    def options(self) -> Options:
        """Raises BadValue."""
        _, leaving = leads_to(self.redirect_on_exit_url or "")
        if self.css_url:
            check_address("cssUrl", self.css_url)
        values = {each.item: each.value or "" for each in self.additionalvalues if each.item}
        return Options(leaving, self.css_url or "", self.culture or "", values)

    def wish(self, version: CourseVersion | None) -> Wish:
        """How the link launches; the version is needed for a SCO. Raises BadValue for one that it does not have."""
        if self.start_sco:
            assert version is not None
            activity = version.read_structure().activity(self.start_sco)
            if activity is None or activity.kind == "aggregation":
                raise BadValue("startSco", f"there is no activity “{self.start_sco[:255]}” to launch in this course.")
        return Wish(activity=self.start_sco or "", options=self.options(), seconds=self.expiry)

    @property
    def address(self) -> str:
        """Where leaving leads."""
        return leads_to(self.redirect_on_exit_url or "")[0]


class LaunchAuthOptionsSchema(Wire):
    """To what files are bound: the network address and the browser of the launch (`fingerprint`), so many seconds after
    it (`expiry`), and from one request to the next (`slidingExpiry`). 0: no such limit. Absent: as settings say."""

    ip_address: bool | None = None
    fingerprint: bool | None = None
    expiry: Annotated[int, Field(ge=0, le=protection.MONTH)] | None = None
    sliding_expiry: Annotated[int, Field(ge=0, le=protection.MONTH)] | None = None


class LaunchAuthSchema(Wire):
    """Files at an address of this launch alone, with a cookie or without (`vault`)."""

    type: Literal["cookies", "vault"] = "cookies"
    options: LaunchAuthOptionsSchema | None = None

    def guard(self) -> Guard:
        said = self.options or LaunchAuthOptionsSchema()
        return Guard(self.type, said.ip_address, said.fingerprint, said.expiry, said.sliding_expiry)


class LaunchLinkRequestSchema(PreviewLaunchLinkRequestSchema):
    """`tracking`: false launches without keeping anything. The tags are put on by the launch."""

    redirect_on_exit_url: str
    tracking: bool = True
    learner_tags: list[str] = []
    course_tags: list[str] = []
    registration_tags: list[str] = []
    launch_auth: LaunchAuthSchema | None = None

    def options(self) -> Options:
        """Raises BadValue, RegistrationError."""
        return replace(
            super().options(),
            is_untracked=not self.tracking,
            tags=tuple(tags.clean(self.registration_tags, "registrationTags")),
            learner_tags=tuple(tags.clean(self.learner_tags, "learnerTags")),
            course_tags=tuple(tags.clean(self.course_tags, "courseTags")),
            guard=self.launch_auth.guard() if self.launch_auth else Guard(),
        )


class LaunchLinkSchema(Wire):
    launch_link: str


@launching.post("/courses/{course_id}/preview", "buildCoursePreviewLaunchLink", LaunchLinkSchema, verb="read")
def build_course_preview_launch_link(
    request: ApiRequest, course_id: str, body: PreviewLaunchLinkRequestSchema
) -> LaunchLinkSchema:
    """A link that shows the course as a learner sees it; nothing is kept."""
    return _preview(version_of(request, course_id, None), body)


@launching.post(
    "/courses/{course_id}/versions/{version_id}/preview",
    "buildCoursePreviewLaunchLinkWithVersion",
    LaunchLinkSchema,
    verb="read",
)
def build_course_preview_launch_link_with_version(
    request: ApiRequest, course_id: str, version_id: Number, body: PreviewLaunchLinkRequestSchema
) -> LaunchLinkSchema:
    """The same of one version."""
    return _preview(version_of(request, course_id, version_id), body)


def _preview(version: CourseVersion, body: PreviewLaunchLinkRequestSchema) -> LaunchLinkSchema:
    return LaunchLinkSchema(launch_link=preview_url(version, PREVIEWER, body.address, body.wish(version)))


@launches.post(
    "/registrations/{registration_id}/launchLink", "buildRegistrationLaunchLink", LaunchLinkSchema, verb="read"
)
def build_registration_launch_link(
    request: ApiRequest, registration_id: str, body: LaunchLinkRequestSchema
) -> LaunchLinkSchema:
    """A link that opens the player for the learner. The launch is recorded when it is followed.

    403 where the launch would be the registration's first and the plan's registrations are used up.
    """
    registration = registration_of(request, registration_id)
    if body.tracking:
        refuse_over_plan(registration, registration.application.realm)
    wish = body.wish(version_to_play(registration) if body.start_sco else None)
    return LaunchLinkSchema(launch_link=launch_url(registration, body.address, wish))
