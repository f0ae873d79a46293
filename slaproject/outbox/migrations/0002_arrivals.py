"""Triggers that put down what is to be read: in the transaction of the change, whoever makes it."""

from django.db import migrations

# Attempts and what follows from them are told to nobody, and a hand-off noted a day later is history.
EVENTS = """
CREATE FUNCTION outbox_note_lead_events() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO outbox_arrival (source, row_id)
        SELECT 'lead', id FROM new_rows
        WHERE kind NOT IN ('attempted', 'attempt_voided', 'met', 'missed', 'accepted', 'corrected', 'reopened',
            'paused', 'resumed', 'next_touch_planned')
            AND NOT (kind = 'handed_off' AND happened_at < recorded_at - interval '1 day')
        ORDER BY id;
    RETURN NULL;
END $$;

CREATE TRIGGER lead_events_are_read AFTER INSERT ON leads_handoffevent
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION outbox_note_lead_events();

CREATE FUNCTION outbox_note_agreement_events() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO outbox_arrival (source, row_id)
        SELECT 'agreement', id FROM new_rows WHERE kind NOT IN ('drafted', 'edited', 'document_made') ORDER BY id;
    RETURN NULL;
END $$;

CREATE TRIGGER agreement_events_are_read AFTER INSERT ON agreements_agreementevent
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION outbox_note_agreement_events();
"""

UNDO_EVENTS = """
DROP TRIGGER lead_events_are_read ON leads_handoffevent;
DROP TRIGGER agreement_events_are_read ON agreements_agreementevent;
DROP FUNCTION outbox_note_lead_events();
DROP FUNCTION outbox_note_agreement_events();
"""

# A clock that waits, and began, was moved, or waits again: its rungs are worked out anew. The conditions are looked at
# without calling the function, so that a sweep of many rows pays nearly nothing.
CLOCKS = """
CREATE FUNCTION outbox_note_clock() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO outbox_arrival (source, row_id) VALUES ('clock', NEW.id);
    RETURN NULL;
END $$;

CREATE TRIGGER clock_that_begins_is_read AFTER INSERT ON leads_handoff FOR EACH ROW
    WHEN (NEW.due_at IS NOT NULL AND NEW.state IN ('running', 'at_risk', 'overdue') AND NEW.first_attempt_at IS NULL)
    EXECUTE FUNCTION outbox_note_clock();
CREATE TRIGGER clock_that_changes_is_read AFTER UPDATE ON leads_handoff FOR EACH ROW
    WHEN (NEW.due_at IS NOT NULL AND NEW.state IN ('running', 'at_risk', 'overdue') AND NEW.first_attempt_at IS NULL
        AND (OLD.due_at IS DISTINCT FROM NEW.due_at OR OLD.handed_off_at <> NEW.handed_off_at
            OR OLD.state NOT IN ('running', 'at_risk', 'overdue')))
    EXECUTE FUNCTION outbox_note_clock();

-- What is open already when this release comes.
INSERT INTO outbox_arrival (source, row_id)
    SELECT 'clock', id FROM leads_handoff
    WHERE state IN ('running', 'at_risk') AND due_at IS NOT NULL AND closed_at IS NULL ORDER BY id;
"""

UNDO_CLOCKS = """
DROP TRIGGER clock_that_begins_is_read ON leads_handoff;
DROP TRIGGER clock_that_changes_is_read ON leads_handoff;
DROP FUNCTION outbox_note_clock();
"""


class Migration(migrations.Migration):
    dependencies = [("outbox", "0001_alerts"), ("leads", "0004_re_dating"), ("agreements", "0018_event_chain")]

    operations = [
        migrations.RunSQL(EVENTS, UNDO_EVENTS),
        migrations.RunSQL(CLOCKS, UNDO_CLOCKS),
    ]
