"""What came of a promise is corrected, never deleted; an excuse stays as it was proposed, and as it was answered."""

from django.db import migrations

# The arguments of a trigger name the columns that may change; the words of persons are among them, to be erased.
GUARD = """
CREATE FUNCTION agreements_guard_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION '% is kept: its rows are corrected, never deleted', TG_TABLE_NAME
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF to_jsonb(OLD) - TG_ARGV <> to_jsonb(NEW) - TG_ARGV THEN
        RAISE EXCEPTION '% is kept: only % of it may change', TG_TABLE_NAME, array_to_string(TG_ARGV, ', ')
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER month_result_is_kept BEFORE UPDATE OR DELETE ON agreements_monthresult
    FOR EACH ROW EXECUTE FUNCTION agreements_guard_kept('version_id', 'closed_at');
CREATE TRIGGER month_result_stays_closed BEFORE UPDATE ON agreements_monthresult
    FOR EACH ROW WHEN (OLD.closed_at IS NOT NULL) EXECUTE FUNCTION agreements_guard_kept('version_id');
CREATE TRIGGER evaluation_is_kept BEFORE UPDATE OR DELETE ON agreements_evaluation
    FOR EACH ROW EXECUTE FUNCTION agreements_guard_kept(
        'party_id', 'version_id', 'commitment_id', 'outcome', 'numerator', 'denominator', 'threshold', 'corrected_at');
CREATE TRIGGER strike_is_kept BEFORE UPDATE OR DELETE ON agreements_strike
    FOR EACH ROW EXECUTE FUNCTION agreements_guard_kept(
        'state', 'responsible_id', 'diagnosis', 'make_up_plan', 'revenue_at_risk', 'diagnosed_at');
CREATE TRIGGER corrective_action_is_kept BEFORE UPDATE OR DELETE ON agreements_correctiveaction
    FOR EACH ROW EXECUTE FUNCTION agreements_guard_kept(
        'action', 'owner_id', 'due_on', 'state', 'result', 'ended_at', 'ended_by_id');
CREATE TRIGGER corrective_action_stays_ended BEFORE UPDATE ON agreements_correctiveaction
    FOR EACH ROW WHEN (OLD.ended_at IS NOT NULL) EXECUTE FUNCTION agreements_guard_kept('action', 'result');
CREATE TRIGGER excuse_is_kept BEFORE UPDATE OR DELETE ON agreements_excuse
    FOR EACH ROW EXECUTE FUNCTION agreements_guard_kept(
        'note', 'state', 'answered_at', 'answered_by_id', 'answered_for_id', 'answer');
CREATE TRIGGER excuse_stays_answered BEFORE UPDATE ON agreements_excuse
    FOR EACH ROW WHEN (OLD.state <> 'proposed') EXECUTE FUNCTION agreements_guard_kept('note', 'answer');
CREATE TRIGGER consequence_is_kept BEFORE UPDATE OR DELETE ON agreements_consequence
    FOR EACH ROW EXECUTE FUNCTION agreements_guard_kept('version_id', 'month_on', 'misses', 'withdrawn_at');
"""

UNDO_GUARD = """
DROP TRIGGER month_result_is_kept ON agreements_monthresult;
DROP TRIGGER month_result_stays_closed ON agreements_monthresult;
DROP TRIGGER evaluation_is_kept ON agreements_evaluation;
DROP TRIGGER strike_is_kept ON agreements_strike;
DROP TRIGGER corrective_action_is_kept ON agreements_correctiveaction;
DROP TRIGGER corrective_action_stays_ended ON agreements_correctiveaction;
DROP TRIGGER excuse_is_kept ON agreements_excuse;
DROP TRIGGER excuse_stays_answered ON agreements_excuse;
DROP TRIGGER consequence_is_kept ON agreements_consequence;
DROP FUNCTION agreements_guard_kept();
"""


class Migration(migrations.Migration):
    dependencies = [("agreements", "0009_keeping")]

    operations = [migrations.RunSQL(GUARD, UNDO_GUARD)]
