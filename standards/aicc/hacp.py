"""HACP messages: requests read to a report of the data model, answers written (CMI001 v4.0 section 6).

A request is an HTTP form of command, version, session_id, AU_password and aicc_data (6.4.2), an answer plain text of
error, error_text, version and aicc_data (6.4.3). aicc_data is in the format of INI files, or for the four optional
commands a comma-separated table. Names come in any case.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote

from ..errors import PackageError
from ..lesson_data import EXIT, MODE, SESSION_TIME, STATUS, TOTAL_TIME
from ..structure import Activity, CourseStructure, Launch
from .files import Group, Row, decode, read_groups, read_table
from .runtime import status_word

VERSION = "4.0"
ERRORS = {0: "Successful", 1: "Invalid Command", 2: "Invalid AU-password", 3: "Invalid Session ID"}  # 6.4.3
COMMANDS = {
    name.lower(): name
    for name in (
        "GetParam",
        "PutParam",
        "PutComments",
        "PutObjectives",
        "PutInteractions",
        "PutPath",
        "PutPerformance",
        "ExitAU",
    )
}
MOST_FIELDS = 200  # of a form
PREFERENCES = ("audio", "language", "lesson_type", "speed", "text", "text_color", "text_location", "text_size", "video")
Values = dict[str, str]


# --- requests ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Message:
    """A request. `command` is in its own spelling, or as it was written where there is no such command."""

    command: str = ""
    version: str = ""
    session_id: str = ""
    au_password: str = ""
    data: str = ""

    @property
    def is_known(self) -> bool:
        return self.command in COMMANDS.values()


def read_form(*forms: bytes) -> Message:
    """The message of a form's body and of an address's query; where both hold a field, the first form's counts.

    Raises ValueError for more fields than any message has.
    """
    fields: dict[str, str] = {}
    for form in forms:
        for name, value in parse_qsl(
            form.decode("latin-1"), keep_blank_values=True, encoding="latin-1", max_num_fields=MOST_FIELDS
        ):
            fields.setdefault(name.strip().lower(), decode(value.encode("latin-1")))
    return read_fields(fields)


def read_fields(fields: Mapping[str, str]) -> Message:
    """The message of a form's fields, their names in lower case."""
    command = "".join(fields.get("command", "").split())
    return Message(
        command=COMMANDS.get(command.lower(), command),
        version=fields.get("version", "").strip(),
        session_id=_once(fields.get("session_id", "")).strip(),
        au_password=fields.get("au_password", "").strip(),
        data=_once(fields.get("aicc_data", "")),
    )


def clean(text: str) -> str:
    """Text that was decoded already, as `read_form` gives it: without NUL, its lines ending in \\n."""
    return decode(text.encode("utf-8", "replace"))


def _once(text: str) -> str:
    """Decoded again where content encoded twice: then nothing in it looks like a group or a line."""
    if not re.search(r"%(5B|0D|0A|22|2C|3D|2D|5F)", text, re.IGNORECASE) or re.search(r"[\[\n\r\"]", text):
        return text
    return decode(unquote(text.replace("+", " "), "latin-1").encode("latin-1", "replace"))


# --- what a command reports -------------------------------------------------------------------------------------------


def read_report(message: Message, held: Mapping[str, str]) -> Values:
    """The elements a command sets; `held` are those kept of the AU, to whose collections tables are added."""
    reader = READERS.get(message.command)
    return reader(message.data, held) if reader else {}


def _read_param(data: str, held: Mapping[str, str]) -> Values:
    """PutParam: groups of keywords (6.6.2)."""
    groups = read_groups(data)
    values = _read_core(groups.get("core", Group()))
    if (lesson := groups.get("core_lesson")) is not None:
        values["cmi.suspend_data"] = _free_text(data, "core_lesson", lesson)
    if (comments := groups.get("comments")) is not None:
        values["cmi.comments"] = _free_text(data, "comments", comments)
    values |= _read_objectives_status(groups.get("objectives_status", Group()), held)
    for keyword, value in groups.get("student_preferences", Group()).keywords.items():
        if keyword in PREFERENCES:
            values[f"cmi.student_preference.{keyword}"] = value
        elif match := re.fullmatch(r"windows?\.(\d{1,3})", keyword):
            values[f"cmi.student_preference.windows.{max(0, int(match[1]) - 1)}"] = value
    return values | _read_student_data(groups.get("student_data", Group()))


def _free_text(data: str, name: str, group: Group) -> str:
    """All between the group's name and the next group that AICC knows: free text may hold brackets of its own."""
    start = re.search(rf"(?im)^[ \t]*\[[ \t]*{name}[ \t]*\][ \t]*\n?", data)
    if start is None:
        return group.text
    rest = data[start.end() :]
    end = re.search(rf"(?im)^[ \t]*\[[ \t]*({'|'.join(GROUPS)})[ \t]*\]", rest)
    return (rest[: end.start()] if end else rest).strip("\n")


GROUPS = ("core", "core_lesson", "core_vendor", "comments", "evaluation", "objectives_status", "student_data",
          "student_preferences", "student_demographics")  # fmt: skip


def _read_core(core: Group) -> Values:
    values: Values = {}
    if "lesson_location" in core.keywords:
        values["cmi.core.lesson_location"] = core.get("lesson_location")
    status, _, flag = core.get("lesson_status").partition(",")
    if word := status_word(status):
        values[STATUS] = word
    if "lesson_status" in core.keywords:
        exits = {"l": "logout", "s": "suspend", "t": "time-out"}
        values[EXIT] = exits.get(flag.strip().lower()[:1], "")
    values |= _read_score("cmi.core.score", core.get("score"))
    if (time := timespan(core.get("time"))) is not None:
        values[SESSION_TIME] = time
    return values


def _read_score(name: str, text: str) -> Values:
    """`raw`, or `raw,max` and `raw,max,min` (CMI001 5, Score); content also writes 85%."""
    parts = [part.strip().removesuffix("%").rstrip() for part in text.split(",")]
    return {
        f"{name}.{bound}": part
        for bound, part in zip(("raw", "max", "min"), parts, strict=False)
        if re.fullmatch(r"[+-]?\d{1,10}(\.\d{0,7})?|[+-]?\.\d{1,7}", part)
    }


def timespan(text: str) -> str | None:
    """HHHH:MM:SS of what content writes of a time: fewer digits, no hours, one digit after the point. None for else."""
    match = re.fullmatch(r"\s*(?:(\d{1,4}):)?(\d{1,2}):(\d{1,2})(?:\.(\d{1,7}))?\s*", text)
    if match is None:
        return None
    hours, minutes, seconds, fraction = match.groups()
    rest = f".{fraction[:2]}" if fraction else ""
    return f"{int(hours or 0):04d}:{int(minutes):02d}:{int(seconds):02d}{rest}"


def _read_objectives_status(group: Group, held: Mapping[str, str]) -> Values:
    """J_ID.n, J_Score.n, J_Status.n: an objective that is known keeps its place, a new one goes behind."""
    values: Values = {}
    places = _Places(held)
    for number in _numbers(group, "j_id"):
        identifier = group.get(f"j_id.{number}")
        if not identifier:
            continue
        place = places.of(identifier)
        values[f"{place}.id"] = identifier
        values |= _read_score(f"{place}.score", group.get(f"j_score.{number}").split(";")[-1])
        if word := status_word(group.get(f"j_status.{number}").split(";")[-1]):
            values[f"{place}.status"] = word
    return values


def _numbers(group: Group, name: str) -> list[int]:
    found = (re.fullmatch(rf"{name}\.(\d{{1,5}})", keyword) for keyword in group.keywords)
    return sorted(int(match[1]) for match in found if match)


class _Places:
    """Where objectives are kept: one that is known keeps its place, a new one goes behind."""

    def __init__(self, held: Mapping[str, str]) -> None:
        numbers = _indices(held, "cmi.objectives")
        self.next = max(numbers, default=-1) + 1
        self.places = {held.get(f"cmi.objectives.{number}.id", ""): number for number in reversed(numbers)}

    def of(self, identifier: str) -> str:
        number = self.places.setdefault(identifier, self.next)
        self.next = max(self.next, number + 1)
        return f"cmi.objectives.{number}"


def _indices(values: Mapping[str, str], collection: str) -> list[int]:
    """The numbers of the records that are there, in order; content may have left out some."""
    pattern = re.compile(rf"{re.escape(collection)}\.([0-9]{{1,9}})\.")
    return sorted({int(match[1]) for name in values if (match := pattern.match(name))})


def _read_student_data(group: Group) -> Values:
    """The tries within this AU: Try_Score.n, Try_Status.n, Try_Time.n."""
    values: Values = {}
    for number in sorted({*_numbers(group, "try_score"), *_numbers(group, "try_status"), *_numbers(group, "try_time")}):
        place = f"cmi.student_data.tries.{max(0, number - 1)}"
        values |= _read_score(f"{place}.score", group.get(f"try_score.{number}"))
        if word := status_word(group.get(f"try_status.{number}")):
            values[f"{place}.status"] = word
        if (time := timespan(group.get(f"try_time.{number}"))) is not None:
            values[f"{place}.time"] = time
    return values


# --- tables -----------------------------------------------------------------------------------------------------------


def _rows(data: str) -> tuple[Row, ...]:
    """The records of a table sent with a command. Raises ValueError for what is no table."""
    try:
        table = read_table(data, "aicc_data")
    except PackageError as error:
        raise ValueError(str(error)) from error
    if table.is_cut:
        raise ValueError("The table has more rows or fields than are read")
    return table.rows


def _read_comments(data: str, held: Mapping[str, str]) -> Values:
    """PutComments: course_id, student_id, lesson_id, date, time, location, comment."""
    return _appended("cmi.evaluation.comments", data, held, lambda row: {
        "content": row.get("comment", "comments", "content"),
        "location": row.get("location"),
        "date": row.get("date"),
        "time": row.get("time"),
    })  # fmt: skip


def _read_objectives(data: str, held: Mapping[str, str]) -> Values:
    """PutObjectives: an objective that is known keeps its place."""
    values: Values = {}
    places = _Places(held)
    for row in _rows(data):
        identifier = row.get("objective_id", "id")
        if not identifier:
            continue
        place = places.of(identifier)
        values[f"{place}.id"] = identifier
        values |= _read_score(f"{place}.score", row.get("score"))
        if word := status_word(row.get("status")):
            values[f"{place}.status"] = word
        for name in ("mastery_time", "date", "time"):
            if value := row.get(name):
                values[f"{place}.{name}"] = value
    return values


TYPES = {
    "t": "true-false", "c": "choice", "f": "fill-in", "m": "matching", "p": "performance", "s": "sequencing",
    "l": "likert", "n": "numeric", "u": "unique",
}  # fmt: skip
RESULTS = {"c": "correct", "w": "wrong", "u": "unanticipated", "n": "neutral"}


def _read_interactions(data: str, held: Mapping[str, str]) -> Values:
    """PutInteractions, to the names of cmi.interactions."""
    return _appended("cmi.interactions", data, held, _interaction)


def _interaction(row: Row) -> Values:
    kind, result = row.get("type_interaction", "type"), row.get("result")
    values = {
        "id": row.get("interaction_id", "id"),
        "date": row.get("date"),
        "time": row.get("time"),
        "type": TYPES.get(kind.lower()[:1], kind),
        "correct_responses.0.pattern": row.get("correct_response", "correct_responses"),
        "student_response": row.get("student_response"),
        "result": RESULTS.get(result.lower()[:1], result),
        "weighting": row.get("weighting"),
        "latency": timespan(row.get("latency")) or row.get("latency"),
    }
    objectives = [part.strip() for part in row.get("objective_id").split(",")]
    return values | {f"objectives.{number}.id": one for number, one in enumerate(filter(None, objectives))}


def _read_path(data: str, held: Mapping[str, str]) -> Values:
    """PutPath: the places the learner went to."""
    return _appended("cmi.paths", data, held, lambda row: {
        "location_id": row.get("element_location", "location_id", "location"),
        "date": row.get("date"),
        "time": row.get("time"),
        "status": row.get("status"),
        "why_left": row.get("why_left"),
        "time_in_element": row.get("time_in_element"),
    })  # fmt: skip


def _appended(collection: str, data: str, held: Mapping[str, str], read: Callable[[Row], Values]) -> Values:
    """A record of the collection for each row; one that is repeated word for word is the same message again."""
    known = {record for _, record in _records(held, collection)}
    values: Values = {}
    number = max(_indices(held, collection), default=-1) + 1
    for row in _rows(data):
        record = {name: value for name, value in read(row).items() if value}
        key = tuple(sorted(record.items()))
        if record and key not in known:
            known.add(key)
            values |= {f"{collection}.{number}.{name}": value for name, value in record.items()}
            number += 1
    return values


def _records(values: Mapping[str, str], collection: str) -> Iterator[tuple[str, tuple[tuple[str, str], ...]]]:
    prefix = f"{collection}."
    by_number: dict[str, list[tuple[str, str]]] = {}
    for name, value in values.items():
        if name.startswith(prefix):
            number, _, rest = name.removeprefix(prefix).partition(".")
            by_number.setdefault(number, []).append((rest, value))
    for number, record in by_number.items():
        yield number, tuple(sorted(record))


def _read_performance(data: str, held: Mapping[str, str]) -> Values:
    """PutPerformance: a format of the author's own, kept as it came."""
    return {"cmi.performance": data.strip("\n")} if data.strip() else {}


READERS: Mapping[str, Callable[[str, Mapping[str, str]], Values]] = {
    "PutParam": _read_param,
    "PutComments": _read_comments,
    "PutObjectives": _read_objectives,
    "PutInteractions": _read_interactions,
    "PutPath": _read_path,
    "PutPerformance": _read_performance,
}


# --- answers ----------------------------------------------------------------------------------------------------------


def answer(code: int = 0, data: str = "", text: str = "") -> str:
    """An answer; aicc_data begins on the line of its name (6.4.3)."""
    return f"error={code}\r\nerror_text={text or ERRORS[code]}\r\nversion={VERSION}\r\naicc_data={data}\r\n"


def write_param(course: CourseStructure, activity: Activity, launch: Launch) -> str:
    """What GetParam answers: the groups with all the AU finds (6.6.1)."""
    values = launch.values
    groups = [
        ("Core", _core(values)),
        ("Core_Lesson", [_lines(values.get("cmi.suspend_data", ""))]),
        ("Core_Vendor", [_lines(activity.data_from_lms)]),
        ("Evaluation", [f"Course_ID={_line(course.identifier)}"]),
        ("Objectives_Status", _objectives(values)),
        ("Student_Data", _student_data(values)),
        ("Student_Preferences", _preferences(values)),
        ("Student_Demographics", _demographics(values)),
    ]
    if comments := values.get("cmi.comments"):
        groups.insert(3, ("Comments", [_lines(comments)]))
    return "\r\n".join(f"[{name}]\r\n" + "\r\n".join(line for line in lines if line) for name, lines in groups)


def _line(value: str) -> str:
    """A value of one line, whatever it holds."""
    return " ".join(value.splitlines())


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\n", "\r\n")


def _core(values: Mapping[str, str]) -> list[str]:
    status = values.get(STATUS, "not attempted")
    entry = values.get("cmi.core.entry", "")
    fields = {
        "Student_ID": values.get("cmi.core.student_id", ""),
        "Student_Name": values.get("cmi.core.student_name", ""),
        "Lesson_Location": values.get("cmi.core.lesson_location", ""),
        "Credit": values.get("cmi.core.credit", "credit"),
        "Lesson_Status": f"{status}, {entry}" if entry else status,
        "Score": _score(values, "cmi.core.score"),
        "Time": values.get(TOTAL_TIME, "0000:00:00"),
        "Lesson_Mode": values.get(MODE, "normal"),
    }
    return [f"{name}={_line(value)}" for name, value in fields.items()]


def _score(values: Mapping[str, str], name: str) -> str:
    parts = [values.get(f"{name}.{bound}", "") for bound in ("raw", "max", "min")]
    return ",".join(parts).rstrip(",")


def _objectives(values: Mapping[str, str]) -> list[str]:
    lines = []
    for number, index in enumerate(_indices(values, "cmi.objectives")):
        place = f"cmi.objectives.{index}"
        lines.append(f"J_ID.{number + 1}={_line(values.get(f'{place}.id', ''))}")
        lines.append(f"J_Score.{number + 1}={_score(values, f'{place}.score')}")
        lines.append(f"J_Status.{number + 1}={values.get(f'{place}.status', 'not attempted')}")
    return lines


def _student_data(values: Mapping[str, str]) -> list[str]:
    prefix = "cmi.student_data"
    fields = {
        "Attempt_Number": values.get(f"{prefix}.attempt_number", "1"),
        "Mastery_Score": values.get(f"{prefix}.mastery_score", ""),
        "Max_Time_Allowed": values.get(f"{prefix}.max_time_allowed", ""),
        "Time_Limit_Action": values.get(f"{prefix}.time_limit_action", ""),
    }
    return [f"{name}={value}" for name, value in fields.items()]


def _preferences(values: Mapping[str, str]) -> list[str]:
    prefix = "cmi.student_preference."
    names = {name.removeprefix(prefix): value for name, value in values.items() if name.startswith(prefix)}
    return [f"{_preference(name)}={_line(value)}" for name, value in names.items()]


def _preference(name: str) -> str:
    """The keyword of an element: the places of windows count from 1 in a message."""
    if match := re.fullmatch(r"windows\.(\d{1,3})", name):
        return f"Window.{int(match[1]) + 1}"
    return "_".join(part.capitalize() for part in name.split("_"))


def _demographics(values: Mapping[str, str]) -> list[str]:
    name = values.get("cmi.student_demographics.familiar_name", "")
    return [f"Familiar_Name={_line(name)}"] if name else []
