from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("content", "0006_pens")]

    operations = [
        migrations.AddField("importjob", "tags", models.JSONField(blank=True, default=list)),
        migrations.AddField("importjob", "metadata", models.JSONField(blank=True, default=dict)),
    ]
