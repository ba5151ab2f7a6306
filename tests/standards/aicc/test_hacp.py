"""HACP messages as text: what a request is read to, what is answered (CMI001 v4.0 section 6)."""

import io
from urllib.parse import quote, urlencode

import pytest

from standards import aicc
from standards.aicc import hacp
from standards.package import Package
from standards.structure import Launch, Learner, Outcome, Report, Request, State

from .packages import course_zip

NOW = "2026-01-01T00:00:00+00:00"


def read(text: str, command: str = "PutParam", **held: str) -> dict[str, str]:
    return hacp.read_report(hacp.Message(command, data=text), held)


@pytest.mark.parametrize(
    "form",
    [
        "command=GetParam&session_id=s&version=4.0&aicc_data=",
        "COMMAND=GETPARAM&Session_ID=s&VERSION=4.0",
        "command=%20getparam%0D%0A&session_id=%20s%20&version=4.0",
        "aicc_data=&version=4.0&session_id=s&command=getparam&command=PutParam",
    ],
)
def test_names_come_in_any_case_and_order(form):
    assert hacp.read_form(form.encode()) == hacp.Message("GetParam", "4.0", "s")


DATA = "[Core]\r\nLesson_Status=P\r\nLesson_Location=café\r\n"


@pytest.mark.parametrize(
    "encoded",
    [
        quote(DATA),
        quote(DATA, encoding="latin-1"),
        quote(quote(DATA)),
        quote(DATA, safe="[]=\r\n"),
        urlencode({"": DATA})[1:],
    ],
    ids=["utf-8", "latin-1", "twice", "hardly", "form"],
)
def test_data_is_decoded_however_it_is_encoded(encoded):
    message = hacp.read_form(f"command=putparam&aicc_data={encoded}".encode())

    assert hacp.read_report(message, {})["cmi.core.lesson_location"] == "café"


def test_data_that_looks_encoded_inside_of_a_group_stays():
    data = quote("[Core]\r\nLesson_Location=%5B1%0D\r\n[Core_Lesson]\r\na%2Cb")

    values = hacp.read_report(hacp.read_form(f"command=putparam&aicc_data={data}".encode()), {})

    assert (values["cmi.core.lesson_location"], values["cmi.suspend_data"]) == ("%5B1%0D", "a%2Cb")


def test_too_many_fields_are_refused():
    with pytest.raises(ValueError):
        hacp.read_form(b"a=1&" * 300)


@pytest.mark.parametrize(
    ("written", "status", "exits"),
    [
        ("passed", "passed", ""),
        ("P", "passed", ""),
        ("c", "completed", ""),
        ("Completed, Suspend", "completed", "suspend"),
        ("incomplete,s", "incomplete", "suspend"),
        ("F,L", "failed", "logout"),
        ("b,t", "browsed", "time-out"),
        ("Not Attempted", "not attempted", ""),
        ("I,X", "incomplete", ""),
    ],
)
def test_lesson_status_and_exit(written, status, exits):
    values = read(f"[core]\nlesson_status = {written}")

    assert values == {"cmi.core.lesson_status": status, "cmi.core.exit": exits}


def test_a_status_that_is_no_word_is_no_status():
    assert read("[core]\nlesson_status=done") == {"cmi.core.exit": ""}


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("80", {"raw": "80"}),
        ("80,100", {"raw": "80", "max": "100"}),
        (" 80 , 100 , 0 ", {"raw": "80", "max": "100", "min": "0"}),
        ("66.67", {"raw": "66.67"}),
        ("-5", {"raw": "-5"}),
        ("85%", {"raw": "85"}),
        ("85 %,100%", {"raw": "85", "max": "100"}),
        ("", {}),
        ("n/a", {}),
        ("1e309", {}),
        ("nan", {}),
    ],
)
def test_forms_of_a_score(written, expected):
    assert read(f"[Core]\nScore={written}") == {f"cmi.core.score.{name}": value for name, value in expected.items()}


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("00:01:30", "0000:01:30"),
        ("0001:01:30.5", "0001:01:30.5"),
        ("1:2:3", "0001:02:03"),
        ("02:03", "0000:02:03"),
        ("00:00:01.123456", "0000:00:01.12"),
        ("", None),
        ("soon", None),
    ],
)
def test_times(written, expected):
    assert read(f"[Core]\nTime={written}").get("cmi.core.session_time") == expected


def test_core_lesson_is_kept_word_for_word():
    text = "a=1\n\n  [not a group of ours]\n;x = y\n" + "z" * 70_000

    values = read(f"[Core]\nLesson_Status=I\n[Core_Lesson]\n{text}\n[Comments]\nhard")

    assert (values["cmi.suspend_data"], values["cmi.comments"]) == (text, "hard")


def test_comments_may_have_lines_in_brackets():
    values = read("[comments]\n[note] this\nsecond\n[core]\nLesson_Status=I")

    assert values["cmi.comments"] == "[note] this\nsecond"


def test_what_is_answered_of_windows_can_be_sent_back():
    held = read("[Student_Preferences]\nWindow.1=10,10,20,20\nWindow.2=0,0,1,1")

    answered = hacp.write_param(COURSE, COURSE.leaves[0], Launch(values=held))

    assert "Window.1=10,10,20,20\r\nWindow.2=0,0,1,1" in answered
    assert read(answered[answered.index("[Student_Preferences]") :].replace("\r\n", "\n")) == held


def test_an_empty_core_lesson_forgets_and_a_missing_one_does_not():
    assert read("[Core_Lesson]\n")["cmi.suspend_data"] == ""
    assert "cmi.suspend_data" not in read("[Core]\nLesson_Status=I")


def test_the_other_groups():
    values = read(
        "[Objectives_Status]\nJ_ID.1=J1\nJ_Score.1=90\nJ_Status.1=P\nJ_ID.2=J2\nJ_Status.2=F\n"
        "[Student_Preferences]\nAudio=-1\nLanguage=fr\nWindow.1=0,0,1,1\nUnknown=x\n"
        "[Student_Data]\nTry_Score.1=50\nTry_Status.1=F\nTry_Time.1=00:01:00",
        **{"cmi.objectives.0.id": "J2"},
    )

    assert values == {
        "cmi.objectives.1.id": "J1",
        "cmi.objectives.1.score.raw": "90",
        "cmi.objectives.1.status": "passed",
        "cmi.objectives.0.id": "J2",
        "cmi.objectives.0.status": "failed",
        "cmi.student_preference.audio": "-1",
        "cmi.student_preference.language": "fr",
        "cmi.student_preference.windows.0": "0,0,1,1",
        "cmi.student_data.tries.0.score.raw": "50",
        "cmi.student_data.tries.0.status": "failed",
        "cmi.student_data.tries.0.time": "0000:01:00",
    }


def test_interactions_in_any_order_of_columns():
    table = '"Result","interaction_id","type_interaction","student_response","correct_response","latency","weighting","date","time","objective_id"\n"C","Q1","C","a,b","a,b","00:00:05","1","2026/01/02","10:00:00","J1"\n'  # noqa: E501

    assert read(table, "PutInteractions", **{"cmi.interactions.0.id": "Q0"}) == {
        "cmi.interactions.1.id": "Q1",
        "cmi.interactions.1.date": "2026/01/02",
        "cmi.interactions.1.time": "10:00:00",
        "cmi.interactions.1.type": "choice",
        "cmi.interactions.1.correct_responses.0.pattern": "a,b",
        "cmi.interactions.1.student_response": "a,b",
        "cmi.interactions.1.result": "correct",
        "cmi.interactions.1.weighting": "1",
        "cmi.interactions.1.latency": "0000:00:05",
        "cmi.interactions.1.objectives.0.id": "J1",
    }


def test_a_table_sent_again_adds_nothing():
    table = "interaction_id,student_response\nQ1,a\nQ1,b\n"
    held = read(table, "PutInteractions")

    assert len(held) == 4
    assert read(table, "PutInteractions", **held) == {}


@pytest.mark.parametrize(
    ("command", "table", "expected"),
    [
        ("PutComments", 'location,comment\np1,"good, ""very"""\n',
         {"cmi.evaluation.comments.0.content": 'good, "very"', "cmi.evaluation.comments.0.location": "p1"}),
        ("PutObjectives", "objective_id,score,status,mastery_time\nJ1,\"80,100\",C,00:05:00\n",
         {"cmi.objectives.0.id": "J1", "cmi.objectives.0.score.raw": "80", "cmi.objectives.0.score.max": "100",
          "cmi.objectives.0.status": "completed", "cmi.objectives.0.mastery_time": "00:05:00"}),
        ("PutPath", "element_location,why_left,time_in_element\nB1,student selected,00:01:00\n",
         {"cmi.paths.0.location_id": "B1", "cmi.paths.0.why_left": "student selected",
          "cmi.paths.0.time_in_element": "00:01:00"}),
        ("PutPerformance", "whatever\n", {"cmi.performance": "whatever"}),
        ("PutInteractions", "", {}),
        ("ExitAU", "[Core]\nLesson_Status=P", {}),
    ],
)  # fmt: skip
def test_the_optional_commands(command, table, expected):
    assert read(table, command) == expected


# --- what is answered -------------------------------------------------------------------------------------------------

COURSE = aicc.parse(Package.open(io.BytesIO(course_zip())))
LEARNER = Learner("l1", "Ada", "Lovelace")


def started(state: State = State(), **settings: str) -> State:  # noqa: B008
    return aicc.navigate(COURSE, state, Request("start"), NOW, settings)


def param(state: State) -> str:
    activity = COURSE.activity(state.current)
    assert activity is not None
    return hacp.write_param(COURSE, activity, aicc.launch(COURSE, state, LEARNER, {}))


def test_getparam_at_the_first_launch():
    assert hacp.answer(0, param(started())) == (
        "error=0\r\nerror_text=Successful\r\nversion=4.0\r\naicc_data="
        "[Core]\r\nStudent_ID=l1\r\nStudent_Name=Lovelace, Ada\r\nLesson_Location=\r\nCredit=credit\r\n"
        "Lesson_Status=not attempted, ab-initio\r\nScore=\r\nTime=0000:00:00.00\r\nLesson_Mode=normal\r\n"
        '[Core_Lesson]\r\n\r\n[Core_Vendor]\r\ncolour=blue\r\nsize="large"\r\n'
        "[Evaluation]\r\nCourse_ID=AICC-TWO\r\n[Objectives_Status]\r\n\r\n"
        "[Student_Data]\r\nAttempt_Number=1\r\nMastery_Score=\r\nMax_Time_Allowed=\r\nTime_Limit_Action=\r\n"
        "[Student_Preferences]\r\n\r\n[Student_Demographics]\r\nFamiliar_Name=Ada\r\n"
    )


def put(state: State, text: str, finished: bool = False) -> State:
    return aicc.record(COURSE, state, Report(state.current, read(text), finished), {})


def test_getparam_after_a_suspended_session():
    first = put(
        started(), "[Core]\nLesson_Status=I,S\nLesson_Location=p3\nScore=40,50,0\nTime=00:01:00\n[Core_Lesson]\na\nb"
    )
    left = aicc.navigate(COURSE, put(first, "", finished=True), Request("suspendAll"), NOW, {})

    answered = param(started(left))

    for line in ("Lesson_Status=incomplete, resume", "Lesson_Location=p3", "Score=40,50,0", "Time=0000:01:00",
                 "[Core_Lesson]\r\na\r\nb\r\n[Core_Vendor]", "Attempt_Number=2"):  # fmt: skip
        assert line in answered


def test_a_value_breaks_no_line():
    state = put(started(), "[Core]\nLesson_Status=I")
    held = state.activities[state.current]
    odd = {**held.values, "cmi.core.lesson_location": "a\r\nLesson_Status=passed"}
    state = aicc.record(COURSE, state, Report(state.current, odd), {})

    assert "Lesson_Location=a Lesson_Status=passed\r\n" in param(state)


@pytest.mark.parametrize(
    ("text", "finished", "expected"),
    [
        ("[Core]\nLesson_Status=N\nTime=00:01:00", True, Outcome("incomplete", "unknown", None, 60.0)),
        ("[Core]\nTime=00:01:00", True, Outcome("completed", "unknown", None, 60.0)),
        ("[Core]\nLesson_Status=C\nScore=40\nTime=00:01:00", False, Outcome("completed", "unknown", 0.4, 60.0)),
        ("[Core]\nLesson_Status=P\nScore=25,50\nTime=00:01:00", True, Outcome("completed", "passed", 0.5, 60.0)),
    ],
)
def test_what_a_unit_comes_to(text, finished, expected):
    state = put(started(), text, finished)

    assert state.activities["A1"].outcome == expected


@pytest.mark.parametrize(("score", "success"), [("70", "passed"), ("69.9", "failed")])
def test_the_mastery_score_decides_at_the_end_and_prerequisites_open_the_block(score, success):
    first = put(started(), "[Core]\nLesson_Status=C", finished=True)
    second = aicc.navigate(COURSE, first, Request("continue"), NOW, {})
    assert second.current == "a2"

    state = put(second, f"[Core]\nLesson_Status=C\nScore={score}", finished=True)

    assert state.activities["a2"].outcome.success == success


def test_prerequisites_hold_what_is_in_a_block():
    state = aicc.navigate(COURSE, started(), Request("choice", "a2"), NOW, {})

    assert state.current == "A1"
    assert [item.enabled for item in aicc.launch(COURSE, state, LEARNER, {}).menu if item.launchable] == [True, False]


def test_a_completed_course_is_reviewed_for_no_credit():
    state = put(started(), "[Core]\nLesson_Status=C", finished=True)
    state = aicc.navigate(COURSE, state, Request("continue"), NOW, {})
    state = put(state, "[Core]\nLesson_Status=P\nScore=90", finished=True)
    over = aicc.navigate(COURSE, state, Request("exitAll"), NOW, {})

    again = started(over, PlayerLaunchCompletedRegsAsNoCredit="YES")

    assert "Credit=no-credit\r\n" in param(again)
    assert "Lesson_Mode=review\r\n" in param(again)
    after = put(again, "[Core]\nLesson_Status=F\nScore=1", finished=True)
    assert after.activities["A1"].outcome.completion == "completed"
