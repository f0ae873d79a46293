from django.apps import AppConfig


class OutboxConfig(AppConfig):
    """Reads what the apps left as rows, and tells people."""

    name = "slaproject.outbox"
