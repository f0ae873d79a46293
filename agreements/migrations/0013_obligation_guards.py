"""Obligations of a signed version stay as they were signed; deliveries are only ever added."""

from django.db import migrations

GUARD = """
CREATE FUNCTION agreements_guard_obligation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN PERFORM agreements_refuse_signed_terms(OLD.version_id); END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    PERFORM agreements_refuse_signed_terms(NEW.version_id);
    RETURN NEW;
END $$;

CREATE TRIGGER obligation_of_signed_version_is_immutable BEFORE INSERT OR UPDATE OR DELETE ON agreements_obligation
    FOR EACH ROW EXECUTE FUNCTION agreements_guard_obligation();
CREATE TRIGGER delivery_is_immutable BEFORE UPDATE OR DELETE ON agreements_delivery
    FOR EACH ROW EXECUTE FUNCTION agreements_refuse_change();
"""

UNDO_GUARD = """
DROP TRIGGER delivery_is_immutable ON agreements_delivery;
DROP TRIGGER obligation_of_signed_version_is_immutable ON agreements_obligation;
DROP FUNCTION agreements_guard_obligation();
"""


class Migration(migrations.Migration):
    dependencies = [("agreements", "0012_obligations")]

    operations = [migrations.RunSQL(GUARD, UNDO_GUARD)]
