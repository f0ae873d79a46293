"""Triggers that put events on their way to the outlets that want them: in the transaction of the event."""

from django.db import migrations

# Which events go under which subject is `told.SUBJECT_OF_LEAD` and `told.OF_AGREEMENTS`; a test holds them together.
# History is told to nobody: what an import brings of more than a day ago, and of the rest more than a week.
EVENTS = """
CREATE FUNCTION webhooks_subject_of(kind text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE
        WHEN kind IN ('attempted', 'attempt_voided') THEN 'attempt'
        WHEN kind IN ('overdue', 'not_accepted', 'no_outcome') THEN 'overdue'
        WHEN kind IN ('handed_off', 'assigned', 'accepted', 'met', 'missed', 'reopened', 'paused', 'resumed',
            'pause_ended', 'closed', 'corrected', 're_dated', 'rated', 'rejection_agreed', 'rejection_disputed',
            'rejection_upheld', 'rejection_withdrawn') THEN 'hand_off'
    END
$$;

CREATE FUNCTION webhooks_note_lead_events() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO webhooks_dispatch (outlet_id, source, row_id, state, made_at, try_at)
        SELECT o.id, 'lead', e.id, 'waiting', e.recorded_at, e.recorded_at
        FROM webhooks_outlet o JOIN new_rows e ON webhooks_subject_of(e.kind) = ANY(o.subjects)
        WHERE o.closed_at IS NULL AND e.happened_at > e.recorded_at
            - CASE WHEN e.kind IN ('handed_off', 'attempted') THEN interval '1 day' ELSE interval '7 days' END
        ORDER BY e.id, o.id;
    RETURN NULL;
END $$;

CREATE TRIGGER lead_events_go_out AFTER INSERT ON leads_handoffevent
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION webhooks_note_lead_events();

CREATE FUNCTION webhooks_note_agreement_events() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO webhooks_dispatch (outlet_id, source, row_id, state, made_at, try_at)
        SELECT o.id, 'agreement', e.id, 'waiting', e.happened_at, e.happened_at
        FROM webhooks_outlet o JOIN new_rows e ON 'agreement' = ANY(o.subjects)
        WHERE o.closed_at IS NULL AND e.kind IN ('in_force', 'superseded', 'cancelled', 're_dated', 'month_closed',
            'strike_opened', 'delivered')
        ORDER BY e.id, o.id;
    RETURN NULL;
END $$;

CREATE TRIGGER agreement_events_go_out AFTER INSERT ON agreements_agreementevent
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION webhooks_note_agreement_events();

-- A goal is looked at once a day: what changed since the last look of the month goes out.
CREATE FUNCTION webhooks_note_goals() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO webhooks_dispatch (outlet_id, source, row_id, state, made_at, try_at)
        SELECT o.id, 'goal', e.id, 'waiting', e.looked_on::timestamp AT TIME ZONE 'UTC',
            e.looked_on::timestamp AT TIME ZONE 'UTC'
        FROM webhooks_outlet o JOIN new_rows e ON 'goal' = ANY(o.subjects)
        LEFT JOIN LATERAL (
            SELECT b.standing, b.is_at_risk FROM outbox_goallook b
            WHERE b.agreement_id = e.agreement_id AND b.looked_on < e.looked_on
                AND b.looked_on >= date_trunc('month', e.looked_on::timestamp)
            ORDER BY b.looked_on DESC LIMIT 1
        ) before ON true
        WHERE o.closed_at IS NULL AND (
            e.standing <> coalesce(before.standing, '') AND e.standing <> ''
                AND (before.standing <> '' OR e.standing <> 'on_pace')
            OR e.is_at_risk <> coalesce(before.is_at_risk, false)
        )
        ORDER BY e.id, o.id;
    RETURN NULL;
END $$;

CREATE TRIGGER goals_go_out AFTER INSERT ON outbox_goallook
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION webhooks_note_goals();
"""

UNDO_EVENTS = """
DROP TRIGGER lead_events_go_out ON leads_handoffevent;
DROP TRIGGER agreement_events_go_out ON agreements_agreementevent;
DROP TRIGGER goals_go_out ON outbox_goallook;
DROP FUNCTION webhooks_note_lead_events();
DROP FUNCTION webhooks_note_agreement_events();
DROP FUNCTION webhooks_note_goals();
DROP FUNCTION webhooks_subject_of(text);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("webhooks", "0002_outlets"),
        ("outbox", "0004_set_aside"),
        ("leads", "0016_uploads"),
        ("agreements", "0030_rejection_reasons"),
    ]

    operations = [migrations.RunSQL(EVENTS, UNDO_EVENTS)]
