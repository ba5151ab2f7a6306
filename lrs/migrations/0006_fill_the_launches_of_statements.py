"""What Tin Can content said before statements named the launch they came by, so that results can be built again."""

from typing import Any

from django.db import migrations
from django.db.models import F

from lrs.models import key_of


def fill(apps: Any, schema_editor: Any) -> None:
    Instance = apps.get_model("registrations", "Instance")
    Statement, Mention, Store = (apps.get_model("lrs", name) for name in ("Statement", "Mention", "Store"))
    instances = Instance.objects.filter(version__standard="XAPI")
    rows = instances.values_list("xapi_registration", "registration__application", "registration__is_sandbox")
    for registration, application, is_sandbox in rows.iterator():
        store = Store.objects.filter(application=application, is_sandbox=is_sandbox).first()
        if store is None:
            continue
        key = key_of("registration", str(registration))
        own = Mention.objects.filter(store_id=store.pk, key=key, via=F("stored")).values("stored")
        Statement.objects.filter(store_id=store.pk, stored__in=own).update(registration=registration)


class Migration(migrations.Migration):
    dependencies = [
        ("lrs", "0005_statements_name_the_launch_they_came_by"),
        ("registrations", "0017_bulk_changes_name_what_they_changed"),
    ]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
