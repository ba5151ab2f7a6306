"""The document that the instance serves against the public description: its own table always, the shared one where
it is at hand."""

import json
from pathlib import Path
from typing import Any

import pytest

from api.description import in_snake, operations
from api.document import document
from api.parts import SECTIONS
from tests.api import coverage
from tests.services import ROOT

SHARED = Path(__file__).parents[3] / "shared" / "api" / "scormcloud-v2.json"
with_shared = pytest.mark.skipif(not SHARED.exists(), reason="the shared description is not at hand")


def of_document(described: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    """(method, path in snake case) -> operation."""
    return {
        (method.upper(), in_snake(path)): operation
        for path, found in described["paths"].items()
        for method, operation in found.items()
        if method != "parameters"
    }


def built() -> set[tuple[str, str, str]]:
    return {each for section in SECTIONS for each in section.declared}


def test_what_is_built_is_of_the_description():
    described = {(method, path, name) for _, method, path, name in operations()}

    assert built() - described == set()


def test_every_operation_built_is_in_the_document_with_its_name():
    found = of_document(document())

    assert {(method, path, found[method, path]["operationId"]) for method, path in found} == built()


def test_the_document_has_no_null_and_every_reference_leads_somewhere():
    text = json.dumps(document())
    names = {part.partition('"')[0] for part in text.split("#/components/schemas/")[1:]}

    assert '"null"' not in text
    assert names - set(document()["components"]["schemas"]) == set()
    assert all(operation["security"] for operation in of_document(document()).values())


@with_shared
def test_the_table_is_that_of_the_shared_description():
    shared = json.loads(SHARED.read_text())
    described = {
        (method, path, operation["operationId"])
        for (method, path), operation in of_document(shared).items()
        if operation["tags"] != ["Zoomi"]
    }

    assert {(method, path, name) for _, method, path, name in operations()} == described


@with_shared
def test_parameters_are_those_of_the_shared_description():
    shared, ours = json.loads(SHARED.read_text()), document()
    wrong = []
    for key, operation in of_document(ours).items():
        theirs = of_document(shared)[key]
        found = {(each["in"], each["name"]): each for each in operation.get("parameters", ())}
        for each in theirs.get("parameters", ()):
            mine = found.pop((each["in"], each["name"]), None)
            if mine is None:
                wrong.append(f"{operation['operationId']}: no {each['name']}")
            elif different(each["schema"], mine["schema"], shared, ours):
                wrong.append(f"{operation['operationId']}.{each['name']}: {mine['schema']}")
            elif each.get("required", False) != mine["required"]:
                wrong.append(f"{operation['operationId']}.{each['name']}: required {mine['required']}")
        wrong += [f"{operation['operationId']}: {name} is ours alone" for _, name in found]

    assert wrong == []


@with_shared
def test_scopes_and_credentials_are_those_of_the_shared_description():
    shared = of_document(json.loads(SHARED.read_text()))
    wrong = {}
    for key, operation in of_document(document()).items():
        theirs = shared[key]
        scopes = set(operation["x-any-of-scopes"])
        kinds = {kind for each in operation["security"] for kind in each}
        wanted = {kind for each in theirs["security"] for kind in each}
        one_scope = {scope for each in theirs["security"] for scope in each.get("OAUTH", ())}
        if kinds != wanted or scopes != set(theirs.get("x-any-of-scopes", one_scope)):
            wrong[operation["operationId"]] = (kinds, scopes)

    assert wrong == {}


@with_shared
def test_bodies_and_answers_are_those_of_the_shared_description():
    shared, ours = json.loads(SHARED.read_text()), document()
    wrong = []
    for key, operation in of_document(ours).items():
        theirs, name = of_document(shared)[key], operation["operationId"]
        for status, answer in theirs["responses"].items():
            if status.startswith("2"):
                mine = operation["responses"].get(status)
                if mine is None:
                    wrong.append(f"{name}: no {status}")
                    continue
                for kind, content in answer.get("content", {}).items():
                    if kind not in mine.get("content", {}):
                        wrong.append(f"{name}: {status} is no {kind}")
                    else:
                        found = differences(content["schema"], mine["content"][kind]["schema"], shared, ours)
                        wrong += [f"{name} {status}{each}" for each in found]
            elif status not in operation["responses"]:
                wrong.append(f"{name}: no {status}")
        body = theirs.get("requestBody", {}).get("content", {})
        mine_body = operation.get("requestBody", {}).get("content", {})
        for kind, content in body.items():
            if kind not in mine_body:
                wrong.append(f"{name}: body is no {kind}")
            else:
                found = differences(content["schema"], mine_body[kind]["schema"], shared, ours)
                wrong += [f"{name} body{each}" for each in found]

    assert wrong == []


def differences(theirs: dict, mine: dict, shared: dict, ours: dict, at: str = "", seen: tuple = ()) -> list[str]:
    """Properties that are missing or of another type, all the way down."""
    theirs, name = resolved(theirs, shared)
    mine, _ = resolved(mine, ours)
    if name and name in seen:
        return []
    if different(theirs, mine, shared, ours):
        return [f"{at}: {mine.get('type')} for {theirs.get('type')}"]
    found = []
    if "items" in theirs:
        found += differences(theirs["items"], mine["items"], shared, ours, f"{at}[]", (*seen, name))
    for word, each in theirs.get("properties", {}).items():
        if word not in mine.get("properties", {}):
            found.append(f"{at}.{word}: missing")
        else:
            found += differences(each, mine["properties"][word], shared, ours, f"{at}.{word}", (*seen, name))
    return found


def different(theirs: dict, mine: dict, shared: dict, ours: dict) -> bool:
    theirs, mine = resolved(theirs, shared)[0], resolved(mine, ours)[0]
    values = set(theirs.get("enum", ())) - set(mine.get("enum", theirs.get("enum", ())))
    return (theirs.get("type"), theirs.get("format") == "date-time") != (
        mine.get("type"),
        mine.get("format") == "date-time",
    ) or bool(values)


def resolved(schema: dict, described: dict) -> tuple[dict, str]:
    """The schema itself and its name."""
    if len(schema.get("allOf", ())) == 1:
        schema = {**schema["allOf"][0], **{name: each for name, each in schema.items() if name != "allOf"}}
    if "$ref" not in schema:
        return schema, ""
    name = schema["$ref"].rpartition("/")[2]
    kind, _, _ = schema["$ref"].removeprefix("#/components/").partition("/")
    return described["components"][kind][name], name


def test_the_table_of_coverage_is_that_of_the_code():
    assert (ROOT / "docs" / "api-coverage.md").read_text() == coverage.text()


def test_every_operation_built_is_called_by_the_python_client():
    uncalled = {name for _, _, name in built() if coverage.snake(name) not in coverage.called()}

    assert uncalled == set()


def test_every_operation_built_is_called_by_the_javascript_client():
    uncalled = {name for _, _, name in built() if name not in coverage.called_by_javascript()}

    assert uncalled == set()
