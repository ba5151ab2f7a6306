"""A realm is linked to one that has a plan of its own and is itself linked to by none.

PostgreSQL holds to it whoever writes; on SQLite, where one transaction writes at a time, `realms.links` is enough.
"""

from django.db import migrations

FORWARD = """
CREATE FUNCTION realms_no_chains() RETURNS trigger AS $$
BEGIN
    IF NEW.billing_realm_id IS NULL THEN
        RETURN NEW;
    END IF;
    PERFORM 1 FROM realms_realm WHERE id = NEW.billing_realm_id AND billing_realm_id IS NULL FOR SHARE;
    IF NOT FOUND OR NEW.billing_realm_id = NEW.id THEN
        RAISE EXCEPTION 'realm % has no plan to share', NEW.billing_realm_id USING ERRCODE = 'check_violation';
    END IF;
    IF EXISTS (SELECT 1 FROM realms_realm WHERE billing_realm_id = NEW.id) THEN
        RAISE EXCEPTION 'realm % pays for others', NEW.id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END;
$$ LANGUAGE plpgsql;
CREATE TRIGGER realms_no_chains BEFORE INSERT OR UPDATE OF billing_realm_id ON realms_realm
    FOR EACH ROW EXECUTE FUNCTION realms_no_chains();
"""
BACK = "DROP TRIGGER realms_no_chains ON realms_realm; DROP FUNCTION realms_no_chains();"


def on_postgresql(sql):
    def run(apps, schema_editor):
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(sql, None)

    return run


class Migration(migrations.Migration):
    dependencies = [("realms", "0006_trial_counts_active_registrations")]

    operations = [migrations.RunPython(on_postgresql(FORWARD), on_postgresql(BACK))]
