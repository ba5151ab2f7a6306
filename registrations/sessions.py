"""The state of a launch between tables and standards: read under a lock, stepped by a standard, written back."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from django.utils import timezone
from django.utils.translation import gettext as _

from realms.configuration import effective
from realms.configuration.setting import SCORM
from standards.errors import RequestError
from standards.registry import Standard, standards
from standards.structure import ActivityState, CourseStructure, Launch, Learner, Outcome, State

from .controls import offered
from .happened import note_results
from .models import ActivityProgress, Instance, LaunchRecord, Registration
from .moving import is_outdated
from .outgoing import put_out, without_events
from .states import SYSTEM, keep_memory
from .states import read_state as read_state

OUTCOME = ("completion", "success", "score", "total_seconds")
PLAYED = (*OUTCOME, "first_access", "last_access", "completed_at", "updated")  # of a registration
WRITTEN = ("values", *OUTCOME, "attempts", "suspended", "shown_seconds", "revision")
MOST_ELEMENTS = 20_000  # an activity keeps
MOST_CHARACTERS = 8_000_000  # of all its values together
CLOCK = "now"  # State.memory key of the time a standard goes by


class OutdatedError(RequestError):
    """The course was changed so that what is being played cannot go on."""

    status = 409


@dataclass
class Session:
    """A launch with all a standard needs. A preview has no instance and keeps its state on the launch."""

    launch: LaunchRecord
    course: CourseStructure
    standard: Standard
    learner: Learner
    state: State
    settings: Mapping[str, str]
    instance: Instance | None = None
    registration: Registration | None = None

    def show(self) -> Launch:
        """What the player shows now."""
        launch = self.standard.launch(self.course, at_present(self.state), self.learner, self.settings)
        return offered(launch, self.settings, self.course.root.identifier)


def at_present(state: State) -> State:
    """The state as it is looked at now: time limits go by the clock, not by the latest request."""
    if CLOCK not in state.memory:
        return state
    return replace(state, memory={**state.memory, CLOCK: timezone.now().isoformat()})


def open_session(key: str, locked: bool = True) -> Session:
    """The session of a launch, its rows locked until the transaction ends. Raises LaunchRecord.DoesNotExist.

    Not `locked`: to be looked at, never saved.
    """
    # The instance before the launch: whoever takes over writes the launch it replaces while holding the instance.
    instance_id = LaunchRecord.objects.values_list("instance_id", flat=True).get(key=key)
    instance = None if instance_id is None else _instance(instance_id, locked)
    # no_key: `quick.store` names the launch in an activity it holds, and must not wait for it while this waits for that
    launches = LaunchRecord.objects.select_related("version__course__application")
    launch = (launches.select_for_update(of=("self",), no_key=True) if locked else launches).get(key=key)
    settings = effective(launch.settings)
    if instance is not None and is_outdated(launch.version, instance):
        raise OutdatedError(
            _("This course was changed meanwhile. Go back to where you started it, and start it again.")
        )
    course = launch.version.read_structure()
    standard = standards()[course.standard]
    if instance is None:
        held = launch.preview or {}
        learner = Learner.from_json(held.get("learner", {"identifier": "preview"}))
        return Session(launch, course, standard, learner, State.from_json(held.get("state", {})), settings)
    return Session(
        launch,
        course,
        standard,
        instance.registration.learner,
        read_state(instance, instance.activities.select_for_update() if locked else None),
        settings,
        instance,
        instance.registration,
    )


def _instance(pk: int, locked: bool) -> Instance:
    instances = Instance.objects.select_related("registration")
    try:
        return (instances.select_for_update(of=("self",)) if locked else instances).get(pk=pk)
    except Instance.DoesNotExist as error:  # deleted a moment ago, and its launches with it
        raise LaunchRecord.DoesNotExist from error


def is_stated(session: Session) -> bool:
    """Whether the session is told as xAPI statements; a preview never is."""
    if session.registration is None or session.course.standard not in SCORM:
        return False
    chosen = session.settings.get("PlayerSessionStatements")
    return chosen == "ALL" or (chosen == "SANDBOX" and session.registration.is_sandbox)


def is_too_much(values: Mapping[str, str]) -> bool:
    """Whether an activity would keep more than any course needs: whoever plays writes to the database, so it ends."""
    return len(values) > MOST_ELEMENTS or sum(map(len, values.values())) > MOST_CHARACTERS


def save(session: Session, state: State) -> None:
    """Write what changed; the session then holds the new state."""
    before = session.state
    session.state, events = without_events(state)
    if session.instance is None:
        session.launch.preview = {"learner": session.learner.to_json(), "state": session.state.to_json()}
        session.launch.save()
    else:
        held = session.instance.registration.read_outcome()
        _save_activities(session.instance, before.activities, state.activities)
        _save_system(session, before, state)
        _save_instance(session.instance, session.state)
        _save_registration(session, state)
        session.launch.write_outcome(state.outcome)
        session.launch.save()
        session.instance.version = session.launch.version
        note_results(session.instance, held, bool(state.ended and not before.ended))
    put_out(events, session.instance, session.launch)


def save_state(instance: Instance, before: State, state: State) -> None:
    """Write what changed in an instance by another way than a launch; the registration stays as it is."""
    kept, events = without_events(state)
    _save_activities(instance, before.activities, kept.activities)
    _save_instance(instance, kept)
    # With `updated`, by which reports see that what they have read of it is not the latest
    Registration.objects.filter(pk=instance.registration_id).update(is_summed=False, updated=timezone.now())
    put_out(events, instance, None)


def _save_instance(instance: Instance, state: State) -> None:
    kept = State(
        current=state.current,
        ended=state.ended,
        message=state.message,
        memory={name: value for name, value in state.memory.items() if name != SYSTEM},
    )
    instance.state = kept.to_json()
    instance.write_outcome(state.outcome)
    instance.save()


def _save_activities(
    instance: Instance, before: Mapping[str, ActivityState], after: Mapping[str, ActivityState]
) -> None:
    changed = {name: held for name, held in after.items() if before.get(name) != held}
    if not changed:
        return
    rows = {row.activity: row for row in instance.activities.filter(activity__in=changed)}
    for name, held in changed.items():
        row = rows.get(name) or ActivityProgress(instance=instance, activity=name)
        row.values = dict(held.values)
        row.write_outcome(held.outcome)
        row.attempts, row.suspended, row.shown_seconds = held.attempts, held.suspended, held.shown_seconds
        row.revision += 1
        row.is_summed = False
        rows[name] = row
    ActivityProgress.objects.bulk_create([row for row in rows.values() if row.pk is None])
    ActivityProgress.objects.bulk_update(
        [row for row in rows.values() if row.pk is not None],
        [
            "values",
            "completion",
            "success",
            "score",
            "total_seconds",
            "attempts",
            "suspended",
            "shown_seconds",
            "revision",
            "is_summed",
        ],
        batch_size=200,
    )


def _save_system(session: Session, before: State, state: State) -> None:
    if session.registration is not None:
        keep_memory(session.registration, before.memory.get(SYSTEM) or {}, state.memory.get(SYSTEM) or {})


def _save_registration(session: Session, state: State) -> None:
    registration = session.registration
    assert registration is not None
    now = timezone.now()
    registration.write_outcome(_over_instances(session, state.outcome))
    registration.last_access = now
    registration.first_access = registration.first_access or now
    completed = registration.completion == "completed"
    registration.completed_at = (registration.completed_at or now) if completed else None
    registration.save(update_fields=PLAYED)  # whoever renames the learner meanwhile is not undone


def _over_instances(session: Session, outcome: Outcome) -> Outcome:
    """The registration shows its newest instance, as a person decided it came out where one did.

    An older one that is still open changes nothing there.
    """
    assert session.registration is not None
    assert session.instance is not None
    newest = session.registration.instances.order_by("-number").values_list("pk", flat=True).first()
    is_newest = newest == session.instance.pk
    return session.instance.shown(outcome) if is_newest else session.registration.read_outcome()
