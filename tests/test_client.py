"""The command-line client against the running product, as a shell runs it."""

import json
import os
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Any

import pytest

from tests.api.conftest import Served, served  # noqa: F401 -- a fixture
from tests.packages import package_zip
from tests.services import ROOT, free_port

pytestmark = pytest.mark.services


class Shell:
    """Runs the client as an application of the product."""

    def __init__(self, url: str, app_id: str, secret: str) -> None:
        names = {"SCORMCLOUD_URL": url, "SCORMCLOUD_APP_ID": app_id, "SCORMCLOUD_SECRET": secret}
        self.environment = {**os.environ, **names}

    def run(self, *words: str) -> tuple[int, str, str]:
        """Exit code, stdout, stderr."""
        line = [sys.executable, "-m", "client", *words]
        done = subprocess.run(
            line, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False, timeout=120
        )
        return done.returncode, done.stdout, done.stderr

    def told(self, *words: str) -> Any:
        """What it prints, of a command that must succeed."""
        code, out, complaints = self.run(*words)
        assert code == 0, complaints
        return json.loads(out)


@pytest.fixture
def shell(served: Served) -> Shell:  # noqa: F811
    return Shell(served.cloud.console, served.app_id, served.secret)


@pytest.fixture
def package(tmp_path: Path) -> str:
    path = tmp_path / "golf course.zip"
    path.write_bytes(package_zip("scorm12_two_scos"))
    return str(path)


def test_from_a_package_to_results(shell: Shell, package: str):
    course = f"golf/ä {uuid.uuid4()}"

    code, out, progress = shell.run("upload", package, "--course", course, "--wait")
    registration = shell.told("register", course, "ada", "--first-name", "Ada")["registration"]
    link = shell.told("link", registration, "--expiry", "60")["link"]
    results = shell.told("results", registration)
    full = shell.told("results", registration, "--full")

    assert (code, json.loads(out)["importResult"]["course"]["id"]) == (0, course)
    assert progress == "Uploading golf course.zip …\nImporting …\n"
    assert link.startswith("http")
    assert (results["id"], results["registrationCompletion"], results["learner"]["firstName"]) == (
        registration,
        "UNKNOWN",
        "Ada",
    )
    assert "activityDetails" in full
    assert [each["id"] for each in shell.told("courses", "--filter", course)] == [course]
    assert [each["id"] for each in shell.told("registrations", "--course", course)] == [registration]
    assert shell.told("registrations", "--course", course, "--learner", "bob") == []
    assert shell.told("preview", course)["link"].startswith("http")


def test_an_import_that_is_waited_for_later(shell: Shell, package: str):
    course = f"later {uuid.uuid4()}"

    job = shell.told("--quiet", "upload", package, "--course", course)["job"]

    assert shell.told("wait", job)["status"] == "COMPLETE"
    assert shell.run("upload", package, "--course", course)[0] == 1
    assert shell.told("upload", package, "--course", course, "--new-version", "--wait")["status"] == "COMPLETE"


def test_what_is_refused_is_told_in_the_words_of_the_service(shell: Shell, tmp_path: Path):
    broken = tmp_path / "broken.zip"
    broken.write_bytes(b"no zip")

    unknown = shell.run("results", "nowhere")
    failed = shell.run("--quiet", "upload", str(broken), "--course", f"b{uuid.uuid4()}", "--wait")
    stranger = Shell(shell.environment["SCORMCLOUD_URL"], "NOBODY", "wrong").run("courses")

    assert unknown == (1, "", "Registration ID 'nowhere' does not exist in this application. (404)\n")
    assert (failed[0], failed[1]) == (1, "")
    assert (stranger[0], "not right. (401)" in stranger[2]) == (1, True)


@pytest.mark.parametrize(
    "words", [[], ["fly"], ["upload", "there-is-no-such.zip"], ["results"], ["link", "a", "--expiry", "x"]]
)
def test_wrong_words_are_told(words: list[str]):
    code, out, complaint = Shell("http://localhost:1", "a", "b").run(*words)

    assert (code, out, "usage:" in complaint) == (2, "", True)


def test_who_asks_has_to_be_said():
    assert Shell("", "", "x").run("courses") == (
        2,
        "",
        "Say --url or SCORMCLOUD_URL, --app-id or SCORMCLOUD_APP_ID.\n",
    )


def test_a_service_that_is_away_has_an_exit_code_of_its_own():
    code, out, complaint = Shell(f"http://localhost:{free_port()}", "a", "b").run("--quiet", "results", "x")

    assert (code, out, "cannot be reached" in complaint) == (3, "", True)
