from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    """What programs tell by webhooks, and what they are told by them."""

    name = "slaproject.webhooks"
