import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("registrations", "0005_settings_of_registrations_and_launches")]

    operations = [
        migrations.AddField("instance", "xapi_registration", models.UUIDField(null=True, editable=False)),
        migrations.AddField(
            "launchrecord", "activity", models.CharField(blank=True, default="", max_length=4000), False
        ),
        migrations.AddField("launchrecord", "mode", models.CharField(blank=True, default="", max_length=10), False),
        migrations.CreateModel(
            name="Outgoing",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("event", models.JSONField()),
                ("created", models.DateTimeField(auto_now_add=True, db_index=True)),
                (
                    "instance",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="outgoing",
                        to="registrations.instance",
                    ),
                ),
                (
                    "launch",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="outgoing",
                        to="registrations.launchrecord",
                    ),
                ),
            ],
            options={"ordering": ["id"]},
        ),
    ]
