"""Who answers for what gets rows of its own; the one contact that a party had becomes that of day to day."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


DAY_TO_DAY = "Day to day"
LONGEST = 200


def contacts_from_words(apps, schema_editor):
    Party, Contact = apps.get_model("agreements", "Party"), apps.get_model("agreements", "Contact")
    Contact.objects.bulk_create(
        Contact(party=party, responsibility=DAY_TO_DAY, outside=party.contact)
        for party in Party.objects.exclude(contact="").order_by("pk")
    )


def words_from_contacts(apps, schema_editor):
    """A party had one line: all its contacts stand in it, as far as they fit."""
    Party = apps.get_model("agreements", "Party")
    for party in Party.objects.prefetch_related("contacts__person"):
        said = [
            one.outside or one.person.name
            if one.responsibility == DAY_TO_DAY
            else f"{one.responsibility}: {one.outside or one.person.name}"
            for one in sorted(party.contacts.all(), key=lambda one: one.pk)
        ]
        if said:
            Party.objects.filter(pk=party.pk).update(contact="; ".join(said)[:LONGEST])


class Migration(migrations.Migration):

    dependencies = [
        ('agreements', '0018_event_chain'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name='agreementevent',
            name='kind',
            field=models.CharField(choices=[('drafted', 'draft begun'), ('edited', 'draft edited'), ('withdrawn', 'draft withdrawn'), ('signed', 'signed by a party'), ('in_force', 'signed by all parties'), ('superseded', 'superseded'), ('submitted', 'sent to review'), ('commented', 'commented'), ('answered', 'comment answered'), ('settled', 'comment settled'), ('changes_asked', 'changes asked'), ('document_made', 'signed document made'), ('re_dated', 'open hand-offs re-dated'), ('calendar_proposed', 'new business hours proposed'), ('calendar_agreed', 'new business hours agreed'), ('month_closed', 'month closed'), ('strike_opened', 'strike opened'), ('strike_diagnosed', 'strike diagnosed'), ('action_agreed', 'corrective action agreed'), ('action_ended', 'corrective action ended'), ('excuse_proposed', 'excuse proposed'), ('excuse_accepted', 'excuse accepted'), ('excuse_refused', 'excuse refused'), ('consequence_raised', 'agreed consequence raised'), ('delivered', 'obligation delivered'), ('duty_handed_on', 'duty handed on'), ('contact_changed', 'contact changed'), ('review_scheduled', 'review scheduled'), ('review_held', 'review held'), ('renewed', 'renewal begun'), ('cancelled', 'cancelled')], max_length=32, verbose_name='kind'),
        ),
        migrations.CreateModel(
            name='Contact',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('responsibility', models.CharField(help_text='As in: day to day, data, escalation.', max_length=100, verbose_name='what for')),
                ('outside', models.CharField(blank=True, help_text='A name, a number, an e-mail address.', max_length=200, verbose_name='somebody who does not sign in here')),
                ('party', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='contacts', to='agreements.party', verbose_name='party')),
                ('person', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='contacts', to=settings.AUTH_USER_MODEL, verbose_name='who answers for it')),
            ],
            options={
                'verbose_name': 'contact',
                'verbose_name_plural': 'contacts',
                'ordering': ['party', 'id'],
                'constraints': [models.UniqueConstraint(fields=('party', 'responsibility', 'person', 'outside'), name='contact_once_per_responsibility', nulls_distinct=False), models.CheckConstraint(condition=models.Q(models.Q(('person__isnull', True), models.Q(('outside', ''), _negated=True)), models.Q(('outside', ''), ('person__isnull', False)), _connector='OR'), name='contact_is_one_person'), models.CheckConstraint(condition=models.Q(('responsibility', ''), _negated=True), name='contact_says_what_for')],
            },
        ),
        migrations.RunPython(contacts_from_words, words_from_contacts),
        migrations.RemoveField(
            model_name='party',
            name='contact',
        ),
    ]
