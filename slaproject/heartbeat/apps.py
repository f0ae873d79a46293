from django.apps import AppConfig


class HeartbeatConfig(AppConfig):
    """What tells that beat and the workers live."""

    name = "slaproject.heartbeat"

    def ready(self) -> None:
        # Whatever process Django runs in, `shared_task` must find this project's Celery app and its broker.
        import slaproject.celery  # noqa: F401
