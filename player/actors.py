"""The learner as an xAPI agent: an account here, and nothing else that tells who it is (cmi5 8.1.3, 9.2)."""

import hashlib
from collections.abc import Iterable
from typing import Any

from django.conf import settings

from lrs.models import Document, Mention, Store, key_of
from realms.models import Application
from registrations.folding import Folded, ways_folded
from registrations.models import Registration
from standards.structure import Learner
from standards.xapi.identity import agent_key


def actor_of(learner: Learner) -> dict[str, Any]:
    account = {"homePage": f"{settings.CONSOLE_ORIGIN}/", "name": learner.identifier}
    return {"objectType": "Agent", "account": account}


def agents_of(application: Application, learner_id: str, emails: Iterable[str] = ()) -> list[dict[str, Any]]:
    """Whom statements may call the learner: the account here, and addresses that are no other learner's.

    What is handed over as a learner's data and what is deleted as such is found by the same agents. `emails`: of the
    learner's registrations; an id that is an address is one too. Addresses are told plain and hashed, as they are
    written and in small letters.
    """
    found = [actor_of(Learner(learner_id))]
    addresses = {*emails, *([learner_id] if "@" in learner_id else [])} - {""}
    for email in sorted(addresses | {each.lower() for each in addresses}):
        if not _is_of_another(application, learner_id, email):
            mbox = f"mailto:{email}"
            digest = hashlib.sha1(mbox.encode(), usedforsecurity=False).hexdigest()
            found += [{"mbox": mbox}, {"mbox_sha1sum": digest}]
    return found


def _is_of_another(application: Application, learner_id: str, email: str) -> bool:
    others = Registration.objects.filter(application=application).exclude(learner_id=learner_id)
    return any(
        others.alias(folded=Folded(column)).filter(folded__in=ways_folded(email)).exists()
        for column in ("learner_email", "learner_id")
    )


def is_stated(application: Application, learner_id: str) -> bool:
    """Whether statements or documents of the application name the learner, by the account or by an id that is an
    address."""
    keys = [agent_key(each) for each in agents_of(application, learner_id)]
    stores = list(Store.objects.filter(application=application).values_list("pk", flat=True))
    mentions = Mention.objects.filter(store__in=stores, key__in=[key_of("agents", each) for each in keys])
    documents = Document.objects.filter(store__in=stores, agent__in=[key_of("agent", each) for each in keys])
    return mentions.exists() or documents.exists()
