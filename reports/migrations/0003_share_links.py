"""Links that show one chart or one edition to people without an account."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('reports', '0002_editions'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ShareLink',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('token_sha256', models.CharField(max_length=64, unique=True, verbose_name='SHA-256 of the secret')),
                ('subject', models.CharField(choices=[('waterfall', 'Waterfall'), ('speed', 'Speed'), ('depth', 'Depth'), ('explore', 'Explore'), ('edition', 'Edition')], max_length=16, verbose_name='subject')),
                ('chart', models.CharField(blank=True, max_length=40, verbose_name='chart')),
                ('query', models.CharField(blank=True, max_length=2000, verbose_name='address')),
                ('made_at', models.DateTimeField(verbose_name='made at')),
                ('expires_at', models.DateTimeField(verbose_name='expires at')),
                ('revoked_at', models.DateTimeField(blank=True, null=True, verbose_name='revoked at')),
                ('last_opened_at', models.DateTimeField(blank=True, null=True, verbose_name='last opened at')),
                ('free_at', models.DateTimeField(blank=True, null=True, verbose_name='opened as often as until')),
                ('edition', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='reports.edition', verbose_name='edition')),
                ('maker', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='share_links', to=settings.AUTH_USER_MODEL, verbose_name='made by')),
            ],
            options={
                'verbose_name': 'share link',
                'verbose_name_plural': 'share links',
                'ordering': ['-made_at', '-id'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('chart', ''), ('edition__isnull', False), ('query', ''), ('subject', 'edition')), models.Q(models.Q(('subject', 'edition'), _negated=True), ('edition__isnull', True), models.Q(('chart', ''), _negated=True)), _connector='OR'), name='share_link_of_a_chart_or_an_edition'), models.CheckConstraint(condition=models.Q(('expires_at__gt', models.F('made_at'))), name='share_link_ends_after_made'), models.CheckConstraint(condition=models.Q(('revoked_at__isnull', True), ('revoked_at__gte', models.F('made_at')), _connector='OR'), name='share_link_revoked_after_made')],
            },
        ),
    ]
