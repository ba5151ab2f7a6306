import django.db.models.deletion
from django.db import migrations, models


def forget_tokens(apps, schema_editor):
    """Nothing gave any out before: what is there names no client, and there is none to name."""
    apps.get_model('lrs', 'BearerToken').objects.all().delete()


class Migration(migrations.Migration):

    dependencies = [
        ('lrs', '0001_statements_and_documents'),
        ('realms', '0009_kinds_of_applications'),
    ]

    operations = [
        migrations.RunPython(forget_tokens, migrations.RunPython.noop),
        migrations.AddField(
            model_name='bearertoken',
            name='provider',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='lrs.credential'),
        ),
        migrations.AddField(
            model_name='bearertoken',
            name='secret_key',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='realms.credential'),
        ),
        migrations.AddConstraint(
            model_name='bearertoken',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('provider__isnull', False), ('secret_key__isnull', True)), models.Q(('provider__isnull', True), ('secret_key__isnull', False)), _connector='OR'), name='a_token_has_one_client'),
        ),
    ]
