from django.db import migrations


def make_trial_plan(apps, schema_editor):
    apps.get_model("realms", "BillingPlan").objects.create(
        name="Trial", registration_limit=10, storage_limit=100 * 10**6, is_default=True
    )


def remove_trial_plan(apps, schema_editor):
    apps.get_model("realms", "BillingPlan").objects.filter(name="Trial").delete()


class Migration(migrations.Migration):
    dependencies = [("realms", "0001_initial")]

    operations = [migrations.RunPython(make_trial_plan, remove_trial_plan)]
