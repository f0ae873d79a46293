from django.apps import AppConfig


class IntegrationsConfig(AppConfig):
    """Programs that speak to the API: their tokens, their pace, and what they are told when something is wrong."""

    name = "slaproject.integrations"
