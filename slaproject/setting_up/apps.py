from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SettingUpConfig(AppConfig):
    name = "slaproject.setting_up"
    label = "setting_up"
    verbose_name = _("Setting up")
