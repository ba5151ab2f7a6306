from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("realms", "0002_trial_plan")]

    operations = [
        migrations.AddField("application", "settings", models.JSONField(blank=True, default=dict)),
        migrations.AddField("application", "standard_settings", models.JSONField(blank=True, default=dict)),
    ]
