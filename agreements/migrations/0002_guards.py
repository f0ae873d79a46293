"""What must hold whoever writes the row: signed terms, signatures, events, plans and calendar revisions stay.

Django's constraints cannot compare a row with what it was, or with its parent; triggers can.
"""

from django.db import migrations

REFUSE = """
CREATE FUNCTION agreements_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: rows are added, never changed or deleted', TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE TRIGGER calendar_revision_is_immutable BEFORE UPDATE OR DELETE ON agreements_calendarrevision
    FOR EACH ROW EXECUTE FUNCTION agreements_refuse_change();
CREATE TRIGGER signature_is_immutable BEFORE UPDATE OR DELETE ON agreements_signature
    FOR EACH ROW EXECUTE FUNCTION agreements_refuse_change();
CREATE TRIGGER agreement_event_is_immutable BEFORE UPDATE OR DELETE ON agreements_agreementevent
    FOR EACH ROW EXECUTE FUNCTION agreements_refuse_change();
CREATE TRIGGER plan_is_immutable BEFORE UPDATE ON agreements_plan
    FOR EACH ROW EXECUTE FUNCTION agreements_refuse_change();
"""

UNDO_REFUSE = """
DROP TRIGGER calendar_revision_is_immutable ON agreements_calendarrevision;
DROP TRIGGER signature_is_immutable ON agreements_signature;
DROP TRIGGER agreement_event_is_immutable ON agreements_agreementevent;
DROP TRIGGER plan_is_immutable ON agreements_plan;
DROP FUNCTION agreements_refuse_change();
"""

# A signed version may only end sooner; nothing else of it may change, and it may not be deleted.
SIGNED_VERSION = """
CREATE FUNCTION agreements_guard_signed_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'signed' THEN
        RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    IF TG_OP = 'UPDATE'
        AND to_jsonb(OLD) - 'ended_on' - 'in_force' = to_jsonb(NEW) - 'ended_on' - 'in_force'
        AND NEW.ended_on IS NOT NULL
        AND (OLD.ended_on IS NULL OR NEW.ended_on <= OLD.ended_on)
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'version % is signed and cannot be changed: write a new version', OLD.id
        USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE TRIGGER version_signed_is_immutable BEFORE UPDATE OR DELETE ON agreements_version
    FOR EACH ROW EXECUTE FUNCTION agreements_guard_signed_version();
"""

UNDO_SIGNED_VERSION = """
DROP TRIGGER version_signed_is_immutable ON agreements_version;
DROP FUNCTION agreements_guard_signed_version();
"""

# FOR SHARE makes an edit of the terms and a signature wait for each other.
SIGNED_TERMS = """
CREATE FUNCTION agreements_refuse_signed_terms(version bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE version_state text;
BEGIN
    SELECT state INTO version_state FROM agreements_version WHERE id = version FOR SHARE;
    IF version_state = 'signed' THEN
        RAISE EXCEPTION 'version % is signed: its terms cannot be changed', version
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
END $$;

CREATE FUNCTION agreements_guard_commitment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN PERFORM agreements_refuse_signed_terms(OLD.version_id); END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    PERFORM agreements_refuse_signed_terms(NEW.version_id);
    RETURN NEW;
END $$;

CREATE FUNCTION agreements_guard_month_goal() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE promise record;
BEGIN
    IF TG_OP <> 'INSERT' THEN
        PERFORM agreements_refuse_signed_terms(version_id) FROM agreements_commitment WHERE id = OLD.commitment_id;
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    SELECT c.kind, c.version_id, v.starts_on, v.ends_on INTO promise
        FROM agreements_commitment c JOIN agreements_version v ON v.id = c.version_id WHERE c.id = NEW.commitment_id;
    PERFORM agreements_refuse_signed_terms(promise.version_id);
    IF promise.kind <> 'mql_goal' THEN
        RAISE EXCEPTION 'a month''s goal belongs to an MQL goal, not to %', promise.kind USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.month_on + interval '1 month' <= promise.starts_on OR NEW.month_on >= promise.ends_on THEN
        RAISE EXCEPTION 'the version does not cover the month of %', NEW.month_on USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER commitment_of_signed_version_is_immutable BEFORE INSERT OR UPDATE OR DELETE ON agreements_commitment
    FOR EACH ROW EXECUTE FUNCTION agreements_guard_commitment();
CREATE TRIGGER month_goal_of_signed_version_is_immutable BEFORE INSERT OR UPDATE OR DELETE ON agreements_monthgoal
    FOR EACH ROW EXECUTE FUNCTION agreements_guard_month_goal();
"""

UNDO_SIGNED_TERMS = """
DROP TRIGGER commitment_of_signed_version_is_immutable ON agreements_commitment;
DROP TRIGGER month_goal_of_signed_version_is_immutable ON agreements_monthgoal;
DROP FUNCTION agreements_guard_month_goal();
DROP FUNCTION agreements_guard_commitment();
DROP FUNCTION agreements_refuse_signed_terms(bigint);
"""

# Days of past hand-offs are stored in the agreement's zone: it may not move under them.
AGREEMENT_ZONE = """
CREATE FUNCTION agreements_guard_agreement() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.time_zone, OLD.currency) IS DISTINCT FROM (NEW.time_zone, NEW.currency)
        AND EXISTS (SELECT FROM agreements_version WHERE agreement_id = OLD.id AND state = 'signed')
    THEN
        RAISE EXCEPTION 'agreement % has a signed version: its time zone and currency stay', OLD.id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER agreement_zone_stays_once_signed BEFORE UPDATE ON agreements_agreement
    FOR EACH ROW EXECUTE FUNCTION agreements_guard_agreement();
"""

UNDO_AGREEMENT_ZONE = """
DROP TRIGGER agreement_zone_stays_once_signed ON agreements_agreement;
DROP FUNCTION agreements_guard_agreement();
"""


class Migration(migrations.Migration):
    dependencies = [("agreements", "0001_initial")]

    operations = [
        migrations.RunSQL(REFUSE, UNDO_REFUSE),
        migrations.RunSQL(SIGNED_VERSION, UNDO_SIGNED_VERSION),
        migrations.RunSQL(SIGNED_TERMS, UNDO_SIGNED_TERMS),
        migrations.RunSQL(AGREEMENT_ZONE, UNDO_AGREEMENT_ZONE),
    ]
