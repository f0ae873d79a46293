"""Other business hours of a hand-off change on which business day its attempts came: its day is noted.

So are the days of what came under no agreement when the company's calendar has another zone, or is another one.
"""

from importlib import import_module

from django.db import migrations

NOTE = import_module("leads.migrations.0011_goal_terms").NOTE
MORE = ", {row}.counts_recycled, {row}.counts_sales_origin"
NOTE_NOW, NOTE_BEFORE = (
    NOTE.format(**{f"{row}_more": (MORE + hours).format(row=row) for row in "on"})
    for hours in (", {row}.calendar_revision_id", "")
)

ZONE = """
CREATE FUNCTION leads_note_zone_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_TABLE_NAME = 'agreements_businesscalendar' OR (
        SELECT r.definition->>'tz' FROM agreements_calendarrevision r
        WHERE r.calendar_id = (to_jsonb(NEW)->>'calendar_id')::bigint AND r.id <> NEW.id
        ORDER BY r.number DESC LIMIT 1
    ) <> to_jsonb(NEW)->'definition'->>'tz' THEN
        INSERT INTO leads_changedday (day_on, changed_at)
            SELECT DISTINCT handed_off_on, clock_timestamp() FROM leads_handoff WHERE agreement_id IS NULL;
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER zone_changed_notes_days AFTER INSERT ON agreements_calendarrevision
    FOR EACH ROW EXECUTE FUNCTION leads_note_zone_changed();
CREATE TRIGGER company_calendar_changed_notes_days AFTER UPDATE ON agreements_businesscalendar
    FOR EACH ROW WHEN (NOT OLD.is_default AND NEW.is_default) EXECUTE FUNCTION leads_note_zone_changed();
"""

UNDO_ZONE = """
DROP TRIGGER company_calendar_changed_notes_days ON agreements_businesscalendar;
DROP TRIGGER zone_changed_notes_days ON agreements_calendarrevision;
DROP FUNCTION leads_note_zone_changed();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("agreements", "0033_campaign_goals"),
        ("leads", "0022_undos_asked_for"),
    ]

    operations = [
        migrations.RunSQL(NOTE_NOW, NOTE_BEFORE),
        migrations.RunSQL(ZONE, UNDO_ZONE),
    ]
