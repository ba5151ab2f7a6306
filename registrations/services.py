"""The verbs on registrations: open, launch, record progress, navigate, restart, reset, delete."""

import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy

from content.models import Course, CourseVersion
from realms import usage
from realms.configuration.levels import INSTANCE, REGISTRATION, check
from realms.models import Realm, Reason
from standards.errors import RequestError
from standards.scorm2004 import without_shared_objectives
from standards.structure import ActivityState, Launch, Learner, Outcome, Report, Request, State
from standards.xapi import scorm_profile

from . import quick, tags
from .controls import TIME_IS_UP, meant, refusal, seconds_left
from .happened import note_launched
from .history import is_new, keep_request
from .instances import new_instance
from .levels import of_launch
from .links import LaunchLink, LinkError, Options
from .models import BOUND, ActivityProgress, CallLog, Instance, LaunchRecord, Registration, make_key
from .moving import begins_anew
from .sessions import PLAYED, Session, is_stated, is_too_much, open_session, read_state, save, save_state
from .states import SYSTEM, keep_memory

LOG_BATCHES = 2_000  # of one launch; past it the debug log is full
LOG_BYTES = 32 * 2**20  # of one launch; the same
EXCHANGES = 2**30  # batches of the log the server wrote itself are numbered from here, the browser's from 1
GONE = gettext_lazy("This registration does not exist any more.")
REALM = "course__application__realm__billing_realm"  # of a version, with all between


class ReplacedError(Exception):
    """Another window plays this registration now; its reports count."""


class NotAllowedError(RequestError):
    """A launch that the plan of the realm does not allow, in words for the learner."""

    status = 403


class TooMuchError(RequestError):
    """A report that would make an activity keep more than any course needs."""

    status = 413


@dataclass(frozen=True)
class Stored:
    """A report that is kept: its number, the activity's outcome, and what the player shows where that changed."""

    number: int
    outcome: Outcome
    launch: Launch | None = None
    session: Session | None = None


@dataclass(frozen=True)
class Moved:
    """What a navigation request came to: the number stored, what is shown next, whether that is a new delivery."""

    number: int
    session: Session
    launch: Launch
    is_new: bool


@dataclass(frozen=True)
class Visitor:
    """Where a launch came from, as the launch history shows it."""

    address: str | None = None
    user_agent: str = ""
    referrer: str = ""


@transaction.atomic
def open_sandbox(course: Course, learner: Learner, xapi_registration: uuid.UUID | None = None) -> Registration:
    """The learner's sandbox registration on the course, made at the first call. Never charged.

    `xapi_registration`: of the instance, where it is made here.
    """
    locked = Course.objects.select_for_update().get(pk=course.pk)  # two clicks at once make one
    existing = Registration.objects.filter(course=course, learner_id=learner.identifier, is_sandbox=True).first()
    if existing:
        return existing
    registration = Registration.objects.create(
        application_id=locked.application_id,  # it may have been moved since it was read
        course=course,
        registration_id=f"sandbox-{uuid.uuid4()}",
        learner_id=learner.identifier,
        learner_first_name=learner.first_name,
        learner_last_name=learner.last_name,
        is_sandbox=True,
    )
    new_instance(registration, _current_version(course.pk), xapi_registration=xapi_registration)
    return registration


def _current_version(course_id: int) -> int:
    version_id = Course.objects.values_list("current_version_id", flat=True).get(pk=course_id)
    if version_id is None:
        raise LinkError(gettext("This course has no content yet."))
    return version_id


@transaction.atomic
def restart(registration: Registration, xapi_registration: uuid.UUID | None = None) -> Instance:
    """Begin again on the course's current version; what was done before stays readable as an older instance."""
    Registration.objects.select_for_update().get(pk=registration.pk)
    newest = registration.instances.first()
    _blank(registration)
    number = newest.number + 1 if newest else 0
    return new_instance(registration, _current_version(registration.course_id), number, xapi_registration)


@transaction.atomic
def reset(registration: Registration) -> Instance:
    """Forget all progress, attempts and logs; begin as if never launched, on the course's current version."""
    _lock(registration)
    registration.instances.all().delete()
    _blank(registration)
    registration.first_access = registration.last_access = None
    registration.save(update_fields=PLAYED)
    return new_instance(registration, _current_version(registration.course_id))


def _blank(registration: Registration) -> None:
    registration.write_outcome(Outcome())
    registration.completed_at = None
    registration.save(update_fields=PLAYED)


def configure_registration(registration: Registration, explicit: Mapping[str, str]) -> None:
    """Let these settings of the registration be explicit and no others. Raises SettingError."""
    check(explicit, REGISTRATION, registration.settings)
    registration.settings = dict(explicit)
    registration.save(update_fields=["settings", "updated"])


def configure_instance(instance: Instance, explicit: Mapping[str, str]) -> None:
    """The same for one instance. Raises SettingError."""
    check(explicit, INSTANCE, instance.settings)
    instance.settings = dict(explicit)
    instance.save(update_fields=["settings"])


@transaction.atomic
def delete_registration(registration: Registration) -> None:
    """Delete it with its instances, launches and logs. What was counted stays counted."""
    _lock(registration)
    registration.delete()


@transaction.atomic
def delete_instance(instance: Instance) -> None:
    """Delete one run of a registration, which then shows the newest that is left; the last one takes it along."""
    registration = instance.registration
    _lock(registration)
    left = registration.instances.exclude(pk=instance.pk).order_by("-number").first()
    if left is None:
        registration.delete()
        return
    is_newest = left.number < instance.number
    instance.delete()
    if is_newest:
        registration.write_outcome(left.shown_outcome)
        played = left.launches.aggregate(last=Max("last_seen"))["last"] or left.created
        registration.completed_at = played if registration.completion == "completed" else None
        registration.save(update_fields=PLAYED)


@transaction.atomic
def forget_global_objectives(registration: Registration) -> None:
    """Let nothing be known of the global objectives that its course names, also of those other courses share."""
    _lock(registration)
    instance = registration.instances.select_related("version").order_by("-number").first()
    if instance is None or not instance.version.standard.startswith("SCORM2004"):
        return  # no other standard has any
    instance.registration = registration
    before = read_state(instance)
    after = without_shared_objectives(instance.version.read_structure(), before)
    save_state(instance, before, after)
    keep_memory(registration, before.memory.get(SYSTEM) or {}, after.memory.get(SYSTEM) or {})
    registration.save(update_fields=["updated"])


def _lock(registration: Registration) -> None:
    """Its instances, their launches and activities, then itself: as a report does, so that neither waits for ever."""
    list(registration.instances.select_for_update().order_by("pk"))
    list(LaunchRecord.objects.filter(instance__registration=registration).select_for_update(of=("self",)))
    list(ActivityProgress.objects.filter(instance__registration=registration).select_for_update(of=("self",)))
    Registration.objects.select_for_update().get(pk=registration.pk)


# --- launching --------------------------------------------------------------------------------------------------------


def begin_launch(link: LaunchLink, visitor: Visitor) -> LaunchRecord:
    """Record a launch before anything of it loads. Raises LinkError where the registration or version is gone.

    Also where the realm is closed or its plan allows no more: early, for a page of its own; `start` decides and counts.
    """
    details = {
        "redirect_url": link.redirect_url,
        "activity": link.activity,
        "mode": link.mode,
        "session": link.session,
        "options": link.options.to_json(),
        "launched_by": link.launched_by,
        "address": visitor.address,
        "user_agent": visitor.user_agent[:500],
        "referrer": visitor.referrer[:500],
    }
    if link.options.guard.binds:
        details["key"] = BOUND + make_key()
    if link.registration_id is None:
        held = {"learner": link.learner.to_json(), "state": State().to_json()}
        versions = CourseVersion.objects.select_related(REALM).defer("structure")
        version = versions.filter(pk=link.version_id or 0).first()
        if version is None:
            raise LinkError(gettext("This course does not exist any more."))
        _refuse_over_plan(version, None)
        return LaunchRecord.objects.create(version=version, preview=held, settings=of_launch(version), **details)
    try:
        with transaction.atomic():
            if link.options.is_untracked:
                return _begin_untracked(link, details)
            instance = _instance_to_play(link)
            _refuse_over_plan(instance.version, instance.registration)
            chosen = of_launch(instance.version, instance)
            launch = LaunchRecord.objects.create(
                instance=instance, version_id=instance.version_id, settings=chosen, **details
            )
            note_launched(launch, instance.registration)
            tags.add_by_launch(instance.registration, link.options)
            return launch
    except IntegrityError as error:  # it was deleted a moment ago
        raise LinkError(GONE) from error


def _begin_untracked(link: LaunchLink, details: dict[str, Any]) -> LaunchRecord:
    """A launch of which nothing is kept: it begins where the learner is, and is neither counted nor in the history."""
    instance = _newest_instance(link.registration_id or 0, link.instance_id)
    version, state = instance.version, read_state(instance)
    if link.instance_id is None and begins_anew(instance):
        version, state = instance.version.course.current_version or version, State()
    _refuse_over_plan(version, None)
    held = {"learner": instance.registration.learner.to_json(), "state": state.to_json()}
    return LaunchRecord.objects.create(version=version, preview=held, settings=of_launch(version, instance), **details)


def version_to_play(registration: Registration) -> CourseVersion:
    """What the next launch of the registration plays. Raises LinkError."""
    instance = _newest_instance(registration.pk)
    current = instance.version.course.current_version
    return current if current is not None and begins_anew(instance) else instance.version


def refuse_over_plan(registration: Registration, realm: Realm) -> None:
    """Raise UsageError, in words for owners, where a launch of it would be refused: said before a link is given out."""
    if registration.is_sandbox or usage.is_counted(registration.pk):
        usage.refuse_closed(realm)
    else:
        usage.refuse_more(realm)


def _refuse_over_plan(version: CourseVersion, registration: Registration | None) -> None:
    realm = version.course.application.realm
    try:
        if registration is None:
            usage.refuse_closed(realm)
        else:
            refuse_over_plan(registration, realm)
    except usage.UsageError as error:
        raise LinkError(error.to_learner) from error


def _instance_to_play(link: LaunchLink) -> Instance:
    """The newest instance, or a new one where the course says that this launch begins anew. Raises LinkError.

    A link may name an older one.
    """
    registration_id = link.registration_id or 0
    instance = _newest_instance(registration_id, link.instance_id)
    if link.instance_id is not None or not begins_anew(instance):
        return instance
    # As a report locks. Of two launches at once the second finds what the first has made.
    list(Instance.objects.select_for_update().filter(pk=instance.pk).values_list("pk"))
    registration = Registration.objects.select_for_update().filter(pk=registration_id).first()
    instance = _newest_instance(registration_id)
    if registration is None or not begins_anew(instance):
        return instance
    _blank(registration)
    new_instance(registration, _current_version(registration.course_id), instance.number + 1)
    return _newest_instance(registration_id)


def _newest_instance(registration_id: int, instance_id: int | None = None) -> Instance:
    instances = Instance.objects.select_related("registration", f"version__{REALM}")
    found = instances.defer("version__structure").filter(registration_id=registration_id)
    if instance_id is not None:
        found = found.filter(pk=instance_id)
    instance = found.order_by("-number").first()
    if instance is None:
        raise LinkError(GONE)
    return instance


@transaction.atomic
def start(key: str) -> tuple[Session, Launch]:
    """Deliver what the launch begins with; a window that plays the same instance is taken over.

    The first launch of a registration is counted here, with the delivery or not at all. Raises NotAllowedError.
    """
    session = open_session(key)
    if session.registration is not None and session.launch.started is None:
        _count(session.registration, Options.from_json(session.launch.options))
    now = timezone.now()
    if session.instance is not None:
        _take_over(session, now)
    begun, session.launch.started = session.launch.started, session.launch.started or now
    session.launch.ended, session.launch.how_ended = None, ""
    if seconds_left(session.state, session.settings) == 0:
        return session, _refuse_time(session)
    target = "" if begun else session.launch.activity  # a page that is loaded again goes on where it was
    _step(session, Request("start", target, session=session.launch.session))
    if target and session.state.current != target:  # sequencing begins where it will: SN 5.6.4 knows a way around it
        _step(session, Request("jump" if session.course.standard == "SCORM20044THEDITION" else "choice", target))
    return session, session.show()


def _count(registration: Registration, options: Options) -> None:
    if registration.is_sandbox or usage.is_counted(registration.pk):
        return
    course, application = registration.course, registration.application
    named = (registration.registration_id, course.course_id, application.app_id)
    reason = Reason.CONSOLE if options.is_of_console else Reason.API
    try:
        usage.count(usage.Counted(registration.pk, *named, application.realm_id), reason)
    except usage.UsageError as error:
        raise NotAllowedError(error.to_learner) from error


def _refuse_time(session: Session) -> Launch:
    """PlayerTimeLimit is used up: nothing is delivered, what an earlier window left open is closed."""
    if session.state.current:
        _step(session, Request("suspendAll"))
    session.launch.ended, session.launch.how_ended = timezone.now(), "blocked"
    save(session, replace(session.state, ended="blocked", message=TIME_IS_UP))
    return session.show()


@transaction.atomic
def look(key: str) -> Session:
    """The session as it is now, for a player whose content reports to the server itself. Raises ReplacedError."""
    session = open_session(key, locked=False)
    _check_active(session)
    return session


def _take_over(session: Session, now: Any) -> None:
    assert session.instance is not None
    active = session.instance.active_launch
    if active is not None and active.pk != session.launch.pk and active.ended is None:
        active.ended, active.how_ended = now, "replaced"
        active.save(update_fields=["ended", "how_ended"])
    session.instance.active_launch = session.launch


def _step(session: Session, request: Request) -> None:
    """Apply a navigation request and write the outcome."""
    now = timezone.now()
    request = replace(request, mode=request.mode or session.launch.mode)
    state = session.standard.navigate(session.course, session.state, request, now.isoformat(), session.settings)
    if is_stated(session):
        state = scorm_profile.after_request(state, session.state, request, now.isoformat())
    if state.ended:
        session.launch.ended, session.launch.how_ended = now, state.ended
    session.launch.last_seen = now
    before = session.state
    save(session, state)
    keep_request(session, before, request)


def _check_active(session: Session) -> None:
    if session.instance is not None and session.instance.active_launch_id != session.launch.pk:
        raise ReplacedError


# --- progress ---------------------------------------------------------------------------------------------------------


def record_progress(key: str, number: int, report: Report, leaving: bool = False) -> Stored:
    """Store what content reported.

    A number that is stored already changes nothing. `leaving`: the learner's window is going away, the session is
    suspended. Raises ReplacedError, RequestError.
    """
    if not report.finished and not leaving and (outcome := quick.store(key, number, report)):
        return Stored(number, outcome)
    return _record_and_roll_up(key, number, report, leaving)


@transaction.atomic
def _record_and_roll_up(key: str, number: int, report: Report, leaving: bool) -> Stored:
    session = open_session(key)
    _check_active(session)
    stored = last_number(session)
    if number > stored:
        session.launch.last_number = stored = number
        _record(session, report)
    if leaving and session.state.current:
        _step(session, Request(_way_out(session, report.activity)))
    held = session.state.activities.get(report.activity, ActivityState())
    is_still = session.settings.get("PlayerLookaheadSequencerMode") == "ENABLED"  # worked out with the next delivery
    return Stored(stored, held.outcome, None if is_still else session.show(), session)


@transaction.atomic
def receive(key: str, read: Callable[[Session], Report | None]) -> Session:
    """Store what content reported to the server itself, without the player and its numbers.

    `read` makes the report of what is held, or refuses; None stores nothing. Raises ReplacedError, RequestError.
    """
    session = open_session(key)
    _check_active(session)
    if session.state.ended == "abandoned":
        raise RequestError("This launch was left without saving")
    report = read(session)
    if report is not None:
        _record(session, report)
    return session


def last_number(session: Session) -> int:
    """The number of the last report kept of this launch, by whichever way it was stored."""
    rows = ActivityProgress.objects.filter(instance=session.instance, last_launch=session.launch)
    numbers = rows.values_list("last_number", flat=True) if session.instance else ()
    return max([session.launch.last_number, *numbers])


def _record(session: Session, report: Report) -> None:
    """Store a report and roll up. One that comes late, after its activity was left, still adds what it brings."""
    session.launch.last_seen = timezone.now()
    state = session.state
    held = state.activities.get(report.activity, ActivityState())
    if report.values and is_too_much({**held.values, **report.values}):
        raise TooMuchError(f"{report.activity} has reported more than is kept of one activity")
    if state.current == report.activity:
        _save_reported(session, session.standard.record(session.course, state, report, session.settings), report)
        return
    if report.activity not in state.activities:
        raise RequestError(f"{report.activity} was never shown in this launch")
    late = replace(state, current=report.activity)
    after = session.standard.record(session.course, late, replace(report, finished=False), session.settings)
    _save_reported(session, replace(after, current=state.current), report)


def _save_reported(session: Session, state: State, report: Report) -> None:
    if is_stated(session):
        state = scorm_profile.after_report(state, report.activity, timezone.now().isoformat())
    save(session, state)


def _way_out(session: Session, activity: str) -> str:
    """What closing the window means: the place is kept, except where the only activity has ended its attempt itself."""
    values = session.state.activities.get(activity, ActivityState()).values
    over = session.state.memory.get("finished") and "suspend" not in (
        values.get("cmi.exit"),
        values.get("cmi.core.exit"),
    )
    return "exitAll" if over and len(session.course.leaves) == 1 else "suspendAll"


@transaction.atomic
def navigate(key: str, number: int, report: Report | None, request: Request) -> Moved:
    """Store the last report of the current activity and apply a navigation request, as one.

    A number that is stored already answers with what is shown now. Raises ReplacedError, RequestError.
    """
    session = open_session(key)
    _check_active(session)
    stored = last_number(session)
    if number <= stored:
        return Moved(stored, session, session.show(), is_new=False)
    session.launch.last_number = number
    if report is not None and report.activity:
        _record(session, report)
    before = session.state
    if refused := refusal(request, session.settings):
        save(session, replace(session.state, message=refused))
        return Moved(number, session, session.show(), is_new=False)
    _step(session, meant(request, session.state, session.settings))
    return Moved(number, session, session.show(), is_new(before, session.state))


@transaction.atomic
def store_log(key: str, number: int, entries: list[dict]) -> int:
    """Keep a batch of the debug log, once; the number of the last batch kept."""
    launch = LaunchRecord.objects.select_for_update(of=("self",)).get(key=key)
    size = launch.log_size + len(json.dumps(entries))
    is_full = number > LOG_BATCHES or size > LOG_BYTES or launch.settings.get("PlayerCaptureHistoryDetailed") == "NO"
    if launch.instance_id is None or number <= launch.last_log_number or is_full:
        return max(number, launch.last_log_number)
    CallLog.objects.create(launch=launch, number=number, entries=entries)
    launch.last_log_number, launch.log_size = number, size
    launch.save(update_fields=["last_log_number", "log_size"])
    return number


@transaction.atomic
def log_exchange(key: str, entry: dict[str, Any]) -> None:
    """Keep a message of content that talks to the server itself, and its answer, in the debug log."""
    launch = LaunchRecord.objects.select_for_update(of=("self",)).filter(key=key, instance__isnull=False).first()
    if launch is None:
        return
    written = CallLog.objects.filter(launch=launch, number__gte=EXCHANGES).aggregate(last=Max("number"))["last"]
    number = EXCHANGES if written is None else written + 1
    size = launch.log_size + len(json.dumps([entry]))
    if number >= EXCHANGES + LOG_BATCHES or size > LOG_BYTES:
        return
    CallLog.objects.create(launch=launch, number=number, entries=[entry])
    launch.log_size = size
    launch.save(update_fields=["log_size"])
