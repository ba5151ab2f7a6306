"""Statements to begin with, and a way to change one property of them."""

import copy
from typing import Any

GONE = object()
UUID = "12345678-1234-5678-1234-567812345678"
AGENT = {"objectType": "Agent", "name": "Ana", "mbox": "mailto:ana@example.com"}
GROUP = {"objectType": "Group", "name": "Team", "mbox": "mailto:team@example.com", "member": [AGENT]}
ANONYMOUS = {"objectType": "Group", "member": [AGENT]}
ACTIVITY = {
    "objectType": "Activity",
    "id": "https://example.com/activities/course",
    "definition": {
        "name": {"en-US": "Course", "de": "Kurs"},
        "description": {"en-US": "A course"},
        "type": "http://adlnet.gov/expapi/activities/course",
        "moreInfo": "https://example.com/more",
        "extensions": {"https://example.com/ext": None},
    },
}
REFERENCE = {"objectType": "StatementRef", "id": UUID}
ATTACHMENT = {
    "usageType": "https://example.com/usage",
    "display": {"en": "A file"},
    "contentType": "text/plain; charset=utf-8",
    "length": 27,
    "sha2": "495395e777cd98da653df9615d09c0fd6bb2f8d4788394cd53c56a3bfdcd848a",
    "fileUrl": "https://example.com/file.txt",
}
SMALL: dict[str, Any] = {
    "actor": {"mbox": "mailto:ana@example.com"},
    "verb": {"id": "http://adlnet.gov/expapi/verbs/completed"},
    "object": {"id": "https://example.com/activities/course"},
}
FULL: dict[str, Any] = {
    "id": UUID,
    "actor": AGENT,
    "verb": {"id": "http://adlnet.gov/expapi/verbs/completed", "display": {"en-US": "completed"}},
    "object": ACTIVITY,
    "result": {
        "score": {"scaled": 0.5, "raw": 5, "min": 0, "max": 10},
        "success": True,
        "completion": True,
        "response": "",
        "duration": "PT4H35M59.14S",
        "extensions": {"https://example.com/ext": {"any": [1, None]}},
    },
    "context": {
        "registration": UUID,
        "instructor": GROUP,
        "team": GROUP,
        "contextActivities": {"parent": [ACTIVITY], "grouping": ACTIVITY, "category": [], "other": [ACTIVITY]},
        "revision": "1",
        "platform": "web",
        "language": "en-US",
        "statement": REFERENCE,
        "extensions": {},
    },
    "timestamp": "2015-11-18T12:17:00.123Z",
    "stored": "2015-11-18T12:17:00+00:00",
    "authority": AGENT,
    "version": "1.0.0",
    "attachments": [ATTACHMENT],
}
SUB: dict[str, Any] = {
    "objectType": "SubStatement",
    **{name: FULL[name] for name in ("actor", "verb", "object", "result", "context", "timestamp", "attachments")},
}


def changed(statement: dict[str, Any], *changes: tuple[str, Any]) -> dict[str, Any]:
    """A copy with properties set along paths such as "context.contextActivities.parent.0.id"; GONE takes one away."""
    whole = copy.deepcopy(statement)
    for path, value in changes:
        *steps, last = path.split(".")
        node: Any = whole
        for step in steps:
            node = node[int(step)] if isinstance(node, list) else node.setdefault(step, {})
        if value is GONE:
            del node[last]
        else:
            node[int(last) if isinstance(node, list) else last] = copy.deepcopy(value)
    return whole
