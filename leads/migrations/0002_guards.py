"""Attempts are append-only, and every change that is counted leaves a note of its day, whoever makes it."""

from django.db import migrations

# Voiding once, and moving to the episode of the same lead that it falls in, are the only changes.
ATTEMPT = """
CREATE FUNCTION leads_guard_attempt() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'attempts are append-only: void attempt % instead of deleting it', OLD.id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF to_jsonb(OLD) - 'hand_off_id' - 'voided_at' - 'voided_by_id' - 'void_reason'
        <> to_jsonb(NEW) - 'hand_off_id' - 'voided_at' - 'voided_by_id' - 'void_reason'
    THEN
        RAISE EXCEPTION 'attempts are append-only: void attempt % and log it anew', OLD.id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF (OLD.voided_at, OLD.voided_by_id, OLD.void_reason) IS DISTINCT FROM (NEW.voided_at, NEW.voided_by_id, NEW.void_reason)
        AND (OLD.voided_at IS NOT NULL OR NEW.voided_at IS NULL)
    THEN
        RAISE EXCEPTION 'attempt % was voided already', OLD.id USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF OLD.hand_off_id <> NEW.hand_off_id AND
        (SELECT lead_id FROM leads_handoff WHERE id = OLD.hand_off_id)
        IS DISTINCT FROM (SELECT lead_id FROM leads_handoff WHERE id = NEW.hand_off_id)
    THEN
        RAISE EXCEPTION 'attempt % belongs to another lead', OLD.id USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER attempt_is_append_only BEFORE UPDATE OR DELETE ON leads_followupattempt
    FOR EACH ROW EXECUTE FUNCTION leads_guard_attempt();
"""

UNDO_ATTEMPT = """
DROP TRIGGER attempt_is_append_only ON leads_followupattempt;
DROP FUNCTION leads_guard_attempt();
"""

EVENT = """
CREATE FUNCTION leads_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: rows are added, never changed', TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE TRIGGER hand_off_event_is_immutable BEFORE UPDATE ON leads_handoffevent
    FOR EACH ROW EXECUTE FUNCTION leads_refuse_change();
"""

UNDO_EVENT = """
DROP TRIGGER hand_off_event_is_immutable ON leads_handoffevent;
DROP FUNCTION leads_refuse_change();
"""

# Statement-level with transition tables: an import of a million rows leaves a note a day, not a million.
# `state`, `at_risk_at` and the like are left out: what depends on now is joined when a report is read.
CHANGED_DAYS = """
CREATE FUNCTION leads_note_hand_offs_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO leads_changedday (day_on, changed_at)
        SELECT DISTINCT handed_off_on, clock_timestamp() FROM changed_rows;
    RETURN NULL;
END $$;

CREATE FUNCTION leads_note_hand_offs_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO leads_changedday (day_on, changed_at)
        SELECT DISTINCT d.day_on, clock_timestamp()
        FROM old_rows o JOIN new_rows n USING (id)
            CROSS JOIN LATERAL (VALUES (o.handed_off_on), (n.handed_off_on)) d(day_on)
        WHERE (o.handed_off_on, o.handed_off_at, o.is_date_only, o.number, o.lead_id, o.agreement_id, o.version_id,
               o.team_id, o.segment_id, o.owner_id, o.owner_name, o.due_at, o.agreed_attempts, o.window_ends_at,
               o.lead_value, o.accepted_at, o.closed_as, o.closed_at, o.first_attempt_at,
               o.first_attempt_business_seconds, o.routing_business_seconds, o.connected_at, o.attempts,
               o.early_attempts)
            IS DISTINCT FROM
              (n.handed_off_on, n.handed_off_at, n.is_date_only, n.number, n.lead_id, n.agreement_id, n.version_id,
               n.team_id, n.segment_id, n.owner_id, n.owner_name, n.due_at, n.agreed_attempts, n.window_ends_at,
               n.lead_value, n.accepted_at, n.closed_as, n.closed_at, n.first_attempt_at,
               n.first_attempt_business_seconds, n.routing_business_seconds, n.connected_at, n.attempts,
               n.early_attempts);
    RETURN NULL;
END $$;

CREATE FUNCTION leads_note_leads_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO leads_changedday (day_on, changed_at)
        SELECT DISTINCT h.handed_off_on, clock_timestamp()
        FROM old_rows o JOIN new_rows n USING (id) JOIN leads_handoff h ON h.lead_id = n.id
        WHERE (o.origin, o.source, o.campaign) IS DISTINCT FROM (n.origin, n.source, n.campaign);
    RETURN NULL;
END $$;

CREATE TRIGGER hand_offs_added_note_their_days AFTER INSERT ON leads_handoff
    REFERENCING NEW TABLE AS changed_rows FOR EACH STATEMENT EXECUTE FUNCTION leads_note_hand_offs_added();
CREATE TRIGGER hand_offs_deleted_note_their_days AFTER DELETE ON leads_handoff
    REFERENCING OLD TABLE AS changed_rows FOR EACH STATEMENT EXECUTE FUNCTION leads_note_hand_offs_added();
CREATE TRIGGER hand_offs_changed_note_their_days AFTER UPDATE ON leads_handoff
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION leads_note_hand_offs_changed();
CREATE TRIGGER leads_changed_note_their_days AFTER UPDATE ON leads_lead
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION leads_note_leads_changed();
"""

UNDO_CHANGED_DAYS = """
DROP TRIGGER hand_offs_added_note_their_days ON leads_handoff;
DROP TRIGGER hand_offs_deleted_note_their_days ON leads_handoff;
DROP TRIGGER hand_offs_changed_note_their_days ON leads_handoff;
DROP TRIGGER leads_changed_note_their_days ON leads_lead;
DROP FUNCTION leads_note_hand_offs_added();
DROP FUNCTION leads_note_hand_offs_changed();
DROP FUNCTION leads_note_leads_changed();
"""


class Migration(migrations.Migration):
    dependencies = [("leads", "0001_initial")]

    operations = [
        migrations.RunSQL(ATTEMPT, UNDO_ATTEMPT),
        migrations.RunSQL(EVENT, UNDO_EVENT),
        migrations.RunSQL(CHANGED_DAYS, UNDO_CHANGED_DAYS),
    ]
