"""A HACP client, written from CMI001 v4.0 section 6, plays AICC courses over HTTP."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client

from registrations import services
from registrations.links import LaunchLink
from registrations.models import CallLog, LaunchRecord, Registration
from standards.structure import Learner, Outcome
from tests import make
from tests.standards.aicc.packages import AU, CRS, CST, course_zip, zip_of

pytestmark = pytest.mark.django_db
HOST = urlsplit(settings.CONTENT_ORIGIN).netloc
OK = "error=0\r\nerror_text=Successful\r\nversion=4.0\r\naicc_data=\r\n"
INVALID_COMMAND = "error=1\r\nerror_text=Invalid Command\r\nversion=4.0\r\naicc_data=\r\n"
INVALID_PASSWORD = "error=2\r\nerror_text=Invalid AU-password\r\nversion=4.0\r\naicc_data=\r\n"
INVALID_SESSION = "error=3\r\nerror_text=Invalid Session ID\r\nversion=4.0\r\naicc_data=\r\n"


@dataclass
class Unit:
    """An assignable unit that was launched: knows its AICC_URL and AICC_SID, and speaks."""

    client: Client
    url: str
    sid: str
    password: str = ""

    def send(self, command: str, data: str = "") -> str:
        fields = {"command": command, "version": "4.0", "session_id": self.sid, "AU_password": self.password}
        return self.post("&".join(f"{name}={quote(value)}" for name, value in (fields | {"aicc_data": data}).items()))

    def post(self, body: str | bytes, content_type: str = "application/x-www-form-urlencoded") -> str:
        return self.answer(body, content_type).content.decode()

    def answer(self, body: str | bytes, content_type: str = "application/x-www-form-urlencoded") -> HttpResponse:
        return self.client.post(self.url, body, content_type=content_type, HTTP_HOST=HOST)

    def put(self, *lines: str) -> str:
        return self.send("PutParam", "\r\n".join(("[Core]", *lines)))


def call(client: Client, key: str, name: str, **body: Any) -> dict[str, Any]:
    response = client.post(f"/play/{key}/{name}", body, content_type="application/json", HTTP_HOST=HOST)
    return response.json()


def shown(client: Client, key: str) -> dict[str, Any]:
    return client.get(f"/play/{key}/state", HTTP_HOST=HOST).json()["launch"]


def unit_of(client: Client, launch: dict[str, Any], password: str = "") -> Unit:
    query = parse_qs(urlsplit(launch["href"]).query)
    return Unit(client, query["AICC_URL"][0], query["AICC_SID"][0], password)


def registration_of(archive: bytes = b"") -> Registration:
    return make.registration(make.course_of_zip(archive or course_zip()))


def single(file_name: str = "a.html") -> Registration:
    au = AU.replace("a.html", file_name)
    return registration_of(zip_of({"c.crs": CRS, "c.au": au, "c.cst": CST, "a.html": "<p>"}))


def launched(client: Client, registration: Registration) -> tuple[str, Unit]:
    key = make.launch(registration).key
    return key, unit_of(client, shown(client, key))


def outcome(registration: Registration) -> Outcome:
    registration.refresh_from_db()
    return registration.read_outcome()


def values(registration: Registration, activity: str = "A1") -> dict[str, str]:
    return registration.instances.first().activities.get(activity=activity).values


def test_a_whole_session(client):
    registration = single()
    key, unit = launched(client, registration)

    found = unit.send("GetParam")
    assert found.startswith("error=0\r\nerror_text=Successful\r\nversion=4.0\r\naicc_data=[Core]\r\nStudent_ID=ada\r\n")
    assert "Student_Name=Lovelace, Ada\r\n" in found
    assert "Lesson_Status=not attempted, ab-initio\r\n" in found
    assert unit.put("Lesson_Status=I", "Lesson_Location=p2", "Score=", "Time=00:00:30", "[Core_Lesson]", "x=1") == OK
    assert unit.send("PutInteractions", "interaction_id,type_interaction,student_response,result\nQ1,C,a,C\n") == OK
    assert unit.send("PutObjectives", "objective_id,score,status\nJ1,90,P\n") == OK
    assert unit.send("PutComments", "location,comment\np2,well\n") == OK
    assert unit.send("PutPath", "element_location,why_left\nA1,lesson completed\n") == OK
    assert unit.send("PutPerformance", "anything") == OK
    assert unit.put("Lesson_Status=P", "Lesson_Location=end", "Score=80,100,0", "Time=00:01:30") == OK
    assert unit.send("ExitAU") == OK

    assert outcome(registration) == Outcome("completed", "passed", 0.8, 90.0)
    kept = values(registration)
    assert {name: kept[f"cmi.{name}"] for name in (
        "core.lesson_status", "core.lesson_location", "core.score.raw", "core.score.max", "suspend_data",
        "interactions.0.student_response", "objectives.0.status", "evaluation.comments.0.content",
        "paths.0.why_left", "performance",
    )} == {
        "core.lesson_status": "passed", "core.lesson_location": "end", "core.score.raw": "80", "core.score.max": "100",
        "suspend_data": "x=1", "interactions.0.student_response": "a", "objectives.0.status": "passed",
        "evaluation.comments.0.content": "well", "paths.0.why_left": "lesson completed", "performance": "anything",
    }  # fmt: skip
    state = client.get(f"/play/{key}/state", HTTP_HOST=HOST).json()
    assert state["finished"] is True


def test_after_the_exit_nothing_is_taken_and_a_second_exit_is_no_error(client):
    registration = single()
    _, unit = launched(client, registration)
    unit.put("Lesson_Status=C", "Time=00:01:00")
    unit.send("ExitAU")

    assert unit.put("Lesson_Status=F") == INVALID_SESSION
    assert unit.send("GetParam") == INVALID_SESSION
    assert unit.send("ExitAU") == OK

    assert outcome(registration) == Outcome("completed", "unknown", None, 60.0)


def test_a_second_session_resumes_and_its_time_adds_up(client):
    registration = single()
    key, unit = launched(client, registration)
    unit.put("Lesson_Status=I,S", "Lesson_Location=p3", "Time=00:01:00", "[Core_Lesson]", "page=3")
    unit.send("ExitAU")
    call(client, key, "navigate", number=1, request={"name": "content"}, by_learner=False)

    _, again = launched(client, registration)
    found = again.send("GetParam")
    again.put("Lesson_Status=C", "Time=00:00:30")
    again.send("ExitAU")

    for line in ("Lesson_Status=incomplete, resume\r\n", "Lesson_Location=p3\r\n", "page=3\r\n", "Time=0000:01:00\r\n"):
        assert line in found
    assert unit.put("Lesson_Status=F") == INVALID_SESSION
    assert outcome(registration).seconds == 90.0


def test_two_units_with_prerequisites_password_and_mastery_score(client):
    registration = registration_of()
    key, first = launched(client, registration)
    assert call(client, key, "navigate", number=1, request={"name": "continue"})["launch"]["activity"] == "A1"
    first.put("Lesson_Status=C", "Time=00:00:10")
    first.send("ExitAU")

    second = unit_of(client, call(client, key, "navigate", number=2, request={"name": "continue"})["launch"])
    assert second.send("GetParam") == INVALID_PASSWORD
    second.password = "wrong"
    assert second.put("Lesson_Status=P") == INVALID_PASSWORD
    second.password = "secret"
    assert (
        "Mastery_Score=70\r\nMax_Time_Allowed=0000:30:00\r\nTime_Limit_Action=continue,no message\r\n"
        in second.send("GetParam")
    )
    second.put("Lesson_Status=P", "Score=60", "Time=00:00:20")
    second.send("ExitAU")

    assert outcome(registration).success == "failed"
    assert values(registration, "a2")["cmi.core.lesson_status"] == "failed"


def test_a_unit_without_a_password_may_send_any(client):
    registration = single()
    _, unit = launched(client, registration)
    unit.password = "unasked"

    assert unit.put("Lesson_Status=P") == OK
    assert unit.send("GetParam").startswith("error=0\r\n")
    assert outcome(registration).success == "passed"


def test_what_a_unit_sends_late_is_its_own(client):
    registration = registration_of()
    key, first = launched(client, registration)
    first.put("Lesson_Status=C", "Time=00:00:10")
    call(client, key, "navigate", number=1, request={"name": "continue"})

    assert first.put("Lesson_Status=C", "Lesson_Location=late", "Time=00:00:12") == OK

    kept = values(registration)
    assert (kept["cmi.core.lesson_location"], outcome(registration).seconds) == ("late", 10.0)
    assert "cmi.core.lesson_location" not in values(registration, "a2")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("", INVALID_COMMAND),
        ("command=", INVALID_COMMAND),
        ("command=DoIt&session_id={sid}", INVALID_COMMAND),
        ("command=GetParam", INVALID_SESSION),
        ("command=GetParam&session_id=nobody", INVALID_SESSION),
        ("command=GetParam&session_id=%00", INVALID_SESSION),
        ("command=GetParam&session_id={key}", INVALID_SESSION),
        ("command=GetParam&session_id={key}-0-2", INVALID_SESSION),
        ("command=PutParam&session_id={key}-9-1&aicc_data=[Core]", INVALID_SESSION),
        ("command=PutParam&session_id={key}-0-1&aicc_data=", OK),
        ("command=PutParam&session_id={key}-0-1&aicc_data=nonsense", OK),
        ("command=ExitAU&session_id={key}-x-y", INVALID_SESSION),
    ],
)
def test_requests_that_cannot_be_served(client, body, expected):
    key, unit = launched(client, single())

    assert unit.post(body.format(key=key, sid=unit.sid)) == expected


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/x-www-form-urlencoded", "COMMAND=PUTPARAM&SESSION_ID={sid}&AICC_DATA={data}"),
        ("application/x-www-form-urlencoded; charset=iso-8859-1", "command=putparam&session_id={sid}&aicc_data={data}"),
        ("text/plain", "command=PutParam&session_id={sid}&aicc_data={data}"),
        ("multipart/form-data; boundary=B", '--B\r\nContent-Disposition: form-data; name="command"\r\n\r\nPutParam\r\n'
         '--B\r\nContent-Disposition: form-data; name="session_id"\r\n\r\n{sid}\r\n'
         '--B\r\nContent-Disposition: form-data; name="aicc_data"\r\n\r\n{plain}\r\n--B--\r\n'),
        ("application/x-www-form-urlencoded", "command=PutParam&session_id={sid}&aicc_data={twice}"),
    ],
)  # fmt: skip
def test_bodies_of_any_kind(client, content_type, body):
    registration = single()
    _, unit = launched(client, registration)
    plain = "[Core]\r\nLesson_Status=P\r\nLesson_Location=é\r\n"

    answered = unit.post(
        body.format(sid=unit.sid, data=quote(plain), twice=quote(quote(plain)), plain=plain).encode(), content_type
    )

    assert (answered, values(registration)["cmi.core.lesson_location"]) == (OK, "é")


def test_a_get_is_taken(client):
    registration = single()
    _, unit = launched(client, registration)

    found = client.get(unit.url, {"command": "GetParam", "session_id": unit.sid}, HTTP_HOST=HOST)
    put = client.get(
        unit.url,
        {"command": "PutParam", "session_id": unit.sid, "aicc_data": "[Core]\nLesson_Status=P"},
        HTTP_HOST=HOST,
    )

    assert (found.content[:7], put.content.decode(), outcome(registration).success) == (b"error=0", OK, "passed")


def test_text_no_database_takes_is_kept_without_what_it_refuses(client):
    registration = single()
    _, unit = launched(client, registration)

    assert (
        unit.post(f"command=PutParam&session_id={unit.sid}&aicc_data=[Core]%0D%0ALesson_Location=a%00b%ED%A0%80c") == OK
    )

    assert values(registration)["cmi.core.lesson_location"].startswith("ab")


def test_core_lesson_beyond_4096_is_kept(client):
    registration = single()
    _, unit = launched(client, registration)
    text = "é=1\n" * 20_000

    assert unit.put("Lesson_Status=I", "[Core_Lesson]", text) == OK

    assert values(registration)["cmi.suspend_data"] == text.strip("\n")
    assert f"[Core_Lesson]\r\n{text.strip().replace(chr(10), chr(13) + chr(10))}\r\n[Core_Vendor]" in unit.send(
        "GetParam"
    )


def test_too_much_is_refused_and_nothing_is_lost(client):
    registration = single()
    _, unit = launched(client, registration)
    unit.put("Lesson_Status=I", "[Core_Lesson]", "kept")

    whole = unit.answer(b"command=PutParam&aicc_data=" + b"x" * (settings.REPORT_MAX_BYTES + 1))
    rows = unit.answer(
        f"command=PutInteractions&session_id={unit.sid}&aicc_data=interaction_id%0A".encode()
        + "".join(f"Q{number}%0A" for number in range(21_000)).encode()
    )

    assert (whole.status_code, rows.status_code, values(registration)["cmi.suspend_data"]) == (413, 413, "kept")


def test_a_window_that_took_over_is_the_one_that_counts(client):
    registration = single()
    _, first = launched(client, registration)
    _, second = launched(client, registration)

    assert first.put("Lesson_Status=F") == INVALID_SESSION
    assert first.send("GetParam") == INVALID_SESSION
    assert second.put("Lesson_Status=P") == OK
    assert outcome(registration).success == "passed"


def test_what_was_left_without_saving_takes_nothing_more(client):
    registration = single()
    key, unit = launched(client, registration)
    call(client, key, "navigate", number=1, request={"name": "abandonAll"})

    assert unit.put("Lesson_Status=P") == INVALID_SESSION


def test_content_on_another_host_is_launched_and_may_speak(client):
    registration = single("https://content.example.com/start?x=1#top")
    key = make.launch(registration).key
    launch = shown(client, key)
    unit = unit_of(client, launch)

    asked = client.options(unit.url, HTTP_HOST=HOST, HTTP_ORIGIN="https://content.example.com",
                           HTTP_ACCESS_CONTROL_REQUEST_HEADERS="content-type,x-own")  # fmt: skip
    answered = unit.answer(f"command=GetParam&session_id={unit.sid}")

    assert launch["href"].startswith("https://content.example.com/start?x=1&AICC_SID=")
    assert launch["href"].endswith("#top")
    assert (asked.status_code, asked.headers["Access-Control-Allow-Headers"]) == (204, "content-type,x-own")
    assert {response.headers["Access-Control-Allow-Origin"] for response in (asked, answered)} == {"*"}
    assert "Access-Control-Allow-Credentials" not in answered.headers
    assert not answered.cookies
    assert answered.headers["Content-Type"] == "text/plain; charset=utf-8"


def test_other_methods_are_not_taken(client):
    assert client.put("/hacp", HTTP_HOST=HOST).status_code == 405


def test_every_exchange_is_in_the_debug_log_and_takes_no_number_of_the_browsers(client):
    registration = single()
    key, unit = launched(client, registration)
    unit.put("Lesson_Status=P")
    unit.send("DoIt")
    call(client, key, "log", number=1, entries=[{"method": "LMSGetValue"}])

    logged = [entry for batch in CallLog.objects.filter(launch__key=key) for entry in batch.entries]
    assert [(entry["method"], entry.get("code", 0)) for entry in logged] == [
        ("LMSGetValue", 0),
        ("PutParam", 0),
        ("DoIt", 1),
    ]
    assert (logged[1]["activity"], logged[1]["arguments"], logged[1]["result"]) == (
        "A1",
        ["[Core]\nLesson_Status=P"],
        OK,
    )
    assert key not in str(logged)


def test_a_preview_is_played_too(client):
    registration = single()
    link = LaunchLink(version_id=registration.course.current_version_id, learner=Learner("p", "Pre", "View"))
    key = services.begin_launch(link, services.Visitor()).key
    unit = unit_of(client, call(client, key, "start")["launch"])

    assert unit.put("Lesson_Status=P", "Score=50") == OK
    unit.send("ExitAU")

    state = LaunchRecord.objects.get(key=key).preview["state"]
    assert state["outcome"] == {"completion": "completed", "success": "passed", "score": 0.5}
    assert outcome(registration) == Outcome()


def test_the_api_of_the_same_launch_reports_to_the_same_data(client):
    registration = single()
    key, unit = launched(client, registration)

    call(client, key, "report", number=1, activity="A1", values={"cmi.core.lesson_status": "P"}, finished=True)

    assert outcome(registration).success == "passed"
    assert unit.send("GetParam") == INVALID_SESSION
