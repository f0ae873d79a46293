"""Routing rules, shares and caps, absences, why each hand-off went to whom, and moves of several at once."""

import django.core.validators
import django.db.models.constraints
import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('agreements', '0018_event_chain'),
        ('leads', '0005_sweep_that_holds_back'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Absence',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('first_on', models.DateField(verbose_name='first day')),
                ('last_on', models.DateField(verbose_name='last day')),
                ('moves_work', models.BooleanField(default=False, verbose_name='open leads go to others')),
                ('moved_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='moved at')),
                ('noted_at', models.DateTimeField(verbose_name='noted at')),
            ],
            options={
                'verbose_name': 'absence',
                'verbose_name_plural': 'absences',
                'ordering': ['first_on', 'last_on', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='Move',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('made_at', models.DateTimeField(verbose_name='made at')),
                ('undone_at', models.DateTimeField(blank=True, null=True, verbose_name='undone at')),
                ('key', models.UUIDField(help_text='The same form sent twice moves once.', unique=True, verbose_name='key')),
            ],
            options={
                'verbose_name': 'move',
                'verbose_name_plural': 'moves',
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='MovedHandOff',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('from_owner_name', models.CharField(blank=True, max_length=150, verbose_name='former owner outside')),
                ('from_assigned_at', models.DateTimeField(blank=True, null=True, verbose_name='first assigned before')),
                ('last_event_id', models.BigIntegerField(verbose_name='last event')),
            ],
            options={
                'verbose_name': 'moved hand-off',
                'verbose_name_plural': 'moved hand-offs',
            },
        ),
        migrations.CreateModel(
            name='RoutingCap',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('most_open', models.PositiveSmallIntegerField(validators=[django.core.validators.MaxValueValidator(10000)], verbose_name='at most open')),
            ],
            options={
                'verbose_name': 'routing cap',
                'verbose_name_plural': 'routing caps',
            },
        ),
        migrations.CreateModel(
            name='RoutingDecision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('decided_at', models.DateTimeField(verbose_name='decided at')),
                ('why', models.CharField(choices=[('turn', 'it was their turn'), ('known', 'knows the lead or the company'), ('stand_in', 'stands in'), ('free', 'left free')], max_length=16, verbose_name='why')),
                ('data', models.JSONField(default=dict, verbose_name='details')),
                ('given_back_at', models.DateTimeField(blank=True, null=True, verbose_name='turn given back at')),
            ],
            options={
                'verbose_name': 'routing decision',
                'verbose_name_plural': 'routing decisions',
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='RoutingRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=100, verbose_name='name')),
                ('position', models.PositiveIntegerField(verbose_name='position')),
                ('is_on', models.BooleanField(default=True, verbose_name='in use')),
                ('source', models.CharField(blank=True, help_text='Empty: every source.', max_length=100, verbose_name='source')),
                ('country', models.CharField(blank=True, help_text='Empty: every country.', max_length=64, verbose_name='country')),
                ('in_hours_only', models.BooleanField(default=False, help_text='Outside its business hours the next rule is asked.', verbose_name='only while the team works')),
                ('keeps_owner', models.BooleanField(default=True, help_text='If that person is there and below the cap. Such leads do not count as a turn.', verbose_name='known leads and companies stay with whom they know')),
                ('weight_of_others', models.PositiveSmallIntegerField(default=1, help_text='Also of those who join the team later. 0: only who is given a weight takes part.', validators=[django.core.validators.MaxValueValidator(100)], verbose_name='weight of members without a weight of their own')),
                ('when_nobody', models.CharField(choices=[('free', 'leave it free: the first of the team to accept it gets it'), ('person', 'give it to one person'), ('team', 'give it to another team')], default='free', max_length=8, verbose_name='when everyone is away or full')),
            ],
            options={
                'verbose_name': 'routing rule',
                'verbose_name_plural': 'routing rules',
                'ordering': ['position'],
            },
        ),
        migrations.CreateModel(
            name='RoutingShare',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('weight', models.PositiveSmallIntegerField(blank=True, null=True, validators=[django.core.validators.MaxValueValidator(100)], verbose_name='weight')),
                ('owed', models.DecimalField(decimal_places=15, default=0, editable=False, max_digits=24, verbose_name='leads owed')),
            ],
            options={
                'verbose_name': 'routing share',
                'verbose_name_plural': 'routing shares',
            },
        ),
        migrations.AddIndex(
            model_name='handoff',
            index=models.Index(condition=models.Q(('closed_at__isnull', True)), fields=['owner'], name='hand_off_open_by_owner'),
        ),
        migrations.AddIndex(
            model_name='lead',
            index=models.Index(django.db.models.functions.text.Lower('company'), condition=models.Q(('company', ''), _negated=True), name='lead_by_company'),
        ),
        migrations.AddField(
            model_name='absence',
            name='noted_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='noted by'),
        ),
        migrations.AddField(
            model_name='absence',
            name='person',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='absences', to=settings.AUTH_USER_MODEL, verbose_name='person'),
        ),
        migrations.AddField(
            model_name='move',
            name='by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by'),
        ),
        migrations.AddField(
            model_name='move',
            name='to',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='to'),
        ),
        migrations.AddField(
            model_name='movedhandoff',
            name='from_owner',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='former owner'),
        ),
        migrations.AddField(
            model_name='movedhandoff',
            name='from_team',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='agreements.team', verbose_name='former team'),
        ),
        migrations.AddField(
            model_name='movedhandoff',
            name='hand_off',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='leads.handoff', verbose_name='hand-off'),
        ),
        migrations.AddField(
            model_name='movedhandoff',
            name='move',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='moved', to='leads.move', verbose_name='move'),
        ),
        migrations.AddField(
            model_name='movedhandoff',
            name='to_owner',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='new owner'),
        ),
        migrations.AddField(
            model_name='routingcap',
            name='person',
            field=models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='person'),
        ),
        migrations.AddField(
            model_name='routingdecision',
            name='hand_off',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='routing_decisions', to='leads.handoff', verbose_name='hand-off'),
        ),
        migrations.AddField(
            model_name='routingdecision',
            name='person',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='owner'),
        ),
        migrations.AddField(
            model_name='routingrule',
            name='other_team',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='agreements.team', verbose_name='other team'),
        ),
        migrations.AddField(
            model_name='routingrule',
            name='segment',
            field=models.ForeignKey(blank=True, help_text='Empty: leads of every segment.', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='agreements.segment', verbose_name='segment'),
        ),
        migrations.AddField(
            model_name='routingrule',
            name='stand_in',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='person'),
        ),
        migrations.AddField(
            model_name='routingrule',
            name='team',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='routing_rules', to='agreements.team', verbose_name='team'),
        ),
        migrations.AddField(
            model_name='routingdecision',
            name='rule',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='decisions', to='leads.routingrule', verbose_name='rule'),
        ),
        migrations.AddField(
            model_name='routingshare',
            name='person',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='person'),
        ),
        migrations.AddField(
            model_name='routingshare',
            name='rule',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='shares', to='leads.routingrule', verbose_name='rule'),
        ),
        migrations.AddIndex(
            model_name='absence',
            index=models.Index(condition=models.Q(('moved_at', None), ('moves_work', True)), fields=['first_on'], name='absence_with_work_to_move'),
        ),
        migrations.AddConstraint(
            model_name='absence',
            constraint=models.CheckConstraint(condition=models.Q(('last_on__gte', models.F('first_on'))), name='absence_ends_after_it_begins'),
        ),
        migrations.AddConstraint(
            model_name='movedhandoff',
            constraint=models.UniqueConstraint(fields=('move', 'hand_off'), name='moved_once_per_move'),
        ),
        migrations.AddConstraint(
            model_name='routingcap',
            constraint=models.CheckConstraint(condition=models.Q(('most_open__lte', 10000)), name='routing_cap_in_range'),
        ),
        migrations.AddConstraint(
            model_name='routingrule',
            constraint=models.UniqueConstraint(deferrable=django.db.models.constraints.Deferrable['DEFERRED'], fields=('position',), name='routing_rule_position_once'),
        ),
        migrations.AddConstraint(
            model_name='routingrule',
            constraint=models.CheckConstraint(condition=models.Q(('weight_of_others__lte', 100)), name='routing_rule_weight_in_range'),
        ),
        migrations.AddConstraint(
            model_name='routingrule',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('other_team', None), ('stand_in', None), ('when_nobody', 'free')), models.Q(('other_team', None), ('stand_in__isnull', False), ('when_nobody', 'person')), models.Q(('other_team__isnull', False), ('stand_in', None), ('when_nobody', 'team')), _connector='OR'), name='routing_rule_says_who_when_nobody'),
        ),
        migrations.AddConstraint(
            model_name='routingrule',
            constraint=models.CheckConstraint(condition=models.Q(('other_team', None), models.Q(('other_team', models.F('team')), _negated=True), _connector='OR'), name='routing_rule_other_team_is_another'),
        ),
        migrations.AddConstraint(
            model_name='routingdecision',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('person', None), ('why', 'free')), models.Q(models.Q(('why', 'free'), _negated=True), ('person__isnull', False)), _connector='OR'), name='routing_decision_says_who'),
        ),
        migrations.AddConstraint(
            model_name='routingdecision',
            constraint=models.CheckConstraint(condition=models.Q(('given_back_at', None), ('why', 'turn'), _connector='OR'), name='routing_decision_gives_back_a_turn'),
        ),
        migrations.AddConstraint(
            model_name='routingshare',
            constraint=models.UniqueConstraint(fields=('rule', 'person'), name='routing_share_once_per_person'),
        ),
        migrations.AddConstraint(
            model_name='routingshare',
            constraint=models.CheckConstraint(condition=models.Q(('weight', None), ('weight__lte', 100), _connector='OR'), name='routing_share_weight_in_range'),
        ),
    ]
