"""The Celery app: `celery -A slaproject.celery worker` and `… beat`."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "slaproject.settings")

app = Celery("slaproject")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
