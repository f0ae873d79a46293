"""Clauses of a signed version stay as they were signed."""

from django.db import migrations

GUARD = """
CREATE FUNCTION agreements_guard_clause() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN PERFORM agreements_refuse_signed_terms(OLD.version_id); END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    PERFORM agreements_refuse_signed_terms(NEW.version_id);
    RETURN NEW;
END $$;

CREATE TRIGGER clause_of_signed_version_is_immutable BEFORE INSERT OR UPDATE OR DELETE ON agreements_clause
    FOR EACH ROW EXECUTE FUNCTION agreements_guard_clause();
"""

UNDO_GUARD = """
DROP TRIGGER clause_of_signed_version_is_immutable ON agreements_clause;
DROP FUNCTION agreements_guard_clause();
"""


class Migration(migrations.Migration):
    dependencies = [("agreements", "0003_clauses_and_scenarios")]

    operations = [migrations.RunSQL(GUARD, UNDO_GUARD)]
