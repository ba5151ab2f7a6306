from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("realms", "0007_links_make_no_chains")]

    operations = [migrations.RemoveField("billingperiod", "pays_overage")]
