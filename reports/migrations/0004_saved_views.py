"""Views of the explore page kept under a name, and which one a person begins with."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0005_keyboard_shortcuts'),
        ('agreements', '0031_edition_events'),
        ('reports', '0003_share_links'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='SavedView',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=100, verbose_name='name')),
                ('audience', models.CharField(choices=[('mine', 'only me'), ('team', 'my team'), ('shared', 'everybody')], default='mine', max_length=8, verbose_name='for')),
                ('query', models.CharField(blank=True, max_length=2000, verbose_name='address')),
                ('saved_at', models.DateTimeField(verbose_name='saved at')),
                ('author', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='saved_views', to=settings.AUTH_USER_MODEL, verbose_name='author')),
                ('team', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='agreements.team', verbose_name='team')),
            ],
            options={
                'verbose_name': 'saved view',
                'verbose_name_plural': 'saved views',
                'ordering': ['name', 'id'],
            },
        ),
        migrations.CreateModel(
            name='DefaultView',
            fields=[
                ('person', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='default_view', serialize=False, to=settings.AUTH_USER_MODEL, verbose_name='person')),
                ('view', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='chosen_by', to='reports.savedview', verbose_name='view')),
            ],
            options={
                'verbose_name': 'default view',
                'verbose_name_plural': 'default views',
            },
        ),
        migrations.AddConstraint(
            model_name='savedview',
            constraint=models.UniqueConstraint(fields=('author', 'name'), name='saved_view_name_once_per_author'),
        ),
        migrations.AddConstraint(
            model_name='savedview',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('audience', 'team'), ('team__isnull', False)), models.Q(models.Q(('audience', 'team'), _negated=True), ('team__isnull', True)), _connector='OR'), name='saved_view_of_a_team_names_it'),
        ),
    ]
