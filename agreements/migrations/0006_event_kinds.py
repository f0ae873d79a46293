"""What may happen to an agreement in its whole life: review, comments, months, strikes, excuses, its end."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('agreements', '0005_withdrawn_drafts'),
    ]

    operations = [
        migrations.AlterField(
            model_name='agreementevent',
            name='kind',
            field=models.CharField(choices=[('drafted', 'draft begun'), ('edited', 'draft edited'), ('withdrawn', 'draft withdrawn'), ('signed', 'signed by a party'), ('in_force', 'signed by all parties'), ('superseded', 'superseded'), ('submitted', 'sent to review'), ('commented', 'commented'), ('answered', 'comment answered'), ('settled', 'comment settled'), ('changes_asked', 'changes asked'), ('document_made', 'signed document made'), ('re_dated', 'open hand-offs re-dated'), ('calendar_proposed', 'new business hours proposed'), ('calendar_agreed', 'new business hours agreed'), ('month_closed', 'month closed'), ('strike_opened', 'strike opened'), ('strike_diagnosed', 'strike diagnosed'), ('action_agreed', 'corrective action agreed'), ('action_ended', 'corrective action ended'), ('excuse_proposed', 'excuse proposed'), ('excuse_accepted', 'excuse accepted'), ('excuse_refused', 'excuse refused'), ('consequence_raised', 'agreed consequence raised'), ('delivered', 'obligation delivered'), ('review_scheduled', 'review scheduled'), ('review_held', 'review held'), ('renewed', 'renewal begun'), ('cancelled', 'cancelled')], max_length=32, verbose_name='kind'),
        ),
    ]
