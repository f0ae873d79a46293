"""What passes with time is found by an index of its own; a voided attempt is noted as a change of its day."""

from django.db import migrations, models
from django.db.models import F, Q

NOTE = """
CREATE FUNCTION leads_note_attempts_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO leads_changedday (day_on, changed_at)
        SELECT DISTINCT h.handed_off_on, clock_timestamp()
        FROM new_rows n JOIN leads_handoff h ON h.id = n.hand_off_id;
    RETURN NULL;
END $$;

CREATE TRIGGER attempt_changed_notes_its_day AFTER UPDATE ON leads_followupattempt
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION leads_note_attempts_changed();
"""

UNDO_NOTE = """
DROP TRIGGER attempt_changed_notes_its_day ON leads_followupattempt;
DROP FUNCTION leads_note_attempts_changed();
"""


class Migration(migrations.Migration):
    dependencies = [("leads", "0019_merges")]

    operations = [
        migrations.AddIndex(
            model_name="handoff",
            index=models.Index(
                condition=Q(closed_at__isnull=True) | Q(first_attempt_at__isnull=True, due_at__gte=F("closed_at")),
                fields=["handed_off_on"],
                name="hand_off_passing_by_day",
            ),
        ),
        migrations.RunSQL(NOTE, UNDO_NOTE),
    ]
