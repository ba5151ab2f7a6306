"""What tests arrange with: each function makes one thing, with what it needs, and the given fields."""

import tempfile
from itertools import count
from pathlib import Path
from typing import Any

from accounts.models import User
from content import importer
from content.models import Course
from content.services import Wish, start_import
from realms.models import Application, Membership, Realm, Role
from realms.services import open_default_realm
from registrations import services
from registrations.links import LaunchLink
from registrations.models import Registration
from standards.structure import Learner, Report, Request
from tests.packages import package_zip

PASSWORD = "correct horse battery staple"
_numbers = count(1)


def user(email: str = "", **fields: Any) -> User:
    """A person with PASSWORD and no realm."""
    number = next(_numbers)
    names = {"first_name": "Olga", "last_name": f"Owner {number}"}
    return User.objects.create_user(email or f"person{number}@example.com", PASSWORD, **(names | fields))


def realm(owner: User | None = None) -> Realm:
    """A realm as a sign-up makes it, with its two applications."""
    opened = open_default_realm(owner or user())
    assert opened is not None, "this person has a default realm already"
    return opened


def colleague(of: Realm, **fields: Any) -> User:
    """An administrator of the realm."""
    return member(of, Role.ADMINISTRATOR, **fields)


def member(of: Realm, role: str, **fields: Any) -> User:
    """A person with the role in the realm, whose e-mail address is verified."""
    person = user(**fields)
    person.emailaddress_set.create(email=person.email, verified=True, primary=True)
    Membership.objects.create(realm=of, user=person, role=role)
    return person


def application(of: Realm | None = None, **fields: Any) -> Application:
    """Another, empty application in the realm."""
    names = {"name": f"Application {next(_numbers)}"}
    return Application.objects.create(realm=of or realm(), **(names | fields))


def internal_application(of: Realm | None = None) -> Application:
    """The realm's `SCORM Cloud` application, where the console works."""
    return (of or realm()).applications.get(is_internal=True)


def course(package: str = "scorm12_single", of: Realm | None = None, **wish: Any) -> Course:
    """A course of one of tests/packages, by the real import."""
    return course_of_zip(package_zip(package), of, f"{package}.zip", **wish)


def course_of_zip(archive: bytes, of: Realm | None = None, file_name: str = "package.zip", **wish: Any) -> Course:
    """A course of any archive, by the real import."""
    return imported(internal_application(of), archive, file_name, **wish)


def imported(of: Application, archive: bytes, file_name: str, **wish: Any) -> Course:
    """The same in this application."""
    with tempfile.TemporaryDirectory() as folder:  # the import takes the file over
        path = Path(folder) / file_name
        path.write_bytes(archive)
        job = start_import(of, path, file_name, Wish(**wish), queued=False)
    importer.run(job.pk)
    job.refresh_from_db()
    assert job.version is not None, job.message
    return job.version.course


def registration(of: Course | None = None, learner: str = "ada") -> Registration:
    """A sandbox registration."""
    return services.open_sandbox(of or course(), Learner(learner, "Ada", "Lovelace"))


def launch(of: Registration) -> "Played":
    """A launch that has started, to be played by calling it."""
    key = services.begin_launch(LaunchLink(registration_id=of.pk), services.Visitor("127.0.0.1")).key
    session, shown = services.start(key)
    return Played(key, shown.activity, services.last_number(session))


class Played:
    """What a player page does, without the page: reports and requests with numbers that go up."""

    def __init__(self, key: str, activity: str, number: int) -> None:
        self.key, self.activity, self.number = key, activity, number

    def report(
        self, finished: bool = False, leaving: bool = False, seconds: float = 0.0, **values: str
    ) -> services.Stored:
        """`lesson_status="passed"` is cmi.core.lesson_status where the standard is 1.2; `cmi__exit` is cmi.exit."""
        self.number += 1
        return services.record_progress(self.key, self.number, self._report(values, finished, seconds), leaving)

    def go(self, name: str, target: str = "", by_learner: bool = True, **values: str) -> Any:
        """Ask for what comes next; the launch shown then."""
        self.number += 1
        request = Request(name, target, by_learner)
        shown = services.navigate(self.key, self.number, self._report(values, False, 0.0), request).launch
        self.activity = shown.activity
        return shown

    def _report(self, values: dict[str, str], finished: bool, seconds: float) -> Report:
        flat = {
            name.replace("__", ".") if name.startswith(("cmi", "adl")) else f"cmi.core.{name.replace('__', '.')}": value
            for name, value in values.items()
        }
        return Report(self.activity, flat, finished, seconds)
