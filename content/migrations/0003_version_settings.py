from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("content", "0002_course_settings")]

    operations = [migrations.AddField("courseversion", "settings", models.JSONField(blank=True, default=dict))]
