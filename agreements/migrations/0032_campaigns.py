"""What marketing plans of a campaign or a source stands beside the agreement, and each change of it leaves an event."""

import datetime
import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('agreements', '0031_edition_events'),
    ]

    operations = [
        migrations.AlterField(
            model_name='agreementevent',
            name='kind',
            field=models.CharField(choices=[('drafted', 'draft begun'), ('edited', 'draft edited'), ('withdrawn', 'draft withdrawn'), ('signed', 'signed by a party'), ('in_force', 'signed by all parties'), ('superseded', 'superseded'), ('submitted', 'sent to review'), ('commented', 'commented'), ('answered', 'comment answered'), ('settled', 'comment settled'), ('changes_asked', 'changes asked'), ('document_made', 'signed document made'), ('re_dated', 'open hand-offs re-dated'), ('calendar_proposed', 'new business hours proposed'), ('calendar_agreed', 'new business hours agreed'), ('month_closed', 'month closed'), ('edition_made', 'edition made'), ('edition_acknowledged', 'edition acknowledged'), ('watermelon', 'all promises kept, and yet'), ('strike_opened', 'strike opened'), ('strike_diagnosed', 'strike diagnosed'), ('action_agreed', 'corrective action agreed'), ('action_ended', 'corrective action ended'), ('action_handed_on', 'corrective action handed on'), ('excuse_proposed', 'excuse proposed'), ('excuse_accepted', 'excuse accepted'), ('excuse_refused', 'excuse refused'), ('consequence_raised', 'agreed consequence raised'), ('delivered', 'obligation delivered'), ('duty_handed_on', 'duty handed on'), ('contact_changed', 'contact changed'), ('campaign_changed', 'plan of a campaign changed'), ('support_named', 'supporting agreement named'), ('support_removed', 'supporting agreement taken away'), ('review_scheduled', 'review scheduled'), ('review_held', 'review held'), ('decided', 'decision made'), ('decision_done', 'decision done'), ('decision_handed_on', 'decision handed on'), ('signatory_changed', 'signatory changed'), ('value_entered', 'value of a measure entered'), ('value_voided', 'value of a measure voided'), ('renewed', 'renewal begun'), ('cancelled', 'cancelled')], max_length=32, verbose_name='kind'),
        ),
        migrations.CreateModel(
            name='Campaign',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('of', models.CharField(choices=[('campaign', 'campaign'), ('source', 'source')], default='campaign', max_length=8, verbose_name='of one')),
                ('name', models.CharField(help_text='As leads name it.', max_length=150, verbose_name='name')),
                ('starts_on', models.DateField(verbose_name='first day')),
                ('last_on', models.DateField(verbose_name='last day')),
                ('goal', models.PositiveIntegerField(help_text='Over all its days, each alike.', validators=[django.core.validators.MinValueValidator(1)], verbose_name='leads planned')),
                ('budget', models.DecimalField(blank=True, decimal_places=2, help_text='In the currency of the agreement.', max_digits=14, null=True, validators=[django.core.validators.MinValueValidator(0)], verbose_name='budget')),
                ('agreement', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='campaigns', to='agreements.agreement', verbose_name='agreement')),
            ],
            options={
                'verbose_name': 'campaign',
                'verbose_name_plural': 'campaigns',
                'ordering': ['starts_on', 'name', 'id'],
                'constraints': [models.CheckConstraint(condition=models.Q(('last_on__gte', models.F('starts_on')), ('last_on__lt', django.db.models.expressions.CombinedExpression(models.F('starts_on'), '+', models.Value(datetime.timedelta(days=366))))), name='campaign_lasts_up_to_a_year', violation_error_message='The last day is not before the first, and less than a year later.'), models.CheckConstraint(condition=models.Q(('goal__gte', 1)), name='campaign_plans_leads', violation_error_message='Plan one lead at least.'), models.CheckConstraint(condition=models.Q(('budget__isnull', True), ('budget__gte', 0), _connector='OR'), name='campaign_budget_not_negative', violation_error_message='A budget is nothing or more.'), models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='campaign_has_a_name'), django.contrib.postgres.constraints.ExclusionConstraint(expressions=[('agreement', '='), ('of', '='), ('name', '='), (models.Func('starts_on', 'last_on', django.contrib.postgres.fields.ranges.RangeBoundary(inclusive_lower=True, inclusive_upper=True), function='daterange', output_field=django.contrib.postgres.fields.ranges.DateRangeField()), '&&')], name='campaign_planned_once_a_day', violation_error_message='The same is planned on some of these days already.')],
            },
        ),
    ]
