from django.db import migrations

TRIAL = "Trial"
UNLIMITED = "Unlimited"


def forward(apps, schema_editor):
    plans = apps.get_model("realms", "BillingPlan").objects
    plans.filter(name=TRIAL, is_default=True).update(registration_limit=None, active_limit=10)
    plans.get_or_create(name=UNLIMITED, defaults={"is_offered": False})  # for the staff of a site to give
    records = apps.get_model("realms", "PlanRecord").objects
    for realm in apps.get_model("realms", "Realm").objects.iterator():
        records.create(realm=realm, plan_id=realm.plan_id, payer_id=realm.billing_realm_id, began=realm.plan_since)


def back(apps, schema_editor):
    plans = apps.get_model("realms", "BillingPlan").objects
    plans.filter(name=TRIAL, is_default=True).update(registration_limit=10, active_limit=None)
    apps.get_model("realms", "PlanRecord").objects.all().delete()
    plans.filter(name=UNLIMITED, realm=None).delete()


class Migration(migrations.Migration):
    dependencies = [("realms", "0005_plans_and_usage")]

    operations = [migrations.RunPython(forward, back)]
