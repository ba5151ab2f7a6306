from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("registrations", "0008_every_instance_has_its_xapi_registration")]

    operations = [
        migrations.AddField("launchrecord", "session", models.CharField(blank=True, default="", max_length=36), False),
    ]
