"""Editions of months leave events when they are made and acknowledged."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('agreements', '0030_rejection_reasons'),
    ]

    operations = [
        migrations.AlterField(
            model_name='agreementevent',
            name='kind',
            field=models.CharField(choices=[('drafted', 'draft begun'), ('edited', 'draft edited'), ('withdrawn', 'draft withdrawn'), ('signed', 'signed by a party'), ('in_force', 'signed by all parties'), ('superseded', 'superseded'), ('submitted', 'sent to review'), ('commented', 'commented'), ('answered', 'comment answered'), ('settled', 'comment settled'), ('changes_asked', 'changes asked'), ('document_made', 'signed document made'), ('re_dated', 'open hand-offs re-dated'), ('calendar_proposed', 'new business hours proposed'), ('calendar_agreed', 'new business hours agreed'), ('month_closed', 'month closed'), ('edition_made', 'edition made'), ('edition_acknowledged', 'edition acknowledged'), ('watermelon', 'all promises kept, and yet'), ('strike_opened', 'strike opened'), ('strike_diagnosed', 'strike diagnosed'), ('action_agreed', 'corrective action agreed'), ('action_ended', 'corrective action ended'), ('action_handed_on', 'corrective action handed on'), ('excuse_proposed', 'excuse proposed'), ('excuse_accepted', 'excuse accepted'), ('excuse_refused', 'excuse refused'), ('consequence_raised', 'agreed consequence raised'), ('delivered', 'obligation delivered'), ('duty_handed_on', 'duty handed on'), ('contact_changed', 'contact changed'), ('support_named', 'supporting agreement named'), ('support_removed', 'supporting agreement taken away'), ('review_scheduled', 'review scheduled'), ('review_held', 'review held'), ('decided', 'decision made'), ('decision_done', 'decision done'), ('decision_handed_on', 'decision handed on'), ('signatory_changed', 'signatory changed'), ('value_entered', 'value of a measure entered'), ('value_voided', 'value of a measure voided'), ('renewed', 'renewal begun'), ('cancelled', 'cancelled')], max_length=32, verbose_name='kind'),
        ),
    ]
