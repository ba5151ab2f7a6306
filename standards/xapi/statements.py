"""Whether a statement keeps the rules of its version (1.0.3 Data 2 and 4; 2.0 4.2).

Each kind of object is a table of its properties; a check takes the value alone and says what is wrong with it, and the
object around it names the property, so that nothing is built for a statement that is right. JSON comes in as Python
has it: dict, list, str, int, float, bool, None.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from .errors import StatementError
from .values import (
    Check,
    check_boolean,
    check_duration,
    check_iri,
    check_irl,
    check_language,
    check_mbox,
    check_media_type,
    check_sha1,
    check_sha2,
    check_string,
    check_timestamp,
    check_uuid,
    shown,
)
from .versions import VERSIONS, Version

VOIDED = "http://adlnet.gov/expapi/verbs/voided"
SIGNATURE = "http://adlnet.gov/expapi/attachments/signature"
IDENTIFIERS = ("mbox", "mbox_sha1sum", "openid", "account")
CONTEXT_ACTIVITIES = ("parent", "grouping", "category", "other")

_COMPONENTS = {  # interaction component lists by interactionType (1.0.3 Data 2.4.4.1)
    "true-false": (),
    "choice": ("choices",),
    "fill-in": (),
    "long-fill-in": (),
    "matching": ("source", "target"),
    "performance": ("steps",),
    "sequencing": ("choices",),
    "likert": ("scale",),
    "numeric": (),
    "other": (),
}
_COMPONENT_LISTS = ("choices", "scale", "source", "target", "steps")

Table = Mapping[str, Check]
Json = dict[str, Any]


# --- objects and lists ------------------------------------------------------------------------------------------------


def _check_object(value: object, table: Table, required: Sequence[str], clause: str) -> None:
    """The properties of an object: each known, each right, none of the required ones missing."""
    if not isinstance(value, dict):
        raise StatementError("", f"must be an object, not {shown(value)}", clause)
    for name, entry in value.items():
        check = table.get(name)
        if check is None:
            raise _not_allowed(name, table, clause)
        try:
            check(entry)
        except StatementError as error:
            raise error.inside(name) from None
    for name in required:
        if name not in value:
            raise StatementError(name, "is missing", clause)


def _not_allowed(name: str, table: Table, clause: str) -> StatementError:
    meant = next((known for known in table if known.lower() == name.lower()), None)
    hint = f"; it is spelled {meant}" if meant else ""
    return StatementError(name[:80], f"is not a property allowed here{hint}", clause)


def _check_list(value: object, check: Check, clause: str) -> None:
    if not isinstance(value, list):
        raise StatementError("", f"must be an array, not {shown(value)}", clause)
    for index, entry in enumerate(value):
        try:
            check(entry)
        except StatementError as error:
            raise error.inside(f"[{index}]") from None


def _constant(word: str, clause: str) -> Check:
    def check(value: object) -> None:
        if value != word:
            raise StatementError("", f'must be "{word}", not {shown(value)}', clause)

    return check


def _check_language_map(value: object) -> None:
    if not isinstance(value, dict):
        raise StatementError("", f"must be an object of texts by language, not {shown(value)}", "Data 4.2")
    for tag, text in value.items():
        try:
            check_language(tag)
            check_string(text)
        except StatementError as error:
            raise error.inside(tag[:80]) from None


def _check_extensions(value: object) -> None:
    """Keys are IRIs; values are any JSON, null too, and no reason to refuse a statement (1.0.3 Data 4.1)."""
    if not isinstance(value, dict):
        raise StatementError("", f"must be an object, not {shown(value)}", "Data 4.1")
    for key in value:
        try:
            check_iri(key)
        except StatementError as error:
            raise error.inside(key[:80]) from None


def _check_number(value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not _is_finite(value):
        raise StatementError("", f"must be a number, not {shown(value)}", "Data 2.4.5.1")


def _is_finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:  # an integer of hundreds of digits
        return False


# --- agents and groups (Data 2.4.2) -----------------------------------------------------------------------------------

_ACCOUNT: Table = {"homePage": check_irl, "name": check_string}


def _check_account(value: object) -> None:
    _check_object(value, _ACCOUNT, ("homePage", "name"), "Data 2.4.2.4")


_IDENTIFIER_CHECKS: Table = {
    "mbox": check_mbox,
    "mbox_sha1sum": check_sha1,
    "openid": check_iri,
    "account": _check_account,
}
_AGENT: Table = {"objectType": _constant("Agent", "Data 2.4.2.1"), "name": check_string, **_IDENTIFIER_CHECKS}


def _identifiers(value: Json) -> int:
    return ("mbox" in value) + ("account" in value) + ("openid" in value) + ("mbox_sha1sum" in value)


def _check_plain_agent(value: object) -> None:
    _check_object(value, _AGENT, (), "Data 2.4.2.1")
    if (found := _identifiers(value)) != 1:  # type: ignore[arg-type]
        raise StatementError("", _identifiers_words("An agent", found), "Data 2.4.2.1")


def _identifiers_words(who: str, found: int) -> str:
    return f"{who} has exactly one of mbox, mbox_sha1sum, openid and account; here are {found}"


_GROUP: Table = {
    "objectType": _constant("Group", "Data 2.4.2.2"),
    "name": check_string,
    "member": partial(_check_list, check=_check_plain_agent, clause="Data 2.4.2.2"),
    **_IDENTIFIER_CHECKS,
}


def _check_group(value: object) -> None:
    """An identified group, or an anonymous one that lists its members."""
    _check_object(value, _GROUP, ("objectType",), "Data 2.4.2.2")
    found = _identifiers(value)  # type: ignore[arg-type]
    if found > 1:
        raise StatementError("", _identifiers_words("A group", found), "Data 2.4.2.2")
    if not found and not value.get("member"):  # type: ignore[attr-defined]
        raise StatementError("member", "is missing; a group without an identifier lists its members", "Data 2.4.2.2")


def _check_actor(value: object) -> None:
    if isinstance(value, dict) and value.get("objectType") == "Group":
        _check_group(value)
    else:
        _check_plain_agent(value)


def _check_authority(value: object) -> None:
    """An agent, or for three-legged OAuth a group of application and user (1.0.3 Data 2.4.9)."""
    _check_actor(value)
    if isinstance(value, dict) and value.get("objectType") == "Group":
        if _identifiers(value):
            raise StatementError("", "A group as authority has no identifier of its own", "Data 2.4.9")
        if len(value["member"]) != 2:
            raise StatementError("member", "must hold two agents, the application and the user", "Data 2.4.9")


# --- verbs and activities (Data 2.4.3, 2.4.4.1) -----------------------------------------------------------------------

_VERB: Table = {"id": check_iri, "display": _check_language_map}


def _check_verb(value: object) -> None:
    _check_object(value, _VERB, ("id",), "Data 2.4.3")


_COMPONENT: Table = {"id": check_string, "description": _check_language_map}


def _check_component(value: object) -> None:
    _check_object(value, _COMPONENT, ("id",), "Data 2.4.4.1")
    if not value["id"]:  # type: ignore[index]
        raise StatementError("id", "must not be empty", "Data 2.4.4.1")


def _check_components(value: object) -> None:
    _check_list(value, _check_component, "Data 2.4.4.1")
    seen: set[str] = set()
    for index, component in enumerate(value):  # type: ignore[arg-type,var-annotated]
        if component["id"] in seen:
            raise StatementError(f"[{index}].id", "is the id of an earlier component too", "Data 2.4.4.1")
        seen.add(component["id"])


def _check_interaction_type(value: object) -> None:
    if not isinstance(value, str) or value not in _COMPONENTS:
        raise StatementError("", f"must be one of {', '.join(_COMPONENTS)}, not {shown(value)}", "Data 2.4.4.1")


_DEFINITION: Table = {
    "name": _check_language_map,
    "description": _check_language_map,
    "type": check_iri,
    "moreInfo": check_irl,
    "extensions": _check_extensions,
    "interactionType": _check_interaction_type,
    "correctResponsesPattern": partial(_check_list, check=check_string, clause="Data 2.4.4.1"),
    **dict.fromkeys(_COMPONENT_LISTS, _check_components),
}


def _check_definition(value: object) -> None:
    _check_object(value, _DEFINITION, (), "Data 2.4.4.1")
    interaction = value.get("interactionType")  # type: ignore[attr-defined]
    allowed = _COMPONENTS.get(interaction, ())
    for name in _COMPONENT_LISTS:
        if name in value and name not in allowed:  # type: ignore[operator]
            of = f"interactions of the type {interaction}" if interaction else "an activity without interactionType"
            raise StatementError(name, f"is not a property of {of}", "Data 2.4.4.1")
    if not interaction and "correctResponsesPattern" in value:  # type: ignore[operator]
        raise StatementError("interactionType", "is missing", "Data 2.4.4.1")


_ACTIVITY: Table = {
    "objectType": _constant("Activity", "Data 2.4.4.1"),
    "id": check_iri,
    "definition": _check_definition,
}


def _check_activity(value: object) -> None:
    _check_object(value, _ACTIVITY, ("id",), "Data 2.4.4.1")


_REFERENCE: Table = {"objectType": _constant("StatementRef", "Data 2.4.4.3"), "id": check_uuid}


def _check_reference(value: object) -> None:
    _check_object(value, _REFERENCE, ("objectType", "id"), "Data 2.4.4.3")


# --- results and attachments (Data 2.4.5, 2.4.11) ---------------------------------------------------------------------

_SCORE: Table = dict.fromkeys(("scaled", "raw", "min", "max"), _check_number)


def _check_score(value: object) -> None:
    _check_object(value, _SCORE, (), "Data 2.4.5.1")
    scaled, raw, low, high = map(value.get, ("scaled", "raw", "min", "max"))  # type: ignore[attr-defined]
    if scaled is not None and not -1 <= scaled <= 1:
        raise StatementError("scaled", f"must be from -1 to 1, not {scaled}", "Data 2.4.5.1")
    if low is not None and high is not None and low >= high:
        raise StatementError("min", f"must be less than max, {high}, not {low}", "Data 2.4.5.1")
    if raw is not None and ((low is not None and raw < low) or (high is not None and raw > high)):
        raise StatementError("raw", f"must be within min and max, not {raw}", "Data 2.4.5.1")


_RESULT: Table = {
    "score": _check_score,
    "success": check_boolean,
    "completion": check_boolean,
    "response": check_string,
    "duration": check_duration,
    "extensions": _check_extensions,
}


def _check_result(value: object) -> None:
    _check_object(value, _RESULT, (), "Data 2.4.5")


def _check_length(value: object) -> None:
    whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    if isinstance(value, bool) or not whole or value < 0:  # type: ignore[operator]
        raise StatementError("", f"must be a number of octets, not {shown(value)}", "Data 2.4.11")


_ATTACHMENT: Table = {
    "usageType": check_iri,
    "display": _check_language_map,
    "description": _check_language_map,
    "contentType": check_media_type,
    "length": _check_length,
    "sha2": check_sha2,
    "fileUrl": check_irl,
}


def _check_attachment(value: object) -> None:
    _check_object(value, _ATTACHMENT, ("usageType", "display", "contentType", "length", "sha2"), "Data 2.4.11")
    if value["usageType"] == SIGNATURE and value["contentType"] != "application/octet-stream":  # type: ignore[index]
        raise StatementError("contentType", "must be application/octet-stream for a signature", "Data 2.6")


# --- context (Data 2.4.6) ---------------------------------------------------------------------------------------------


def _check_activities(value: object) -> None:
    """One activity stands for a list of one (1.0.3 Data 2.4.6.2)."""
    if isinstance(value, dict):
        _check_activity(value)
    else:
        _check_list(value, _check_activity, "Data 2.4.6.2")


_CONTEXT_ACTIVITIES: Table = dict.fromkeys(CONTEXT_ACTIVITIES, _check_activities)


def _check_context_activities(value: object) -> None:
    _check_object(value, _CONTEXT_ACTIVITIES, (), "Data 2.4.6.2")


def _check_types(value: object) -> None:
    _check_list(value, check_iri, "2.0 4.2.2.5")
    if not value:
        raise StatementError("", "must name at least one type", "2.0 4.2.2.5")


_CONTEXT_AGENT: Table = {
    "objectType": _constant("contextAgent", "2.0 4.2.2.5"),
    "agent": _check_plain_agent,
    "relevantTypes": _check_types,
}
_CONTEXT_GROUP: Table = {
    "objectType": _constant("contextGroup", "2.0 4.2.2.5"),
    "group": _check_group,
    "relevantTypes": _check_types,
}


def _check_context_agent(value: object) -> None:
    _check_object(value, _CONTEXT_AGENT, ("objectType", "agent"), "2.0 4.2.2.5")


def _check_context_group(value: object) -> None:
    _check_object(value, _CONTEXT_GROUP, ("objectType", "group"), "2.0 4.2.2.5")


_CONTEXT: Table = {
    "registration": check_uuid,
    "instructor": _check_actor,
    "team": _check_group,
    "contextActivities": _check_context_activities,
    "revision": check_string,
    "platform": check_string,
    "language": check_language,
    "statement": _check_reference,
    "extensions": _check_extensions,
}
_CONTEXT_2: Table = {
    **_CONTEXT,
    "contextAgents": partial(_check_list, check=_check_context_agent, clause="2.0 4.2.2.5"),
    "contextGroups": partial(_check_list, check=_check_context_group, clause="2.0 4.2.2.5"),
}


# --- statements (Data 2.4) --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Rules:
    """The tables of one version."""

    statement: Table
    sub_statement: Table


def _rules(version: Version) -> _Rules:
    def check_context(value: object) -> None:
        _check_object(value, context, (), "Data 2.4.6")

    def check_sub_statement(value: object) -> None:
        _check_object(value, sub_statement, ("actor", "verb", "object"), "Data 2.4.4.3")
        _check_together(value)  # type: ignore[arg-type]

    def check_object(value: object) -> None:
        if isinstance(value, dict) and value.get("objectType") == "SubStatement":
            check_sub_statement(value)
        else:
            _check_simple_object(value)

    def check_version(value: object) -> None:
        if not isinstance(value, str) or not version.accepts.fullmatch(value):
            raise StatementError("", f"must be a version this resource speaks, not {shown(value)}", "Data 2.4.10")

    context = _CONTEXT_2 if version.context_agents else _CONTEXT
    common: Table = {
        "actor": _check_actor,
        "verb": _check_verb,
        "result": _check_result,
        "context": check_context,
        "timestamp": partial(check_timestamp, version=version),
        "attachments": partial(_check_list, check=_check_attachment, clause="Data 2.4.11"),
    }
    sub_statement: Table = {
        **common,
        "objectType": _constant("SubStatement", "Data 2.4.4.3"),
        "object": _check_simple_object,
    }
    statement: Table = {
        **common,
        "object": check_object,
        "id": check_uuid,
        "stored": partial(check_timestamp, version=version),
        "authority": _check_authority,
        "version": check_version,
    }
    return _Rules(statement, sub_statement)


def _check_simple_object(value: object) -> None:
    """Any object but a SubStatement, which is allowed at one level only (1.0.3 Data 2.4.4)."""
    kind = value.get("objectType", "Activity") if isinstance(value, dict) else "Activity"
    check = _OBJECTS.get(kind) if isinstance(kind, str) else None
    if check is None:
        nested = "must not be a SubStatement inside another" if kind == "SubStatement" else ""
        words = nested or f"must be Activity, Agent, Group, StatementRef or SubStatement, not {shown(kind)}"
        raise StatementError("objectType", words, "Data 2.4.4.3" if nested else "Data 2.4.4")
    check(value)


_OBJECTS: Table = {
    "Activity": _check_activity,
    "Agent": _check_plain_agent,
    "Group": _check_group,
    "StatementRef": _check_reference,
}


def _check_together(statement: Json) -> None:
    """What one property of a statement says of another."""
    kind = statement["object"].get("objectType", "Activity")
    if kind != "Activity" and (context := statement.get("context")):
        for name in ("revision", "platform"):
            if name in context:
                raise StatementError(f"context.{name}", "is allowed only where the object is an activity", "Data 2.4.6")
    if kind != "StatementRef" and statement["verb"]["id"] == VOIDED:
        raise StatementError(
            "object.objectType", "must be StatementRef in a statement that voids another", "Data 2.3.2"
        )


_BY_VERSION = {version.name: _rules(version) for version in VERSIONS}


def check_statement(data: object, version: Version) -> None:
    """Raises StatementError unless `data` is a statement that the version allows to be sent."""
    _check_object(data, _BY_VERSION[version.name].statement, ("actor", "verb", "object"), "Data 2.4")
    _check_together(data)  # type: ignore[arg-type]


def check_statements(data: object, version: Version) -> None:
    """A batch: each statement right, no id twice (1.0.3 Communication 2.1.2). Paths begin with statements[n]."""
    if not isinstance(data, list):
        raise StatementError("statements", f"must be an array, not {shown(data)}", "Communication 2.1.2")
    seen: set[str] = set()
    for index, statement in enumerate(data):
        try:
            check_statement(statement, version)
        except StatementError as error:
            raise error.inside(f"statements[{index}]") from None
        identifier = statement.get("id", "").lower()
        if identifier and identifier in seen:
            path = f"statements[{index}].id"
            raise StatementError(path, "is the id of an earlier statement of this batch", "Communication 2.1.2")
        seen.add(identifier)


# --- parameters of requests (1.0.3 Data 2.2: checked as the same values in statements are) ----------------------------


def _check_parameter(name: str, value: object, check: Check) -> None:
    try:
        check(value)
    except StatementError as error:
        raise error.inside(name) from None


def check_agent(data: object, version: Version, name: str = "agent") -> None:
    """The `agent` parameter: an agent or an identified group; a group without an identifier cannot be asked for."""
    _check_parameter(name, data, _check_actor)
    if isinstance(data, dict) and not _identifiers(data):
        raise StatementError(name, "A group without an identifier cannot be asked for", "Data 2.4.2.2")


def check_activity_id(value: object, name: str = "activityId") -> None:
    _check_parameter(name, value, check_iri)


def check_verb_id(value: object, name: str = "verb") -> None:
    _check_parameter(name, value, check_iri)


def check_registration(value: object, name: str = "registration") -> None:
    _check_parameter(name, value, check_uuid)


def check_statement_id(value: object, name: str = "statementId") -> None:
    _check_parameter(name, value, check_uuid)


def check_document_id(value: object, name: str) -> None:
    """A stateId or profileId: any text but none (1.0.3 Communication 2.3)."""
    _check_parameter(name, value, check_string)
    if not value:
        raise StatementError(name, "must not be empty", "Communication 2.2")


# --- what the LRS fills in --------------------------------------------------------------------------------------------


def complete(statement: Json, id: str, stored: str, authority: Json, version: Version) -> Json:
    """The statement as it is kept: `id`, `stored`, `authority`, `timestamp` and `version` filled in.

    An id, a timestamp and a version of its own stay; stored and authority never do (1.0.3 Data 2.4.8, 2.4.9). Context
    activities become lists (Data 2.4.6.2). The statement that came in is not changed.
    """
    whole = dict(statement)
    whole["id"] = statement.get("id") or id
    whole["stored"] = stored
    whole.setdefault("timestamp", stored)
    whole["authority"] = authority
    whole.setdefault("version", version.statement_version)
    return with_context_lists(whole)


def with_context_lists(statement: Json) -> Json:
    """The statement, its sub-statement too, with every kind of context activity a list; itself where it is so."""
    changes: Json = {}
    activities = statement.get("context", {}).get("contextActivities", {})
    if any(isinstance(entry, dict) for entry in activities.values()):
        lists = {kind: [entry] if isinstance(entry, dict) else entry for kind, entry in activities.items()}
        changes["context"] = {**statement["context"], "contextActivities": lists}
    if statement["object"].get("objectType") == "SubStatement":
        changes["object"] = with_context_lists(statement["object"])
    return {**statement, **changes} if changes else statement


def attachments_of(statement: Json) -> Iterable[Json]:
    """The attachments of a statement and of its sub-statement."""
    yield from statement.get("attachments", ())
    if statement["object"].get("objectType") == "SubStatement":
        yield from statement["object"].get("attachments", ())
