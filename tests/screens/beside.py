"""Webhooks, statements, invoices, bulk jobs and the audit log of the realm that is pictured."""

import json
from datetime import timedelta

from accounts.models import User
from content.models import Course, SavedView
from content.services import start_bulk
from lrs import services as lrs
from player.files import files_url
from realms import audit, billing
from realms.models import Application, AuditEntry, BillingPeriod, BillingPlan, CountedRegistration, LinkRequest, Realm
from realms.ownership import close
from realms.periods import months_later
from realms.services import open_realm
from registrations import many
from registrations.models import Erasure, LaunchRecord, Postback, Question, Registration
from registrations.personal import begin_export
from webhooks.services import add_endpoint

from .people import person
from .things import LEARNER, LONG, NOW, OWNER, PEOPLE, STAFF, House, Page, ago


def fill_webhooks(house: House, lms: Application) -> None:
    first = add_endpoint(
        lms,
        "Human resources",
        "https://hr.harbour.example/hooks/learning",
        ["registration.completed", "registration.passed", "course.imported"],
    )
    second = add_endpoint(
        lms, "Data warehouse", f"https://warehouse.harbour.example/{'ingest/' * 12}", ["registration.created"]
    )
    type(second).objects.filter(pk=second.pk).update(is_enabled=False, turned_off="Every message of five days failed")
    body = json.dumps(
        {
            "type": "registration.passed",
            "timestamp": ago(days=1).isoformat(),
            "data": {"registrationId": "enrolment-1000", "courseId": "night-sky", "score": 0.92},
        }
    )
    for number in range(14):
        status = (200, 204, 500)[number % 3]
        over = status != 500
        delivery = first.deliveries.create(
            event=first.events[number % 3],
            body=body,
            url=first.url,
            attempts=1 if over else 6,
            delivered=ago(hours=number * 5) if over else None,
            message_id=f"msg_{number:024}",
            log=[
                {
                    "at": ago(hours=number * 5).isoformat(),
                    "status": status,
                    "seconds": 0.31,
                    "answer": "" if over else "Internal Server Error",
                    "error": "",
                }
            ],
        )
        first.deliveries.filter(pk=delivery.pk).update(created=ago(hours=number * 5))
    house.things |= {"webhooks/<int:pk>": first.pk, "deliveries/<int:pk>": first.deliveries.order_by("pk")[2].pk}


def fill_statements(lms: Application, internal: Application) -> None:
    verbs = ("initialized", "experienced", "answered", "passed", "terminated")
    for application in (lms, internal):
        statements = []
        for number in range(30):
            learner_id, first, last = PEOPLE[number % len(PEOPLE)]
            actor = {
                "name": f"{first} {last}",
                "account": {"homePage": "https://moodle.harbour.example", "name": learner_id},
            }
            verb = verbs[number % 5]
            score = {"result": {"score": {"scaled": 0.5 + number % 5 / 10}, "success": True, "duration": "PT4M12S"}}
            statements.append(
                {
                    "actor": actor,
                    "verb": {"id": f"http://adlnet.gov/expapi/verbs/{verb}", "display": {"en": verb}},
                    "object": {
                        "id": f"https://content.harbour.example/night-sky/{number % 7}",
                        "definition": {"name": {"en": f"Night sky, scene {number % 7 + 1}"}},
                    },
                    "timestamp": ago(hours=number * 3).isoformat(),
                    "context": {
                        "extensions": {
                            "https://content.harbour.example/ext/device": {
                                "browser": "Firefox",
                                "list": list(range(12)),
                                "token": "x" * 180,
                            }
                        }
                    },
                    **(score if verb in ("passed", "answered") else {}),
                }
            )
        lrs.add(application, False, statements)


def fill_account(house: House, realm: Realm, little: BillingPlan) -> None:
    """Periods with what was counted in them, invoices, a linked realm and one that asks."""
    Realm.objects.filter(pk=realm.pk).update(plan_since=ago(days=140), pays_overage=True)
    BillingPeriod.objects.filter(realm=realm).delete()
    other = open_realm(person("lea@pilots.example", "Lea", "Sund"), "Pilots' guild")
    Realm.objects.filter(pk=other.pk).update(plan=None, billing_realm=realm)
    asking = open_realm(person("ole@shipyard.example", "Ole", "Dahl"), "Shipyard training")
    old = open_realm(User.objects.get(email=OWNER), "Old harbour office")
    close(old, User.objects.get(email=OWNER))
    house.more.append(Page("realms-closed", f"/r/{old.slug}/closed/", "owner"))
    request = LinkRequest.objects.create(
        realm=asking, payer=realm, asked_by=User.objects.get(email="ole@shipyard.example")
    )
    numbers = (41, 58, 73, 66, 37)
    serial = 0
    for back, count in zip(range(4, -1, -1), numbers, strict=True):
        start, end = (months_later(ago(days=140), 4 - back + more) for more in (0, 1))
        period = BillingPeriod.objects.create(realm=realm, plan=little, start=start, end=end, registrations=count)
        rows = []
        for number in range(count):
            serial += 1
            when = start + timedelta(days=(number * 17) % 29 * (0.65 if not back else 1), hours=number % 24)
            rows.append(
                CountedRegistration(
                    period=period,
                    payer=realm,
                    realm=other if number % 4 == 0 else realm,
                    app_id="MOODLE0001",
                    registration=900_000 + serial,
                    registration_id=f"counted-{serial}",
                    course_id="night-sky",
                    reason="api",
                    counted=min(when, NOW),
                )
            )
        CountedRegistration.objects.bulk_create(rows)
    billing.settle(realm.pk)
    for invoice in realm.invoices.order_by("sequence"):
        moment = invoice.period.end
        realm.invoices.filter(pk=invoice.pk).update(
            issued=moment, paid=moment + timedelta(days=9) if invoice.sequence < 4 else None
        )
    house.things |= {"requests/<int:pk>": request.pk, "invoices/<int:sequence>": 3}


def fill_rest(house: House, realm: Realm, owner: User, courses: dict[str, Course]) -> None:
    view = SavedView.objects.create(
        realm=realm,
        owner=owner,
        name="Mandatory, largest first",
        query="tag=mandatory&order=-size",
        columns=["standard", "size", "tags"],
        is_shared=True,
    )
    SavedView.objects.create(realm=realm, owner=owner, name="Only AICC", query="standard=AICC", columns=["standard"])
    pks = [courses[name].pk for name in ("sample", "chapters", "aicc")]
    export = start_bulk(realm, owner.pk, "export", pks, {"packages": True})
    start_bulk(realm, owner.pk, "tag", pks, {"tags": ["reviewed"]})
    moved = start_bulk(realm, owner.pk, "delete", [10**9], {})
    type(moved).objects.filter(pk=moved.pk).update(
        courses=pks,
        changed=1,
        done=3,
        problems=[
            ["Fire safety in the warehouse", "It is being imported just now."],
            [f"Ladungssicherung {LONG}", "Its application does not allow that anything is deleted."],
        ],
    )
    picked = list(Registration.objects.order_by("pk").values_list("pk", flat=True)[:8])
    change = many.begin(realm, "tag", {"pks": picked}, ["reviewed"], OWNER)
    gathered = begin_export(realm, LEARNER, OWNER)
    question = Question.objects.filter(course=courses["sample"]).order_by("pk").first()
    version = courses["sample"].current_version
    preview = LaunchRecord.objects.filter(instance__isnull=False).order_by("pk").first()
    house.things |= {
        "views/<int:pk>": view.pk,
        "jobs/<uuid:bulk_id>": export.pk,
        "bulk/<int:pk>": change.pk,
        "exports/<uuid:pk>": gathered.pk,
        "questions/<int:pk>": question.pk,
        "postbacks/<int:pk>": Postback.objects.order_by("pk").first().pk,
    }
    house.more += [
        Page("content-bulk-job-problems", f"/r/{realm.slug}/library/jobs/{moved.pk}/", "owner"),
        Page("content-library-all-columns", f"/r/{realm.slug}/library/?view={view.pk}", "owner"),
        Page("content-library-nothing-found", f"/r/{realm.slug}/library/?q=zebra", "owner"),
        Page("registrations-list-nothing-found", f"/r/{realm.slug}/registrations/?q=zebra", "owner"),
        Page("registrations-learner", f"/r/{realm.slug}/learners/?id={LEARNER}", "owner"),
        Page("realms-audit-filtered", f"/r/{realm.slug}/audit/?action=realm.rename", "owner"),
        Page(
            "content-version-compare-files",
            f"/r/{realm.slug}/courses/{courses['sample'].pk}/versions/compare/?part=files",
            "owner",
        ),
        Page("error-404", f"/r/{realm.slug}/courses/999999/", "owner"),
        Page("error-403", f"/r/{realm.slug}/account/", "learner"),
    ]
    house.whole["registrations:report_learner"] = f"/r/{realm.slug}/reports/learner/?learner={LEARNER}&range=all"
    house.whole["registrations:learner_erase"] = f"/r/{realm.slug}/learners/erase/?id={LEARNER}"
    house.whole["player:file"] = f"{files_url(version)}index.html"
    assert preview is not None
    waits = ago(days=-365)  # a worker that took it up would be done with it before the picture
    Erasure.objects.create(
        application=courses["sample"].application,
        learner_id="gone@harbour.example",
        asked_by=OWNER,
        asked=NOW,
        due=waits,
    )
    fill_audit(realm, owner)


def fill_audit(realm: Realm, owner: User) -> None:
    for number, (action, text, details) in enumerate(
        (
            ("realm.rename", "Harbour Academy", {"name": ["Mira's realm", "Harbour Academy"]}),
            ("people.invite", "jonas@harbour.example", {"role": "author"}),
            ("key.rotate", "Production (…9x0Q)", {}),
            (
                "application.settings",
                "Moodle of the training department",
                {"PlayerLaunchType": ["FRAMESET", "NEW_WINDOW"], "LaunchWindowWidth": [None, "1024"]},
            ),
            ("course.import", f"Schulung_{LONG}_final_v2_NEU(3).zip", {}),
            (
                "registration.override",
                "enrolment-1000",
                {"success": ["failed", "passed"], "reason": "Oral examination on board, protocol 17."},
            ),
            ("staff.impersonate", OWNER, {"reason": "Ticket 4711: imports fail", "staff": STAFF}),
        )
        * 4
    ):
        entry = audit.record(owner, action, realm=realm, target=text, details=details)
        AuditEntry.objects.filter(pk=entry.pk).update(
            created=ago(hours=number * 9 + 1), address="2001:db8:85a3::8a2e:370:7334" if number % 3 else "192.0.2.17"
        )
