"""The site for a WSGI server: `gunicorn slaproject.wsgi`."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from slaproject.charsets import reading_text

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "slaproject.settings")
os.environ.setdefault("DATABASE_POOL", "1")  # read by the settings, below: many threads share few connections
os.environ.setdefault("STATEMENT_TIMEOUT_MS", "25000")  # below gunicorn's patience

application = reading_text(get_wsgi_application())
assert settings.SECRET_KEY  # reading it raises where it is missing: at the start, not at the first visitor
