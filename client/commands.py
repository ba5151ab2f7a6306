"""The commands: JSON on stdout, progress and complaints on stderr, and an exit code that says how it went."""

import argparse
import json
import os
import sys
import uuid
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from . import calls
from .progress import Progress

DONE, REFUSED, WRONG_WORDS, NOT_REACHED = 0, 1, 2, 3
ABOUT = """Upload courses, register learners and read results by the REST API of SCORM Cloud.

Where it is and who asks: --url, --app-id and --secret, or SCORMCLOUD_URL, SCORMCLOUD_APP_ID and SCORMCLOUD_SECRET.
Exit codes: 0 done, 1 refused or failed, 2 wrong words, 3 not reached or out of order."""


def main(words: list[str] | None = None) -> int:
    """Do what the words say; the exit code."""
    asked = _parser().parse_args(words)
    if missing := [name for name in ("url", "app_id", "secret") if not getattr(asked, name)]:
        named = ", ".join(f"--{name.replace('_', '-')} or {_variable(name)}" for name in missing)
        print(f"Say {named}.", file=sys.stderr)
        return WRONG_WORDS
    progress = Progress(sys.stderr, is_shown=not asked.quiet)
    service = calls.Service(asked.url, asked.app_id, asked.secret)
    try:
        _print(asked.do(service, asked, progress))
    except calls.Refused as error:
        progress.end()
        print(error, file=sys.stderr)
        return REFUSED
    except (calls.NotReached, OSError) as error:
        progress.end()
        print(error, file=sys.stderr)
        return NOT_REACHED
    except KeyboardInterrupt:
        progress.end()
        return 130  # as shells say it
    return DONE


def _print(found: Any) -> None:
    """A document, or a list as it comes, page by page."""
    if isinstance(found, Iterator):
        before = "["
        for each in found:
            print(f"{before}\n  {json.dumps(each, ensure_ascii=False, default=_plain)}", end="", flush=True)
            before = ","
        print("[]" if before == "[" else "\n]")
    else:
        print(json.dumps(found, ensure_ascii=False, indent=2, default=_plain))


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


# --- what each does ---------------------------------------------------------------------------------------------------


def _upload(service: calls.Service, asked: argparse.Namespace, progress: Progress) -> Any:
    course_id = asked.course or asked.package.stem
    job = service.upload(course_id, asked.package, asked.new_version, progress)
    return service.wait(job, progress, asked.timeout) if asked.wait else {"job": job, "course": course_id}


def _wait(service: calls.Service, asked: argparse.Namespace, progress: Progress) -> Any:
    return service.wait(asked.job, progress, asked.timeout)


def _register(service: calls.Service, asked: argparse.Namespace, progress: Progress) -> Any:
    made = asked.registration or str(uuid.uuid4())
    service.register(asked.course, made, asked.learner, asked.first_name, asked.last_name, asked.email)
    return {"registration": made}


def _link(service: calls.Service, asked: argparse.Namespace, progress: Progress) -> Any:
    return {"link": service.link(asked.registration, asked.redirect, asked.expiry)}


def _preview(service: calls.Service, asked: argparse.Namespace, progress: Progress) -> Any:
    return {"link": service.preview(asked.course, asked.redirect, asked.expiry)}


def _results(service: calls.Service, asked: argparse.Namespace, progress: Progress) -> Any:
    return service.results(asked.registration, asked.full)


def _courses(service: calls.Service, asked: argparse.Namespace, progress: Progress) -> Any:
    return service.courses(asked.filter, progress)


def _registrations(service: calls.Service, asked: argparse.Namespace, progress: Progress) -> Any:
    return service.registrations(asked.course, asked.learner, progress)


# --- words ------------------------------------------------------------------------------------------------------------


def _variable(name: str) -> str:
    return f"SCORMCLOUD_{name.upper()}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m client", description=ABOUT, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for name, words in (
        ("url", "address of the console, as https://cloud.example.com"),
        ("app_id", "id of an application"),
        ("secret", "one of its secret keys; better by the environment, where others do not see it"),
    ):
        option = f"--{name.replace('_', '-')}"
        parser.add_argument(option, default=os.environ.get(_variable(name), ""), metavar="TEXT", help=words)
    parser.add_argument("--quiet", action="store_true", help="no progress on stderr")
    commands = parser.add_subparsers(required=True, metavar="command")

    def command(name: str, words: str, do: Callable[..., Any]) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=words, description=words)
        made.set_defaults(do=do)
        return made

    upload = command("upload", "upload a package and have it imported", _upload)
    upload.add_argument("package", type=_file, help="zip, PDF, video or audio")
    upload.add_argument("--course", default="", metavar="ID", help="id of the course; the name of the file unless told")
    upload.add_argument("--new-version", action="store_true", help="make a version where the course is there already")
    upload.add_argument("--wait", action="store_true", help="until the import is over, and print the course")
    upload.add_argument("--timeout", type=int, default=3600, metavar="SECONDS", help="to wait at most")
    wait = command("wait", "wait for an import and print its course", _wait)
    wait.add_argument("job", help="id of the import")
    wait.add_argument("--timeout", type=int, default=3600, metavar="SECONDS", help="to wait at most")
    register = command("register", "register a learner on a course", _register)
    register.add_argument("course")
    register.add_argument("learner", help="id of the learner")
    register.add_argument(
        "--registration", default="", metavar="ID", help="id of the registration; a new one unless told"
    )
    for name in ("first-name", "last-name", "email"):
        register.add_argument(f"--{name}", default=None, metavar="TEXT")
    link = command("link", "print a link that launches a registration", _link)
    link.add_argument("registration")
    preview = command("preview", "print a link that shows a course and keeps nothing", _preview)
    preview.add_argument("course")
    for each in (link, preview):
        each.add_argument("--redirect", default="message", metavar="URL", help="where leaving the course leads")
        each.add_argument("--expiry", type=int, default=120, metavar="SECONDS", help="how long it works (10 to 300)")
    results = command("results", "print what a registration came to", _results)
    results.add_argument("registration")
    results.add_argument("--full", action="store_true", help="with activities, interactions, objectives, run-time data")
    courses = command("courses", "print the courses", _courses)
    courses.add_argument("--filter", default=None, metavar="TEXT", help="those whose id has this in it")
    registrations = command("registrations", "print the registrations", _registrations)
    registrations.add_argument("--course", default=None, metavar="ID")
    registrations.add_argument("--learner", default=None, metavar="ID")
    return parser


def _file(text: str) -> Path:
    path = Path(text)
    if not path.is_file():
        raise argparse.ArgumentTypeError(f"there is no file {text}")
    return path
