"""Registrations of the realm that is pictured, played on different days."""

from datetime import timedelta

from content.models import Course, CourseVersion
from realms.models import Realm
from registrations import learners, overriding, tags
from registrations.models import CallLog, LaunchRecord, Postback, Registration
from registrations.registering import NewRegistration, register
from registrations.reports import summing
from registrations.services import open_sandbox
from standards.structure import Learner
from tests import make

from .things import LEARNER, LONG, OWNER, PEOPLE, House, Page, ago


def play(registration: Registration, how: int, days: float) -> None:
    """Let it be played: passed, failed, left in the middle or only opened, so many days ago."""
    played = make.launch(registration)
    right = how % 4 != 1
    answers = {
        f"cmi__interactions__{index}__{name}": value
        for index, (identifier, response) in enumerate(
            (
                ("which-star-is-north", "polaris" if right else "sirius"),
                ("days-of-the-moon", "27"),
                ("great-bear", "true"),
            )
        )
        for name, value in (
            ("id", identifier),
            ("type", "fill-in"),
            ("student_response", response),
            ("result", "correct" if right or index else "wrong"),
            ("latency", f"0000:00:{11 + how % 40:02}.00"),
        )
    }
    time = f"0000:{4 + how % 30:02}:10.00"
    played.report(lesson_status="incomplete" if how % 4 == 2 else "completed", session_time=time, finished=True)
    if how % 4 != 2:
        played.go("continue")
        score = {"score__raw": str(95 - how * 3 % 35 if right else 40), "score__max": "100", "score__min": "0"}
        played.report(
            lesson_status="passed" if right else "failed", session_time=time, finished=True, **score, **answers
        )
        played.go("exitAll")
    _put_back(registration, days)


def _put_back(registration: Registration, days: float) -> None:
    """Let all of it have happened some days ago."""
    began = ago(days=days)
    LaunchRecord.objects.filter(instance__registration=registration).update(
        created=began,
        started=began,
        last_seen=began + timedelta(minutes=14),
        address="198.51.100.23",
        user_agent="Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36",
        referrer="https://moodle.harbour.example/mod/scorm/view.php?id=17",
    )
    LaunchRecord.objects.filter(instance__registration=registration, ended__isnull=False).update(
        ended=began + timedelta(minutes=14)
    )
    registration.refresh_from_db()
    done = began + timedelta(minutes=14) if registration.completed_at else None
    Registration.objects.filter(pk=registration.pk).update(
        created=began - timedelta(hours=2),
        updated=began + timedelta(minutes=14),
        first_access=began,
        last_access=began + timedelta(minutes=14),
        completed_at=done,
    )


def fill_registrations(house: House, realm: Realm, courses: dict[str, Course]) -> None:
    sample = courses["sample"]
    version = CourseVersion.objects.select_related("course__application").get(pk=sample.current_version_id)
    for number in range(36):
        learner_id, first, last = PEOPLE[number % len(PEOPLE)]
        new = NewRegistration(
            f"enrolment-{1000 + number}",
            learner_id,
            first,
            last,
            learner_id if "@" in learner_id else "",
            tags=(("spring", "autumn")[number % 2], *(("retake",) if number % 5 == 0 else ())),
        )
        made = register(version, new)
        if number % 6 != 5:
            play(made, number, days=(number * 7) % 29 + 0.3)
        else:
            Registration.objects.filter(pk=made.pk).update(created=ago(days=number % 27), updated=ago(days=number % 27))
    chapters = CourseVersion.objects.select_related("course__application").get(course=courses["chapters"])
    for number, (learner_id, first, last) in enumerate(PEOPLE[:7]):
        made = register(
            chapters,
            NewRegistration(f"{LONG}-{number}" if number == 3 else f"safety-{number}", learner_id, first, last),
        )
        played = make.launch(made)
        for _ in range(3 + number):
            played.report(lesson_status="completed", session_time="0000:03:00.00", finished=True)
            played.go("continue")
        _put_back(made, number + 0.6)
    shown = _shown(sample, courses)
    house.things |= {
        "registrations/<int:pk>": shown.pk,
        "mine/<int:pk>": Registration.objects.filter(learner_id=LEARNER, is_sandbox=False).order_by("pk").first().pk,
    }
    house.more += [
        Page("registrations-registration-many-items", f"/r/{realm.slug}/registrations/{_large(courses)}/", "owner"),
        Page(
            "registrations-registration-interactions",
            f"/r/{realm.slug}/registrations/{_interactions(courses)}/",
            "owner",
        ),
        Page(
            "registrations-sequencing-2004", f"/r/{realm.slug}/registrations/{_sequenced(courses)}/sequencing/", "owner"
        ),
        Page("registrations-course-many-items", f"/r/{realm.slug}/courses/{courses['large'].pk}/", "owner"),
        Page("registrations-course-cmi5", f"/r/{realm.slug}/courses/{courses['cmi5'].pk}/", "owner"),
        Page("registrations-course-pdf", f"/r/{realm.slug}/courses/{courses['pdf'].pk}/", "owner"),
        Page(
            "registrations-course-long-title",
            f"/r/{realm.slug}/courses/{Course.objects.get(course_id='course-16').pk}/",
            "owner",
        ),
    ]
    learners.add_tags(sample.application, [LEARNER], ["night shift", "first aider"])
    while summing.run():
        pass


def _shown(sample: Course, courses: dict[str, Course]) -> Registration:
    """The registration whose pages are pictured: played twice, overridden, posted back, with a debug log."""
    shown = Registration.objects.get(registration_id="enrolment-1000")
    launch = LaunchRecord.objects.filter(instance__registration=shown).first()
    calls = (
        ("Initialize", [""], "true", 0),
        ("GetValue", ["cmi.core.student_name"], "Lovelace, Ada", 0),
        ("SetValue", ["cmi.core.lesson_location", "page-3"], "true", 0),
        ("SetValue", ["cmi.core.score.raw", "one hundred"], "false", 405),
        ("GetLastError", [], "405", 0),
        ("SetValue", ["cmi.suspend_data", "p=3;seen=polaris,ursa-major,cassiopeia;" * 12], "true", 0),
        ("Commit", [""], "true", 0),
        ("Terminate", [""], "true", 0),
    )
    entries = [
        {
            "at": (launch.created + timedelta(seconds=7 * index)).isoformat(),
            "activity": "lesson",
            "method": f"LMS{method}",
            "arguments": arguments,
            "result": result,
            "code": code,
            "diagnostic": "A score is a decimal number" if code else "",
            "warning": "",
        }
        for index, (method, arguments, result, code) in enumerate(calls * 3)
    ]
    CallLog.objects.create(launch=launch, number=1, entries=entries)
    overriding.override(shown, {"success": "passed", "score": 0.9}, "Oral examination on board, protocol 17.", OWNER)
    log = [
        {"at": ago(days=2).isoformat(), "status": 503, "seconds": 1.4, "answer": "Service Unavailable", "error": ""},
        {"at": ago(days=1.9).isoformat(), "status": 200, "seconds": 0.2, "answer": "ok", "error": ""},
    ]
    for delivered in (ago(days=1.9), None):
        Postback.objects.create(
            registration=shown,
            url="https://moodle.harbour.example/mod/scorm/postback.php",
            log=log[: 2 if delivered else 1],
            attempts=2 if delivered else 10,
            delivered=delivered,
            body='{"id": "enrolment-1000", "registrationCompletion": "COMPLETED"}',
        )
    tags.add_tags([shown], ["audited"])
    sandbox(sample, OWNER)
    return shown


def sandbox(course: Course, learner_id: str) -> Registration:
    first, last = next((names[1:] for names in PEOPLE if names[0] == learner_id), ("Mira", "Vos"))
    return open_sandbox(course, Learner(learner_id, first, last))


def _large(courses: dict[str, Course]) -> int:
    made = sandbox(courses["large"], "grace@harbour.example")
    played = make.launch(made)
    for _ in range(9):
        played.report(lesson_status="completed", session_time="0000:02:00.00", finished=True)
        played.go("continue")
    return made.pk


def _interactions(courses: dict[str, Course]) -> int:
    made = sandbox(courses["sample"], "alan@harbour.example")
    values = {}
    for index in range(100):
        place = f"cmi__interactions__{index}"
        values |= {
            f"{place}__id": f"urn:harbour:question:{index:03}:which-of-these-lights-is-of-a-vessel-not-under-command",
            f"{place}__type": "choice",
            f"{place}__student_response": "a,c" if index % 3 else "b",
            f"{place}__correct_responses__0__pattern": "a,c",
            f"{place}__result": "correct" if index % 3 else "wrong",
            f"{place}__latency": f"0000:00:{10 + index % 45:02}.00",
            f"{place}__weighting": "1",
        }
    make.launch(made).report(lesson_status="incomplete", **values)
    return made.pk


def _sequenced(courses: dict[str, Course]) -> int:
    made = sandbox(courses["sequenced"], "katherine@harbour.example")
    played = make.launch(made)
    played.report(
        cmi__completion_status="completed", cmi__success_status="passed", cmi__score__scaled="0.8", finished=True
    )
    played.go("continue")
    return made.pk
