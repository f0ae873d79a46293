"""Negotiating a draft: comments that stay, answers, and a state for changes that were asked for."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# What was said stays: a comment is settled once, and may be emptied where its words must be erased.
GUARD = """
CREATE FUNCTION agreements_guard_remark() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE old_row jsonb; new_row jsonb;
BEGIN
    IF TG_OP = 'UPDATE' AND (NEW.text = OLD.text OR NEW.text = '') THEN
        old_row := to_jsonb(OLD) - 'text';
        new_row := to_jsonb(NEW) - 'text';
        IF old_row->>'settled_at' IS NULL THEN
            old_row := old_row - 'settled_at' - 'settled_by_id';
            new_row := new_row - 'settled_at' - 'settled_by_id';
        END IF;
        IF old_row = new_row THEN RETURN NEW; END IF;
    END IF;
    RAISE EXCEPTION '% is append-only: what was said stays', TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE TRIGGER comment_stays BEFORE UPDATE OR DELETE ON agreements_comment
    FOR EACH ROW EXECUTE FUNCTION agreements_guard_remark();
CREATE TRIGGER answer_stays BEFORE UPDATE OR DELETE ON agreements_answer
    FOR EACH ROW EXECUTE FUNCTION agreements_guard_remark();
"""

UNDO_GUARD = """
DROP TRIGGER comment_stays ON agreements_comment;
DROP TRIGGER answer_stays ON agreements_answer;
DROP FUNCTION agreements_guard_remark();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('agreements', '0015_reviews_and_ends'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name='version',
            name='state',
            field=models.CharField(choices=[('draft', 'Draft'), ('in_review', 'In review'), ('changes_asked', 'Changes asked'), ('signed', 'Signed'), ('withdrawn', 'Withdrawn')], default='draft', max_length=16, verbose_name='state'),
        ),
        migrations.CreateModel(
            name='Comment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('about', models.CharField(blank=True, help_text='Key of a clause, “promise-KIND-SEGMENT” or “summary”. Empty: the whole draft.', max_length=64, verbose_name='about')),
                ('text', models.TextField(max_length=20000, verbose_name='text')),
                ('written_at', models.DateTimeField(verbose_name='written at')),
                ('token', models.UUIDField(editable=False, unique=True, verbose_name='token')),
                ('settled_at', models.DateTimeField(blank=True, null=True, verbose_name='settled at')),
                ('author', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='author')),
                ('party', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='comments', to='agreements.party', verbose_name='party')),
                ('settled_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='settled by')),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='comments', to='agreements.version', verbose_name='version')),
            ],
            options={
                'verbose_name': 'comment',
                'verbose_name_plural': 'comments',
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='Answer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.TextField(max_length=20000, verbose_name='text')),
                ('written_at', models.DateTimeField(verbose_name='written at')),
                ('token', models.UUIDField(editable=False, unique=True, verbose_name='token')),
                ('author', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='author')),
                ('party', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='agreements.party', verbose_name='party')),
                ('comment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='answers', to='agreements.comment', verbose_name='comment')),
            ],
            options={
                'verbose_name': 'answer',
                'verbose_name_plural': 'answers',
                'ordering': ['id'],
            },
        ),
        migrations.AddIndex(
            model_name='comment',
            index=models.Index(condition=models.Q(('settled_at__isnull', True)), fields=['version'], name='comments_unsettled'),
        ),
        migrations.AddConstraint(
            model_name='comment',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('settled_at__isnull', True), ('settled_by__isnull', True)), models.Q(('settled_at__isnull', False), ('settled_by__isnull', False)), _connector='OR'), name='comment_settled_says_by_whom'),
        ),
        migrations.RunSQL(GUARD, UNDO_GUARD),
    ]
