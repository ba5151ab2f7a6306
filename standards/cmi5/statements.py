"""What the LMS itself says: its statements, the activities it names, the launch data (cmi5 9, 10)."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..structure import Activity, CourseStructure
from .vocabulary import (
    BLOCK_TYPE,
    CMI5,
    COURSE_TYPE,
    LAUNCH_MODE,
    LAUNCH_PARAMETERS,
    LAUNCH_URL,
    MASTERY_SCORE,
    MOVE_ON,
    MOVE_ON_CATEGORY,
    REASON,
    SESSION_ID,
    VERBS,
)

Json = Mapping[str, Any]
_NAMESPACE = uuid.UUID("6f0c8f5e-6a39-5d0f-9d1c-1f6f3f1c0c35")


@dataclass(frozen=True)
class Names:
    """Who and what a registration's statements are about. `course` tells courses of one store apart."""

    course: str
    registration: str
    actor: Json

    def activity_id(self, publisher_id: str) -> str:
        """The id the LMS gives an AU, block or course: the same in all registrations, never the publisher's (8.1.5)."""
        return uuid.uuid5(_NAMESPACE, f"{self.course}\0{publisher_id}").urn


def context_template(au: Activity, session_id: str) -> dict[str, Any]:
    """10.2.1."""
    return {
        "contextActivities": {"grouping": [{"objectType": "Activity", "id": au.identifier}]},
        "extensions": {SESSION_ID: session_id},
    }


def launch_data(au: Activity, session: Json, return_url: str) -> dict[str, Any]:
    """The LMS.LaunchData document (10.2)."""
    document: dict[str, Any] = {
        "contextTemplate": context_template(au, session["id"]),
        "launchMode": session["mode"],
        "launchMethod": au.launch_method or "AnyWindow",
        "moveOn": au.move_on or "NotApplicable",
        "returnURL": return_url,
    }
    if au.parameters:
        document["launchParameters"] = au.parameters
    if au.scaled_mastery_score is not None:
        document["masteryScore"] = au.scaled_mastery_score
    if au.entitlement_key:
        document["entitlementKey"] = {"courseStructure": au.entitlement_key}
    return document


def statement_of(event: Json, course: CourseStructure, names: Names, launch_url: str = "") -> dict[str, Any]:
    """The statement of an event of `session`. `launch_url`: of launched ones, without the launch's own parameters."""
    node = course.activity(event["activity"]) or Activity(event["activity"])
    verb = event["verb"]
    result = _result(event)
    category = [{"objectType": "Activity", "id": CMI5}]
    if "success" in result or "completion" in result:
        category.append({"objectType": "Activity", "id": MOVE_ON_CATEGORY})
    statement: dict[str, Any] = {
        "id": event["id"],
        "actor": dict(names.actor),
        "verb": {"id": VERBS[verb], "display": {"en": verb}},
        "object": _object(event, node, names),
        "context": {
            "registration": names.registration,
            "contextActivities": {
                "category": category,
                "grouping": [{"objectType": "Activity", "id": node.identifier}],
            },
            "extensions": {SESSION_ID: event["session"], **_extensions(event, node, launch_url)},
        },
        "timestamp": _utc(event["at"]),
    }
    if result:
        statement["result"] = result
    return statement


def _utc(moment: str) -> str:
    return moment.replace("+00:00", "Z")


def _object(event: Json, node: Activity, names: Names) -> dict[str, Any]:
    definition: dict[str, Any] = {}
    for name, texts in (("name", node.metadata.title), ("description", node.metadata.description)):
        known = {language or "und": text for language, text in texts.items() if text}
        if known:
            definition[name] = known
    kind = {"block": BLOCK_TYPE, "course": COURSE_TYPE}.get(event.get("kind", "")) or node.activity_type
    if kind:
        definition["type"] = kind
    found: dict[str, Any] = {"objectType": "Activity", "id": names.activity_id(node.identifier)}
    return {**found, "definition": definition} if definition else found


def _result(event: Json) -> dict[str, Any]:
    if event["verb"] == "abandoned":
        return {"duration": event["duration"]}  # 9.5.4.2
    if event["verb"] == "waived":
        return {"success": True, "completion": True, "extensions": {REASON: event["reason"]}}
    return {}


def _extensions(event: Json, au: Activity, launch_url: str) -> dict[str, Any]:
    """9.6.3: what a launched statement tells besides the session."""
    if event["verb"] != "launched":
        return {}
    extensions: dict[str, Any] = {
        LAUNCH_MODE: event["mode"],
        LAUNCH_URL: launch_url,
        MOVE_ON: au.move_on or "NotApplicable",
    }
    if au.parameters:
        extensions[LAUNCH_PARAMETERS] = au.parameters
    if au.scaled_mastery_score is not None:
        extensions[MASTERY_SCORE] = au.scaled_mastery_score
    return extensions
