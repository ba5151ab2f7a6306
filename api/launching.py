"""Launch links: what a request for one may ask for. Previews here; registrations' own links build on it."""

from typing import Annotated

from pydantic import Field, field_validator

from content.models import CourseVersion
from registrations.links import Options, Wish, leads_to, preview_url
from standards.structure import Learner

from .access import ApiRequest
from .courses import version_of
from .errors import BadValue, check_address
from .sections import Section
from .wire import Number, Wire

launching = Section("Course", "course")
MOST_VALUES = 50
PREVIEWER = Learner("preview", "Preview", "")
Short = Annotated[str, Field(max_length=500)]
Culture = Annotated[str, Field(pattern=r"^[A-Za-z]{2,8}([-_][A-Za-z0-9]{1,8})*$")]


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

    def wish(self, version: CourseVersion) -> Wish:
        """How the link launches. Raises BadValue for a SCO that the version does not have."""
        if self.start_sco:
            activity = version.read_structure().activity(self.start_sco)
            if activity is None or activity.kind == "aggregation":
                raise BadValue("startSco", f"there is no activity “{self.start_sco[:255]}” to launch in this course.")
        return Wish(activity=self.start_sco or "", options=self.options(), seconds=self.expiry)

    @property
    def address(self) -> str:
        """Where leaving leads."""
        return leads_to(self.redirect_on_exit_url or "")[0]


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
