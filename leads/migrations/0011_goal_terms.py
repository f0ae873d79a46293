"""How a hand-off counts towards the goal becomes one of its terms: with levels, it may be inherited.

Hand-offs there are get it from the version that they came under. An agreement that comes to stand below another counts
in the figures of that: its days are noted.
"""

from django.db import migrations, models

FROM_THE_VERSION = """
UPDATE leads_handoff h SET counts_recycled = g.counts_recycled, counts_sales_origin = g.counts_sales_origin
FROM agreements_commitment g
WHERE g.version_id = h.version_id AND g.kind = 'mql_goal' AND g.segment_id IS NULL
    AND (g.counts_recycled OR g.counts_sales_origin);
"""

NOTE = """
CREATE OR REPLACE FUNCTION leads_note_hand_offs_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO leads_changedday (day_on, changed_at)
        SELECT DISTINCT d.day_on, clock_timestamp()
        FROM old_rows o JOIN new_rows n USING (id)
            CROSS JOIN LATERAL (VALUES (o.handed_off_on), (n.handed_off_on)) d(day_on)
        WHERE (o.handed_off_on, o.handed_off_at, o.is_date_only, o.number, o.lead_id, o.agreement_id, o.version_id,
               o.team_id, o.segment_id, o.owner_id, o.owner_name, o.due_at, o.agreed_attempts, o.window_ends_at,
               o.lead_value, o.accepted_at, o.closed_as, o.closed_at, o.first_attempt_at,
               o.first_attempt_business_seconds, o.routing_business_seconds, o.connected_at, o.attempts,
               o.early_attempts{o_more})
            IS DISTINCT FROM
              (n.handed_off_on, n.handed_off_at, n.is_date_only, n.number, n.lead_id, n.agreement_id, n.version_id,
               n.team_id, n.segment_id, n.owner_id, n.owner_name, n.due_at, n.agreed_attempts, n.window_ends_at,
               n.lead_value, n.accepted_at, n.closed_as, n.closed_at, n.first_attempt_at,
               n.first_attempt_business_seconds, n.routing_business_seconds, n.connected_at, n.attempts,
               n.early_attempts{n_more});
    RETURN NULL;
END $$;
"""
NOTE_NOW = NOTE.format(
    o_more=", o.counts_recycled, o.counts_sales_origin", n_more=", n.counts_recycled, n.counts_sales_origin"
)
NOTE_BEFORE = NOTE.format(o_more="", n_more="")

MOVED = """
CREATE FUNCTION leads_note_agreement_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.parent_id IS DISTINCT FROM NEW.parent_id THEN
        INSERT INTO leads_changedday (day_on, changed_at)
            SELECT DISTINCT h.handed_off_on, clock_timestamp() FROM leads_handoff h
            WHERE h.agreement_id = NEW.id
                OR h.agreement_id IN (SELECT id FROM agreements_agreement WHERE parent_id = NEW.id);
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER agreement_moved_notes_its_days AFTER UPDATE ON agreements_agreement
    FOR EACH ROW EXECUTE FUNCTION leads_note_agreement_moved();
"""

UNDO_MOVED = """
DROP TRIGGER agreement_moved_notes_its_days ON agreements_agreement;
DROP FUNCTION leads_note_agreement_moved();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('agreements', '0022_levels'),
        ('leads', '0010_disputes'),
    ]

    operations = [
        migrations.AddField(
            model_name='handoff',
            name='counts_recycled',
            field=models.BooleanField(db_default=False, default=False, verbose_name='counts towards the goal though handed off again'),
        ),
        migrations.AddField(
            model_name='handoff',
            name='counts_sales_origin',
            field=models.BooleanField(db_default=False, default=False, verbose_name='counts towards the goal though sales found it'),
        ),
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE;", migrations.RunSQL.noop),
        migrations.RunSQL(FROM_THE_VERSION, migrations.RunSQL.noop),
        migrations.RunSQL(NOTE_NOW, NOTE_BEFORE),
        migrations.RunSQL(MOVED, UNDO_MOVED),
    ]
