"""What the commands ask of the API, by the official client."""

import json
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import rustici_software_cloud_v2 as official
from rustici_software_cloud_v2.rest import ApiException
from urllib3.exceptions import HTTPError

from .progress import Progress

PIECE = 2**20  # bytes read at once
FIRST_WAIT, LONGEST_WAIT = 0.2, 5.0  # seconds between two looks at an import


class Refused(Exception):
    """What was asked is not done, in the words of the service."""


class NotReached(Exception):
    """No answer, or one that says that the service is out of order."""


class Service:
    """An application of a running SCORM Cloud."""

    def __init__(self, url: str, app_id: str, secret: str) -> None:
        base = url.rstrip("/").removesuffix("/api/v2")
        configuration = official.Configuration()
        configuration.host = f"{base}/api/v2"
        configuration.username, configuration.password = app_id, secret
        self.configuration = configuration
        self.client = official.ApiClient(configuration)
        self._courses, self._registrations = official.CourseApi(self.client), official.RegistrationApi(self.client)

    def upload(self, course_id: str, package: Path, may_create_version: bool, progress: Progress) -> str:
        """The id of the import job. The file goes out in pieces: the official client would read it whole."""
        boundary, size = uuid.uuid4().hex, package.stat().st_size
        name = package.name.replace('"', "%22").replace("\r", "").replace("\n", "")
        head = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
            f"Content-Type: {_kind(package)}\r\n\r\n"
        ).encode()
        tail = f"\r\n--{boundary}--\r\n".encode()

        def body() -> Iterator[bytes]:
            yield head
            with package.open("rb") as file:
                while piece := file.read(PIECE):
                    yield piece
                    progress.at(file.tell(), size)
            yield tail

        progress.begin(f"Uploading {package.name}")
        query = urlencode({"courseId": course_id, "mayCreateNewVersion": str(may_create_version).lower()})
        headers = {
            "Authorization": self.configuration.get_basic_auth_token(),
            "Content-Type": f"multipart/form-data; boundary={boundary}",
            "Content-Length": str(len(head) + size + len(tail)),
            "uploadedContentType": _kind(package),
        }
        url = f"{self.configuration.host}/courses/importJobs/upload?{query}"
        pool = self.client.rest_client.pool_manager
        answer = _asked(lambda: pool.request("POST", url, body=body(), headers=headers, retries=False))
        progress.end()
        if answer.status >= 400:
            raise _refusal(answer.status, answer.data.decode(errors="replace"))
        return json.loads(answer.data)["result"]

    def wait(self, job: str, progress: Progress, timeout: float) -> dict[str, Any]:
        """The import once it is over. Raises Refused where it failed, NotReached where it takes longer."""
        progress.begin("Importing")
        began, wait = time.monotonic(), FIRST_WAIT
        while True:
            found = _asked(lambda: self._courses.get_import_job_status(job))
            if found.status != "RUNNING":
                break
            if time.monotonic() - began > timeout:
                raise NotReached(f"The import {job} was not over after {timeout:g} seconds; it goes on.")
            progress.tick()
            time.sleep(wait)
            wait = min(wait * 1.5, LONGEST_WAIT)
        progress.end()
        if found.status == "ERROR":
            raise Refused(f"The import failed: {found.message}")
        return self._plain(found)

    def register(
        self,
        course: str,
        registration: str,
        learner: str,
        first_name: str | None,
        last_name: str | None,
        email: str | None,
    ) -> None:
        who = official.LearnerSchema(id=learner, first_name=first_name, last_name=last_name, email=email)
        wish = official.CreateRegistrationSchema(course_id=course, learner=who, registration_id=registration)
        _asked(lambda: self._registrations.create_registration(wish))

    def link(self, registration: str, redirect: str, expiry: int) -> str:
        wish = official.LaunchLinkRequestSchema(expiry=expiry, redirect_on_exit_url=redirect)
        return _asked(lambda: self._registrations.build_registration_launch_link(registration, wish)).launch_link

    def preview(self, course: str, redirect: str, expiry: int) -> str:
        wish = official.PreviewLaunchLinkRequestSchema(expiry=expiry, redirect_on_exit_url=redirect)
        return _asked(lambda: self._courses.build_course_preview_launch_link(course, wish)).launch_link

    def results(self, registration: str, is_full: bool) -> dict[str, Any]:
        names = ("include_child_results", "include_interactions_and_objectives", "include_runtime")
        more = dict.fromkeys(names, True) if is_full else {}
        return self._plain(_asked(lambda: self._registrations.get_registration_progress(registration, **more)))

    def courses(self, text: str | None, progress: Progress) -> Iterator[dict[str, Any]]:
        asked = {"filter": text} if text else {}
        return self._all(self._courses.get_courses, asked, lambda page: page.courses, progress)

    def registrations(self, course: str | None, learner: str | None, progress: Progress) -> Iterator[dict[str, Any]]:
        asked = {name: value for name, value in (("course_id", course), ("learner_id", learner)) if value}
        return self._all(self._registrations.get_registrations, asked, lambda page: page.registrations, progress)

    def _all(
        self, ask: Callable[..., Any], asked: dict[str, Any], rows_of: Callable[[Any], list[Any]], progress: Progress
    ) -> Iterator[dict[str, Any]]:
        """Every row, page by page."""
        progress.begin("Reading")
        more = asked
        while True:
            page = _asked(lambda: ask(**more))  # noqa: B023 -- asked at once
            yield from (self._plain(row) for row in rows_of(page))
            progress.tick()
            if not page.more:
                break
            more = {"more": page.more}
        progress.end()

    def _plain(self, found: Any) -> Any:
        """As the wire has it: camelCase, what has no value is absent."""
        return self.client.sanitize_for_serialization(found)


def _kind(package: Path) -> str:
    known = {".pdf": "application/pdf", ".mp4": "video/mp4", ".mp3": "audio/mpeg"}
    return known.get(package.suffix.lower(), "application/zip")


def _asked(ask: Callable[[], Any]) -> Any:
    try:
        return ask()
    except ApiException as error:
        raise _refusal(error.status, error.body or error.reason) from None
    except HTTPError as error:
        raise NotReached(f"The service cannot be reached: {error}") from None
    except ValueError as error:  # the official client looks at some values itself
        raise Refused(str(error)) from None


def _refusal(status: int | None, body: Any) -> Exception:
    text = body.decode(errors="replace") if isinstance(body, bytes) else str(body or "")
    try:
        text = json.loads(text)["message"]
    except (ValueError, KeyError, TypeError):
        text = text[:300]
    is_down = not status or (status >= 500 and status != 501)  # 0: the official client found no way there
    return (NotReached if is_down else Refused)(f"{text} ({status})")
