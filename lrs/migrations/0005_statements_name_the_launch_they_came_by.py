import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("lrs", "0004_providers_have_names_of_their_own"),
    ]

    operations = [
        migrations.AddField(
            model_name="statement",
            name="registration",
            field=models.UUIDField(blank=True, null=True),
        ),
        migrations.AddIndex(
            model_name="statement",
            index=models.Index(
                condition=models.Q(("registration__isnull", False)),
                fields=["store", "registration", "stored"],
                name="statements_of_launches",
            ),
        ),
        migrations.CreateModel(
            name="Voiding",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("registration", models.UUIDField(db_index=True)),
                ("statement", models.UUIDField()),
                ("created", models.DateTimeField(auto_now_add=True, db_index=True)),
                (
                    "store",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="lrs.store",
                    ),
                ),
            ],
        ),
    ]
