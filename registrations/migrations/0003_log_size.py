from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("registrations", "0002_reports_compare_and_set"),
    ]

    operations = [
        migrations.AddField(
            model_name="launchrecord",
            name="log_size",
            field=models.PositiveIntegerField(default=0),
        ),
    ]
