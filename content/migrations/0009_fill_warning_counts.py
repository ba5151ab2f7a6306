"""Counts the errors and warnings of versions that were imported before they were counted."""

from django.db import migrations

AT_ONCE = 200


def fill(apps, schema_editor):
    versions = apps.get_model("content", "CourseVersion").objects.using(schema_editor.connection.alias)
    changed = []
    for version in versions.only("structure").iterator(chunk_size=AT_ONCE):
        findings = version.structure.get("findings", ())
        count = sum(finding.get("severity", "warning") in ("error", "warning") for finding in findings)
        if count:
            version.warning_count = count
            changed.append(version)
        if len(changed) >= AT_ONCE:
            versions.bulk_update(changed, ["warning_count"])
            changed = []
    versions.bulk_update(changed, ["warning_count"])


class Migration(migrations.Migration):
    dependencies = [("content", "0008_library_views_and_bulk_jobs")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
