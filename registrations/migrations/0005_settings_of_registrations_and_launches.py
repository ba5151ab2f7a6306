from django.db import migrations, models


def fill(apps, schema_editor):
    """Launches that may go on play by what their course says now, as they did before."""
    launches = apps.get_model("registrations", "LaunchRecord").objects.filter(ended=None)
    for course in apps.get_model("content", "Course").objects.exclude(settings={}).only("settings"):
        launches.filter(version__course_id=course.pk).update(settings=course.settings)


class Migration(migrations.Migration):
    dependencies = [("registrations", "0004_request_records"), ("content", "0003_version_settings")]

    operations = [
        migrations.AddField("registration", "settings", models.JSONField(blank=True, default=dict)),
        migrations.AddField("instance", "settings", models.JSONField(blank=True, default=dict)),
        migrations.AddField("launchrecord", "settings", models.JSONField(blank=True, default=dict)),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
