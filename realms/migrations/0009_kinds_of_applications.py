from django.db import migrations, models
from django.db.models import F
from django.utils import timezone


def begin_with_created(apps, schema_editor):
    for name in ("Application", "Credential"):
        apps.get_model("realms", name).objects.update(updated=F("created"))


class Migration(migrations.Migration):
    dependencies = [("realms", "0008_periods_keep_no_choice")]

    operations = [
        migrations.AddField("application", "is_management", models.BooleanField(default=False)),
        migrations.AddField("application", "allow_delete", models.BooleanField(default=True)),
        migrations.AddField(
            "application", "updated", models.DateTimeField(auto_now=True, default=timezone.now), preserve_default=False
        ),
        migrations.AddField(
            "credential", "updated", models.DateTimeField(auto_now=True, default=timezone.now), preserve_default=False
        ),
        migrations.AddConstraint(
            "application",
            models.UniqueConstraint(
                condition=models.Q(is_management=True), fields=("realm",), name="one_management_application"
            ),
        ),
        migrations.RunPython(begin_with_created, migrations.RunPython.noop),
    ]
