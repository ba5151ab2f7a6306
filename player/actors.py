"""The learner as an xAPI agent: an account here, and nothing else that tells who it is (cmi5 8.1.3, 9.2)."""

from typing import Any

from django.conf import settings

from standards.structure import Learner


def actor_of(learner: Learner) -> dict[str, Any]:
    account = {"homePage": f"{settings.CONSOLE_ORIGIN}/", "name": learner.identifier}
    return {"objectType": "Agent", "account": account}
