"""Levels, parents and kinds of agreements; teams outside the company.

What Django's constraints cannot see stands in triggers: a parent is of a lower level, so that no agreement can come to
stand above itself, however many change at once; what was signed stays; nobody outside has an account here.
"""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

# FOR SHARE lets a change of the parent's level wait, or is waited for: both see what the other did.
PLACE = """
CREATE FUNCTION agreements_guard_place() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE above integer;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF (OLD.level, OLD.parent_id, OLD.segment_id, OLD.kind)
            IS NOT DISTINCT FROM (NEW.level, NEW.parent_id, NEW.segment_id, NEW.kind)
        THEN
            RETURN NEW;
        END IF;
        IF EXISTS (SELECT FROM agreements_version v WHERE v.agreement_id = OLD.id AND (v.state = 'signed'
            OR EXISTS (SELECT FROM agreements_signature s WHERE s.version_id = v.id) AND v.state <> 'withdrawn'))
        THEN
            RAISE EXCEPTION 'agreement % was signed: its level, parent, segment and kind stay', OLD.id
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        IF EXISTS (SELECT FROM agreements_agreement a WHERE a.parent_id = OLD.id AND a.level <= NEW.level) THEN
            RAISE EXCEPTION 'agreement % has agreements of this level below it', OLD.id USING ERRCODE = 'check_violation';
        END IF;
        IF NEW.kind = 'internal' AND EXISTS (SELECT FROM agreements_party p
            JOIN agreements_team t ON t.id = p.team_id WHERE p.agreement_id = OLD.id AND t.is_external)
        THEN
            RAISE EXCEPTION 'agreement % has a party outside the company', OLD.id USING ERRCODE = 'check_violation';
        END IF;
    END IF;
    IF NEW.parent_id IS NOT NULL THEN
        SELECT level INTO above FROM agreements_agreement WHERE id = NEW.parent_id FOR SHARE;
        IF above >= NEW.level THEN
            RAISE EXCEPTION 'agreement % would inherit from one that is not of a lower level', NEW.id
                USING ERRCODE = 'check_violation';
        END IF;
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER agreement_stands_below_its_parent BEFORE INSERT OR UPDATE ON agreements_agreement
    FOR EACH ROW EXECUTE FUNCTION agreements_guard_place();
"""

UNDO_PLACE = """
DROP TRIGGER agreement_stands_below_its_parent ON agreements_agreement;
DROP FUNCTION agreements_guard_place();
"""

OUTSIDE = """
CREATE FUNCTION agreements_guard_inside_membership() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM agreements_team t WHERE t.id = NEW.team_id AND t.is_external FOR SHARE) THEN
        RAISE EXCEPTION 'team % is outside the company: nobody of it has an account here', NEW.team_id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION agreements_guard_outside_party() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM agreements_team t JOIN agreements_agreement a ON a.id = NEW.agreement_id
        WHERE t.id = NEW.team_id AND t.is_external AND (a.kind = 'internal' OR NEW.signatory_id IS NOT NULL) FOR SHARE)
    THEN
        RAISE EXCEPTION 'team % is outside the company: no party of an internal agreement, and nobody signs for it here',
            NEW.team_id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION agreements_guard_outside_team() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.is_external AND NOT OLD.is_external AND (
        EXISTS (SELECT FROM agreements_membership m WHERE m.team_id = OLD.id)
        OR EXISTS (SELECT FROM agreements_party p JOIN agreements_agreement a ON a.id = p.agreement_id
            WHERE p.team_id = OLD.id AND (a.kind = 'internal' OR p.signatory_id IS NOT NULL)))
    THEN
        RAISE EXCEPTION 'team % has people here, or is a party inside the company', OLD.id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER membership_is_of_a_team_inside BEFORE INSERT OR UPDATE ON agreements_membership
    FOR EACH ROW EXECUTE FUNCTION agreements_guard_inside_membership();
CREATE TRIGGER party_outside_signs_on_paper BEFORE INSERT OR UPDATE ON agreements_party
    FOR EACH ROW EXECUTE FUNCTION agreements_guard_outside_party();
CREATE TRIGGER team_outside_has_nobody_here BEFORE UPDATE ON agreements_team
    FOR EACH ROW EXECUTE FUNCTION agreements_guard_outside_team();
"""

UNDO_OUTSIDE = """
DROP TRIGGER membership_is_of_a_team_inside ON agreements_membership;
DROP TRIGGER party_outside_signs_on_paper ON agreements_party;
DROP TRIGGER team_outside_has_nobody_here ON agreements_team;
DROP FUNCTION agreements_guard_inside_membership();
DROP FUNCTION agreements_guard_outside_party();
DROP FUNCTION agreements_guard_outside_team();
"""

# Two service agreements for the same leads on the same days: a lead would find no terms. Signatures for one segment
# wait for each other at its row.
SEGMENT = """
CREATE FUNCTION agreements_guard_segment() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE own agreements_agreement; taken text;
BEGIN
    IF NEW.state <> 'signed' OR isempty(NEW.in_force) THEN RETURN NULL; END IF;
    SELECT * INTO own FROM agreements_agreement WHERE id = NEW.agreement_id;
    IF own.segment_id IS NULL THEN RETURN NULL; END IF;
    PERFORM FROM agreements_segment WHERE id = own.segment_id FOR NO KEY UPDATE;
    SELECT a.slug INTO taken FROM agreements_version v JOIN agreements_agreement a ON a.id = v.agreement_id
        WHERE a.segment_id = own.segment_id AND a.id <> own.id AND v.state = 'signed' AND v.in_force && NEW.in_force
            AND EXISTS (SELECT FROM agreements_party p JOIN agreements_party q ON q.team_id = p.team_id
                JOIN agreements_team t ON t.id = p.team_id
                WHERE p.agreement_id = a.id AND q.agreement_id = own.id AND t.function = 'sales')
        LIMIT 1;
    IF taken IS NOT NULL THEN
        RAISE EXCEPTION 'the segment is agreed on in % already, on some of these days', taken
            USING ERRCODE = 'exclusion_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER version_of_a_segment_is_the_only_one AFTER INSERT OR UPDATE ON agreements_version
    FOR EACH ROW EXECUTE FUNCTION agreements_guard_segment();
"""

UNDO_SEGMENT = """
DROP TRIGGER version_of_a_segment_is_the_only_one ON agreements_version;
DROP FUNCTION agreements_guard_segment();
"""


class Migration(migrations.Migration):

    dependencies = [('agreements', '0021_ladder')]

    operations = [
        migrations.AddField(
            model_name='team',
            name='is_external',
            field=models.BooleanField(default=False, help_text="A customer's or supplier's: nobody of it has an account here, and it signs on paper.", verbose_name='outside the company'),
        ),
        migrations.AddField(
            model_name='agreement',
            name='level',
            field=models.PositiveSmallIntegerField(choices=[(1, 'corporate'), (2, 'team'), (3, 'service')], default=1, verbose_name='level'),
        ),
        migrations.AddField(
            model_name='agreement',
            name='parent',
            field=models.ForeignKey(blank=True, help_text='What it does not promise itself is as promised there.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='below', to='agreements.agreement', verbose_name='inherits from'),
        ),
        migrations.AddField(
            model_name='agreement',
            name='segment',
            field=models.ForeignKey(blank=True, help_text='Which leads an agreement of the level “service” is for.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='service_agreements', to='agreements.segment', verbose_name='segment'),
        ),
        migrations.AddField(
            model_name='agreement',
            name='kind',
            field=models.CharField(choices=[('internal', 'internal'), ('customer', 'with a customer'), ('multi_level', 'with a third party')], default='internal', max_length=16, verbose_name='kind'),
        ),
        migrations.AddConstraint(
            model_name='agreement',
            constraint=models.CheckConstraint(
                condition=Q(level=3, segment__isnull=False) | Q(level__in=[1, 2], segment__isnull=True),
                name='agreement_of_service_is_for_a_segment',
                violation_error_message='A service agreement names its segment, and no other does.',
            ),
        ),
        migrations.RunSQL(PLACE, UNDO_PLACE),
        migrations.RunSQL(OUTSIDE, UNDO_OUTSIDE),
        migrations.RunSQL(SEGMENT, UNDO_SEGMENT),
    ]
