from django.apps import AppConfig


class EmbeddedConfig(AppConfig):
    """PostgreSQL and Valkey from wheels, for the demo and the tests; an app only for its command."""

    name = "slaproject.embedded"
