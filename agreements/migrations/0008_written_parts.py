"""More written parts: hand-off, nurture, cancellation, the unexpected; a definition for one segment; templates."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('agreements', '0007_signed_text'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='clause',
            name='clause_once_per_topic_and_party',
        ),
        migrations.AddField(
            model_name='agreement',
            name='template',
            field=models.CharField(choices=[('short', 'Short, in two columns'), ('steps', 'Step by step'), ('stages', 'By stage')], default='short', max_length=16, verbose_name='template'),
        ),
        migrations.AddField(
            model_name='clause',
            name='segment',
            field=models.ForeignKey(blank=True, help_text='Empty: for every lead whose segment has no definition of its own.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='clauses', to='agreements.segment', verbose_name='segment'),
        ),
        migrations.AlterField(
            model_name='clause',
            name='topic',
            field=models.CharField(choices=[('scope', 'Scope, and what is excluded'), ('qualification', 'When a lead is qualified'), ('goals', 'Goals'), ('hand_off', 'Hand-off'), ('nurture', 'Leads that are not ready yet'), ('needs', 'What we need from the other side'), ('initiatives', 'Initiatives for the period'), ('consequence', 'If we do not meet our goal, we will …'), ('cancellation', 'Conditions of cancellation'), ('contingency', 'If something unexpected happens'), ('review', 'Review')], max_length=32, verbose_name='topic'),
        ),
        migrations.AddConstraint(
            model_name='clause',
            constraint=models.UniqueConstraint(fields=('version', 'party', 'topic', 'segment'), name='clause_once_per_topic_party_and_segment', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='clause',
            constraint=models.CheckConstraint(condition=models.Q(('segment__isnull', True), models.Q(('party__isnull', True), ('topic', 'qualification')), _connector='OR'), name='clause_of_segment_is_a_shared_definition'),
        ),
    ]
