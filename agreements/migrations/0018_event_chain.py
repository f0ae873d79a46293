"""The events of an agreement become a chain, whoever writes them; what was signed is not even truncated.

Each event is written down as one text, with the SHA-256 of the one before it, and hashed. The head's row is locked
while a transaction adds an event, so that two at once get one place after the other.
"""

from django.db import migrations, models

CHAIN = """
CREATE FUNCTION agreements_event_record(e agreements_agreementevent) RETURNS text LANGUAGE sql STABLE
SET timezone TO 'UTC' AS $$
    SELECT jsonb_build_object(
        'agreement', e.agreement_id,
        'position', e.position,
        'previous', e.previous_sha256,
        'event', e.id,
        'version', e.version_id,
        'kind', e.kind,
        'at', to_jsonb(e.happened_at),
        'by', e.actor_id,
        'data', e.data
    )::text
$$;

CREATE FUNCTION agreements_chain_event() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE head agreements_chainhead;
BEGIN
    INSERT INTO agreements_chainhead (agreement_id, events, sha256)
        VALUES (NEW.agreement_id, 0, repeat('0', 64)) ON CONFLICT (agreement_id) DO NOTHING;
    SELECT * INTO head FROM agreements_chainhead WHERE agreement_id = NEW.agreement_id FOR UPDATE;
    NEW.position := head.events + 1;
    NEW.previous_sha256 := head.sha256;
    NEW.record := agreements_event_record(NEW);
    NEW.sha256 := encode(sha256(convert_to(NEW.record, 'UTF8')), 'hex');
    UPDATE agreements_chainhead SET events = NEW.position, sha256 = NEW.sha256 WHERE agreement_id = NEW.agreement_id;
    RETURN NEW;
END $$;

CREATE FUNCTION agreements_guard_chain_head() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF pg_trigger_depth() < 2 OR TG_OP = 'DELETE' OR (TG_OP = 'UPDATE' AND NEW.events <> OLD.events + 1) THEN
        RAISE EXCEPTION 'agreements_chainhead is append-only: it is written when an event is added'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
"""

UNDO_CHAIN = """
DROP FUNCTION agreements_guard_chain_head();
DROP FUNCTION agreements_chain_event();
DROP FUNCTION agreements_event_record(agreements_agreementevent);
"""

CHAIN_WHAT_IS_THERE = """
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE agreements_agreementevent DISABLE TRIGGER agreement_event_is_immutable;
DO $$
DECLARE e agreements_agreementevent; head agreements_chainhead;
BEGIN
    FOR e IN SELECT * FROM agreements_agreementevent ORDER BY agreement_id, id LOOP
        IF head.agreement_id IS DISTINCT FROM e.agreement_id THEN
            head.agreement_id := e.agreement_id; head.events := 0; head.sha256 := repeat('0', 64);
        END IF;
        e.position := head.events + 1;
        e.previous_sha256 := head.sha256;
        e.record := agreements_event_record(e);
        e.sha256 := encode(sha256(convert_to(e.record, 'UTF8')), 'hex');
        UPDATE agreements_agreementevent SET position = e.position, previous_sha256 = e.previous_sha256,
            record = e.record, sha256 = e.sha256 WHERE id = e.id;
        head.events := e.position; head.sha256 := e.sha256;
    END LOOP;
END $$;
ALTER TABLE agreements_agreementevent ENABLE TRIGGER agreement_event_is_immutable;
INSERT INTO agreements_chainhead (agreement_id, events, sha256)
    SELECT DISTINCT ON (agreement_id) agreement_id, position, sha256 FROM agreements_agreementevent
    ORDER BY agreement_id, position DESC;
SET CONSTRAINTS ALL IMMEDIATE;
"""

EMPTY_HEADS = "DELETE FROM agreements_chainhead;"

APPEND_ONLY = {
    "agreements_signature": "signature",
    "agreements_agreementevent": "agreement_event",
    "agreements_chainhead": "chain_head",
    "agreements_signeddocument": "signed_document",
    "agreements_version": "version",
    "agreements_commitment": "commitment",
    "agreements_monthgoal": "month_goal",
    "agreements_clause": "clause",
    "agreements_obligation": "obligation",
    "agreements_calendarrevision": "calendar_revision",
}

GUARDS = """
CREATE TRIGGER agreement_event_is_chained BEFORE INSERT ON agreements_agreementevent
    FOR EACH ROW EXECUTE FUNCTION agreements_chain_event();
CREATE TRIGGER chain_head_follows_the_events BEFORE INSERT OR UPDATE OR DELETE ON agreements_chainhead
    FOR EACH ROW EXECUTE FUNCTION agreements_guard_chain_head();
CREATE TRIGGER signed_document_is_immutable BEFORE UPDATE OR DELETE ON agreements_signeddocument
    FOR EACH ROW EXECUTE FUNCTION agreements_refuse_change();
CREATE TRIGGER edited_words_are_only_erased BEFORE UPDATE ON agreements_editedwords
    FOR EACH ROW EXECUTE FUNCTION agreements_refuse_change();
""" + "".join(
    f"CREATE TRIGGER {name}_is_not_truncated BEFORE TRUNCATE ON {table}\n"
    "    FOR EACH STATEMENT EXECUTE FUNCTION agreements_refuse_change();\n"
    for table, name in APPEND_ONLY.items()
)

UNDO_GUARDS = "".join(
    f"DROP TRIGGER {name}_is_not_truncated ON {table};\n" for table, name in APPEND_ONLY.items()
) + """
DROP TRIGGER edited_words_are_only_erased ON agreements_editedwords;
DROP TRIGGER signed_document_is_immutable ON agreements_signeddocument;
DROP TRIGGER chain_head_follows_the_events ON agreements_chainhead;
DROP TRIGGER agreement_event_is_chained ON agreements_agreementevent;
"""

# The signed text names agreement, teams and segments by their slugs: these stay, or it would say something else.
NAMES = """
CREATE OR REPLACE FUNCTION agreements_guard_agreement() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.time_zone, OLD.currency, OLD.slug) IS DISTINCT FROM (NEW.time_zone, NEW.currency, NEW.slug)
        AND EXISTS (SELECT FROM agreements_version WHERE agreement_id = OLD.id AND state = 'signed')
    THEN
        RAISE EXCEPTION 'agreement % has a signed version: its time zone and currency stay, and its slug', OLD.id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION agreements_guard_team_slug() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM agreements_party p JOIN agreements_version v ON v.agreement_id = p.agreement_id
        WHERE p.team_id = OLD.id AND v.state = 'signed')
    THEN
        RAISE EXCEPTION 'a signed text names team %: its slug stays', OLD.slug
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION agreements_guard_segment_slug() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM agreements_commitment c JOIN agreements_version v ON v.id = c.version_id
        WHERE c.segment_id = OLD.id AND v.state = 'signed')
        OR EXISTS (SELECT FROM agreements_clause c JOIN agreements_version v ON v.id = c.version_id
        WHERE c.segment_id = OLD.id AND v.state = 'signed')
    THEN
        RAISE EXCEPTION 'a signed text names segment %: its slug stays', OLD.slug
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION agreements_guard_party() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (TG_OP = 'DELETE' OR (OLD.team_id, OLD.agreement_id) IS DISTINCT FROM (NEW.team_id, NEW.agreement_id))
        AND EXISTS (SELECT FROM agreements_version v JOIN agreements_team t ON t.id = OLD.team_id
            WHERE v.agreement_id = OLD.agreement_id AND v.state = 'signed' AND v.signed_text <> ''
            AND v.signed_text::jsonb -> 'parties' ? t.slug)
    THEN
        RAISE EXCEPTION 'a signed text names party %: it stays', OLD.id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;

CREATE TRIGGER team_slug_stays_once_signed BEFORE UPDATE OF slug ON agreements_team
    FOR EACH ROW WHEN (OLD.slug IS DISTINCT FROM NEW.slug) EXECUTE FUNCTION agreements_guard_team_slug();
CREATE TRIGGER segment_slug_stays_once_signed BEFORE UPDATE OF slug ON agreements_segment
    FOR EACH ROW WHEN (OLD.slug IS DISTINCT FROM NEW.slug) EXECUTE FUNCTION agreements_guard_segment_slug();
CREATE TRIGGER party_stays_once_signed BEFORE UPDATE OR DELETE ON agreements_party
    FOR EACH ROW EXECUTE FUNCTION agreements_guard_party();
"""

UNDO_NAMES = """
DROP TRIGGER party_stays_once_signed ON agreements_party;
DROP TRIGGER segment_slug_stays_once_signed ON agreements_segment;
DROP TRIGGER team_slug_stays_once_signed ON agreements_team;
DROP FUNCTION agreements_guard_party();
DROP FUNCTION agreements_guard_segment_slug();
DROP FUNCTION agreements_guard_team_slug();
CREATE OR REPLACE FUNCTION agreements_guard_agreement() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.time_zone, OLD.currency) IS DISTINCT FROM (NEW.time_zone, NEW.currency)
        AND EXISTS (SELECT FROM agreements_version WHERE agreement_id = OLD.id AND state = 'signed')
    THEN
        RAISE EXCEPTION 'agreement % has a signed version: its time zone and currency stay', OLD.id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("agreements", "0017_records_kept_apart")]

    operations = [
        migrations.RunSQL(CHAIN, UNDO_CHAIN),
        migrations.RunSQL(CHAIN_WHAT_IS_THERE, EMPTY_HEADS),
        migrations.AddConstraint(
            model_name="agreementevent",
            constraint=models.UniqueConstraint(
                fields=("agreement", "position"), name="event_position_once_per_agreement"
            ),
        ),
        migrations.RunSQL(GUARDS, UNDO_GUARDS),
        migrations.RunSQL(NAMES, UNDO_NAMES),
    ]
