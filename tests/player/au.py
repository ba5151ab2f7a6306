"""An assignable unit for tests: launched by the player's own calls, it speaks xAPI through Django's test client."""

import json
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from registrations import services
from registrations.links import LaunchLink
from registrations.models import Registration
from standards.cmi5.vocabulary import CMI5, MASTERY_SCORE, MOVE_ON_CATEGORY, VERBS

HOST = {"HTTP_HOST": "127.0.0.1:8000"}
BEGAN = datetime(2026, 1, 1, 12, tzinfo=UTC)


class Player:
    """The player's page: launches a registration and goes where the learner wants."""

    def __init__(self, client: Any, registration: Registration, **wish: Any) -> None:
        self.client = client
        self.key = services.begin_launch(LaunchLink(registration.pk, **wish), services.Visitor()).key
        self.number = 0
        self.launch: dict[str, Any] = self._post("start", {})["launch"]

    def go(self, name: str, target: str = "", by_learner: bool = True) -> "Player":
        self.number += 1
        request = {"name": name, "target": target}
        body = {"number": self.number, "request": request, "by_learner": by_learner}
        self.launch = self._post("navigate", body)["launch"]
        return self

    def _post(self, name: str, body: dict[str, Any]) -> dict[str, Any]:
        response = self.client.post(f"/play/{self.key}/{name}", json.dumps(body), "application/json", **HOST)
        assert response.status_code == 200, response.content
        return response.json()


class Au:
    """The AU that a player shows."""

    def __init__(self, player: Player, fetched: bool = True, ready: bool = True) -> None:
        self.client = player.client
        query = parse_qs(urlsplit(player.launch["href"]).query)
        self.parameters = {name: values[0] for name, values in query.items()}
        self.actor = json.loads(self.parameters["actor"])
        self.registration, self.activity_id = self.parameters["registration"], self.parameters["activityId"]
        self.token, self.data, self.seconds = "", {}, 0
        if fetched:
            self.token = self.fetch()["auth-token"]
            self.data = self.state("LMS.LaunchData").json()
        if fetched and ready:
            self.preferences()

    def fetch(self) -> dict[str, str]:
        return self.client.post(urlsplit(self.parameters["fetch"]).path, **HOST).json()

    def call(
        self, method: str, resource: str, parameters: dict[str, str] | None = None, body: Any = None, **headers: Any
    ) -> Any:
        content = body if isinstance(body, bytes | str) else json.dumps(body)
        sent = {
            "HTTP_X_EXPERIENCE_API_VERSION": "1.0.3",
            "HTTP_AUTHORIZATION": f"Basic {self.token}",
            **HOST,
            **headers,
        }
        return self.client.generic(
            method,
            urlsplit(self.parameters["endpoint"]).path + resource,
            content if body is not None else "",
            "application/json",
            query_params=parameters or {},
            **sent,
        )

    def state(self, state_id: str, method: str = "GET", body: Any = None, **changed: str) -> Any:
        parameters = {
            "activityId": self.activity_id,
            "agent": json.dumps(self.actor),
            "registration": self.registration,
            "stateId": state_id,
        }
        return self.call(method, "activities/state", parameters | changed, body)

    def preferences(self, method: str = "GET", body: Any = None, **headers: Any) -> Any:
        parameters = {"agent": json.dumps(self.actor), "profileId": "cmi5LearnerPreferences"}
        return self.call(method, "agents/profile", parameters, body, **headers)

    def statement(self, verb: str, **changed: Any) -> dict[str, Any]:
        """A right statement of the verb, cmi5 defined where it is cmi5's; `changed` replaces properties."""
        self.seconds += 1
        is_defined = verb in VERBS
        result = self._result(verb)
        category = [{"id": CMI5}] if is_defined else []
        if "success" in result or "completion" in result:
            category.append({"id": MOVE_ON_CATEGORY})
        context = json.loads(json.dumps(self.data["contextTemplate"])) | {"registration": self.registration}
        if category:
            context["contextActivities"]["category"] = category
        if "score" in result and "masteryScore" in self.data:
            context["extensions"][MASTERY_SCORE] = self.data["masteryScore"]
        statement = {
            "id": str(uuid.uuid4()),
            "actor": self.actor,
            "verb": {"id": VERBS.get(verb, f"https://tests.example/verbs/{verb}"), "display": {"en": verb}},
            "object": {"objectType": "Activity", "id": self.activity_id},
            "context": context,
            "timestamp": (BEGAN + timedelta(seconds=self.seconds)).isoformat().replace("+00:00", "Z"),
        }
        if result:
            statement["result"] = result
        return statement | changed

    def _result(self, verb: str) -> dict[str, Any]:
        return {
            "completed": {"completion": True, "duration": "PT5S"},
            "passed": {"success": True, "score": {"scaled": 0.9}, "duration": "PT6S"},
            "failed": {"success": False, "score": {"scaled": 0.1}, "duration": "PT6S"},
            "terminated": {"duration": "PT10S"},
        }.get(verb, {})

    def send(self, statement: Any, method: str = "POST", parameters: dict[str, str] | None = None) -> Any:
        return self.call(method, "statements", parameters, statement)

    def say(self, *verbs: str) -> "Au":
        for verb in verbs:
            response = self.send(self.statement(verb))
            assert response.status_code == 200, response.content
        return self
