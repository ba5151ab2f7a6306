import uuid

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("registrations", "0007_fill_xapi_registrations")]

    operations = [
        migrations.AlterField(
            "instance", "xapi_registration", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)
        ),
    ]
