import uuid
from typing import Any

from django.db import migrations

AT_ONCE = 500


def fill(apps: Any, schema_editor: Any) -> None:
    instances = apps.get_model("registrations", "Instance").objects
    while rows := list(instances.filter(xapi_registration=None).order_by("pk")[:AT_ONCE]):
        for row in rows:
            row.xapi_registration = uuid.uuid4()
        instances.bulk_update(rows, ["xapi_registration"])


class Migration(migrations.Migration):
    dependencies = [("registrations", "0006_what_is_stated_of_instances")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
