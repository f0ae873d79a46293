"""All settings of the project, top to bottom. Numbers that people agree on live in agreements, not here."""

import datetime as dt
import time
from pathlib import Path

import environ
from celery.beat import BeatLazyFunc
from celery.schedules import crontab
from csp.constants import NONCE, NONE, SELF, UNSAFE_INLINE
from django.utils.translation import gettext_lazy as _
from kombu.entity import Queue

from slaproject.environment import database_url, seconds, whole_number

# Environment

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

DEBUG = env.bool("DEBUG", default=False)
DEMO = env.bool("DEMO", default=False)  # set by `manage.py demo`: sample accounts are shown, http is served
PRODUCTION = env.bool("PRODUCTION", default=False)  # static files are those that `collectstatic` built
# Django refuses to start a site without it, and says so. The embedded servers keep one beside their data.
SECRET_KEY = env.str("SECRET_KEY", default="")
# What a monitor shows to be told how the work in the background stands; without one nobody is.
METRICS_KEY = env.str("METRICS_KEY", default="")
# Keys that the site had before: what was signed by them, and the secrets of webhooks, go on serving.
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

# Apps

INSTALLED_APPS = [
    "slaproject.accounts",
    "slaproject.bench",
    "slaproject.embedded",
    "slaproject.heartbeat",
    "slaproject.integrations",
    "slaproject.languages",
    "slaproject.outbox",
    "slaproject.setting_up",
    "slaproject.webhooks",
    "reports",
    "leads",
    "agreements",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "axes",
    "csp",
    "rest_framework",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "slaproject.accounts.middleware.session_middleware",
    "slaproject.accounts.middleware.person_middleware",
    "slaproject.accounts.middleware.headers_middleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "slaproject.accounts.kept_forms.kept_forms_middleware",
    "slaproject.integrations.pace.pace_middleware",
    "axes.middleware.AxesMiddleware",  # wants to be the last one
]
ROOT_URLCONF = "slaproject.urls"
WSGI_APPLICATION = "slaproject.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Templates

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "slaproject" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "slaproject.navigation.menu",
                "slaproject.outbox.bell.bell",
            ]
        },
    }
]

# Database

DATABASES = {"default": env.db_url_config(database_url("DATABASE_URL", "postgresql://localhost/sla"))}
DATABASE_OPTIONS = DATABASES["default"].setdefault("OPTIONS", {})
# A query that runs away is stopped: in a task with the task's limit, on a page sooner (wsgi.py), in a command never.
STATEMENT_TIMEOUT_MS = whole_number("STATEMENT_TIMEOUT_MS", 240_000, at_least=0)
DATABASE_OPTIONS["options"] = " ".join(
    filter(None, [DATABASE_OPTIONS.get("options"), f"-c statement_timeout={STATEMENT_TIMEOUT_MS}"])
)
if env.bool("DATABASE_POOL", default=False):
    # For a web server's threads. Prefork workers each keep their one connection: a pool does not survive the fork.
    DATABASE_OPTIONS["pool"] = {
        "min_size": 1,
        "max_size": whole_number("DATABASE_POOL_SIZE", 10, at_least=1),
        "timeout": 10,
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = whole_number("CONN_MAX_AGE", 60, at_least=0)
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True

# People

AUTH_USER_MODEL = "accounts.User"
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "sign-in"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",  # lets nobody in; refuses who failed too often
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
# For invitations too: long enough for a weekend, short enough for a mailbox that others may read later.
PASSWORD_RESET_TIMEOUT = 3 * 24 * 3600

# Who fails to sign in this often from one place waits; another place, or a new password by mail, is not held up.
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = dt.timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # the page says how long, and that stays true
AXES_USERNAME_FORM_FIELD = "username"
AXES_USERNAME_CALLABLE = "slaproject.accounts.lockout.account_name"
AXES_CLIENT_IP_CALLABLE = "slaproject.accounts.lockout.client_address"
AXES_LOCKOUT_CALLABLE = "slaproject.accounts.lockout.locked_out"
AXES_DISABLE_ACCESS_LOG = True  # who signed in when, from where, is kept by nobody
AXES_VERBOSE = False
# What was typed is noted beside a failure, but for these: passwords are kept by nobody.
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address", "old_password", "new_password1", "new_password2"]

# Mail: by EMAIL_URL (smtp+tls://user:password@host:587, filemail:///folder); without it mails go to the log.

MAIL = env.email_url("EMAIL_URL", default="consolemail://")
EMAIL_BACKEND = MAIL["EMAIL_BACKEND"]
EMAIL_HOST, EMAIL_PORT = MAIL.get("EMAIL_HOST") or "localhost", MAIL.get("EMAIL_PORT") or 25
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = (
    MAIL.get("EMAIL_HOST_USER") or "",
    MAIL.get("EMAIL_HOST_PASSWORD") or "",
)
EMAIL_USE_TLS, EMAIL_USE_SSL = MAIL.get("EMAIL_USE_TLS", False), MAIL.get("EMAIL_USE_SSL", False)
EMAIL_FILE_PATH = MAIL.get("EMAIL_FILE_PATH") or None
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="promises@localhost")

# Messages to people: mails, chats and webhooks lead to pages by the site's public address; without it they name none.
SITE_URL = env.str("SITE_URL", default="").rstrip("/")
# A chat or webhook is a public address on the internet. True lets people name hosts of the own network: for tests, or
# where everybody who can sign in may reach what the workers reach.
ALLOW_PRIVATE_TARGETS = env.bool("ALLOW_PRIVATE_TARGETS", default=False)

# Time: instants are stored in UTC; the zone that business hours count in belongs to a calendar, not here.

USE_TZ = True
TIME_ZONE = "UTC"

# Language

USE_I18N = True
LANGUAGE_CODE = "en"
FORMAT_MODULE_PATH = ["slaproject.formats"]  # one way to write a day, in the admin too
LANGUAGES = [("en", _("English")), ("ko", _("Korean")), ("pl", _("Polish"))]
LOCALE_PATHS = [BASE_DIR / "slaproject" / "locale"]

# Static files: packages of npm as they came, and our own; no bundler, no other host.

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "static-built" if PRODUCTION else None
NODE_MODULES = BASE_DIR / "node_modules"
STATICFILES_DIRS = [
    BASE_DIR / "slaproject" / "static",
    *(
        (name, folder)
        for name, folder in (
            ("tabler/css", NODE_MODULES / "@tabler" / "core" / "dist" / "css"),
            ("tabler/js", NODE_MODULES / "@tabler" / "core" / "dist" / "js"),
            ("htmx", NODE_MODULES / "htmx.org" / "dist"),
            ("plotly", NODE_MODULES / "plotly.js-cartesian-dist-min"),
        )
        if folder.is_dir()
    ),
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        # Compressing all of it takes a minute: only where `collectstatic` is run once for many requests.
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not PRODUCTION
WHITENOISE_AUTOREFRESH = DEBUG

# Celery: tasks may be executed twice and must not mind; a task that a dead worker held comes back.

CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", default="redis://localhost:6379/0")
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    # Above the limit of tasks, else a running one is given to a second worker. The import of a file may take longer:
    # given out again, it finds that the file is claimed, and ends.
    "visibility_timeout": 300,
    "unacked_restore_throttle": 1,  # look for such tasks often: with the default they came back minutes late
}
# A plain worker takes both; where files are large, one of its own for what is long keeps it from what is due.
CELERY_TASK_QUEUES = tuple(Queue(name) for name in ("celery", "bulk"))  # type: ignore[no-untyped-call]
CELERY_TASK_ROUTES = {
    name: {"queue": "bulk"} for name in ("leads.tasks.work_on_uploads", "leads.tasks.make_exports")
}
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_TIME_LIMIT = 240
CELERY_TASK_SOFT_TIME_LIMIT = 220
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 10
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"

# Beat schedule: what happens by itself, and why then

BEAT_SECONDS = seconds("BEAT_SECONDS", 20.0, at_least=1)
# How often an open page asks whether there are newer figures.
POLL_SECONDS = seconds("POLL_SECONDS", 15.0, at_least=1)
CELERY_BEAT_SCHEDULE = {
    # Charts say "as of"; twenty seconds keep that younger than a minute with room for one failed run.
    "refresh-figures": {
        "task": "reports.tasks.refresh_figures",
        "schedule": BEAT_SECONDS,
        "options": {"expires": BEAT_SECONDS},
    },
    # At noon of UTC a day, and so a month, is over everywhere: half an hour later each agreement's can be closed.
    "close-months": {
        "task": "reports.tasks.close_months",
        "schedule": crontab(hour=12, minute=30),
    },
    # A quarter after the months were closed, and each hour for what was corrected since or a killed worker left.
    "make-editions": {
        "task": "reports.tasks.make_editions",
        "schedule": crontab(minute=45),
    },
    # Written out 60 days ahead; often, so that a version signed today shows its dates within minutes.
    "what-is-owed": {
        "task": "agreements.tasks.write_out_what_is_owed",
        "schedule": 300.0,
        "options": {"expires": 300},
    },
    # Reminders are days ahead, and an overdue date can be an hour old: half of that is soon enough.
    "notice-dates": {
        "task": "agreements.tasks.notice_dates",
        "schedule": 1800.0,
        "options": {"expires": 1800},
    },
    # A breach is told within a minute of the sweep that found it, with room for one failed run.
    "tell-people": {
        "task": "slaproject.outbox.tasks.tell_people",
        "schedule": BEAT_SECONDS,
        "options": {"expires": BEAT_SECONDS},
    },
    # Apart from telling: a mail server that hangs must not keep anybody from being told in the app.
    "deliver-messages": {
        "task": "slaproject.outbox.tasks.deliver_messages",
        "schedule": BEAT_SECONDS,
        "options": {"expires": BEAT_SECONDS},
    },
    # Asked for by the page at once; this finds what a broker or a worker lost.
    "mail-links": {
        "task": "slaproject.accounts.tasks.mail_links",
        "schedule": BEAT_SECONDS,
        "options": {"expires": BEAT_SECONDS},
    },
    # Once a day is looked at for each agreement, in the morning of its zone: the hour differs, so every hour asks.
    "look-at-goals": {
        "task": "slaproject.outbox.tasks.look_at_goals",
        "schedule": crontab(minute=5),
    },
    # Monday 8:00 and the evening are at another instant in each zone, in some a quarter past: every five minutes asks.
    "send-digests": {
        "task": "slaproject.outbox.tasks.send_digests",
        "schedule": crontab(minute="*/5"),
        "options": {"expires": 240},
    },
    # At night: alerts older than a year go, and what was delivered of them.
    "forget-old-alerts": {
        "task": "slaproject.outbox.tasks.forget_old_alerts",
        "schedule": crontab(hour=3, minute=40),
    },
    # Keys of the API serve for a day: once an hour is often enough to let the table not grow.
    "forget-kept-answers": {
        "task": "slaproject.integrations.tasks.forget_kept_answers",
        "schedule": crontab(minute=25),
    },
    # Asked for by the first webhook that waits; this finds what a broker or a worker lost.
    "take-incoming": {
        "task": "slaproject.webhooks.tasks.take_incoming",
        "schedule": BEAT_SECONDS,
        "options": {"expires": BEAT_SECONDS},
    },
    # Apart from messages: a program that hangs must not keep any person's mail.
    "send-outgoing": {
        "task": "slaproject.webhooks.tasks.send_outgoing",
        "schedule": BEAT_SECONDS,
        "options": {"expires": BEAT_SECONDS},
    },
    # At night: webhooks that came or went long ago go.
    "forget-old-webhooks": {
        "task": "slaproject.webhooks.tasks.forget_old_webhooks",
        "schedule": crontab(hour=3, minute=50),
    },
    # A report that is owed is attached within the quarter of an hour before it is due.
    "attach-reports": {
        "task": "reports.tasks.attach_reports",
        "schedule": 300.0,
        "options": {"expires": 300},
    },
    # Who has signed looks for the document soon after; one that a worker left behind is made the next time.
    "signed-documents": {
        "task": "agreements.tasks.make_missing_documents",
        "schedule": BEAT_SECONDS,
        "options": {"expires": BEAT_SECONDS},
    },
    # Asked for by the page at once; this finds what a broker or a worker lost.
    "uploads": {
        "task": "leads.tasks.work_on_uploads",
        "schedule": BEAT_SECONDS,
        "options": {"expires": BEAT_SECONDS},
    },
    # At night: files that nobody came back to for a week go.
    "forget-old-uploads": {
        "task": "leads.tasks.forget_old_uploads",
        "schedule": crontab(hour=3, minute=20),
    },
    # Asked for by the page at once; this finds what is due by itself, and what a broker or a worker lost.
    "exports": {
        "task": "leads.tasks.make_exports",
        "schedule": BEAT_SECONDS,
        "options": {"expires": BEAT_SECONDS},
    },
    # At night: files that were made more than a week ago go.
    "forget-old-exports": {
        "task": "leads.tasks.forget_old_exports",
        "schedule": crontab(hour=3, minute=25),
    },
    # In the small hours, when nobody waits for the database: the log then holds a head of every chain for each day.
    "verify-records": {
        "task": "agreements.tasks.verify_records",
        "schedule": crontab(hour=2, minute=15),
    },
    # As is compared then whether figures are what counting some months anew gives.
    "check-figures": {
        "task": "reports.tasks.check_figures",
        "schedule": crontab(hour=2, minute=35),
    },
    # The site can tell that beat and worker live only by what they leave behind.
    "heartbeat": {
        "task": "slaproject.heartbeat.tasks.beat_heartbeat",
        "schedule": BEAT_SECONDS,
        "args": [
            BeatLazyFunc(time.time)
        ],  # the time of sending is beat's sign of life, the row's writing the worker's
        "options": {"expires": 60},
    },
}

# Files: which lists and reports there are as files, and where those of the server go; empty: nowhere.

EXPORT_FILES = ["leads.exports.lists.FILES", "reports.pages.report_files.FILES"]
EXPORT_FOLDER = env.str("EXPORT_FOLDER", default="")

# API: JSON alone, for programs with a token and for people who are signed in.

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "slaproject.integrations.authentication.TokenAuthentication",
        "slaproject.integrations.authentication.PersonAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["agreements.api.scopes.Door"],
    "DEFAULT_THROTTLE_CLASSES": ["slaproject.integrations.pace.Throttle"],
    "DEFAULT_RENDERER_CLASSES": ["agreements.api.rendering.Renderer"],
    "DEFAULT_PARSER_CLASSES": ["slaproject.integrations.problems.BodyParser"],
    "DEFAULT_METADATA_CLASS": None,
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "slaproject.integrations.problems.problem",
    "URL_FORMAT_OVERRIDE": None,
}
# How a request of the API that changes something is done once: see agreements.api.writing.
API_ONCE = "slaproject.integrations.once.once"
SPECTACULAR_SETTINGS = {
    "TITLE": "Promises of sales and marketing",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    # A browser's session serves too, but a description is for programs.
    "AUTHENTICATION_WHITELIST": [],
    "APPEND_COMPONENTS": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
    "SECURITY": [{"token": []}],
    "ENUM_NAME_OVERRIDES": {
        "AgreementKind": "agreements.models.Agreement.Kind",
        "AttemptOutcome": "leads.models.FollowUpAttempt.Outcome",
        "ClockState": "leads.models.HandOff.State",
        "Deadline": "leads.models.HandOff.Deadline",
        "VersionState": "agreements.models.Version.State",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "slaproject.integrations.schema.leave_fields_open",
        "slaproject.integrations.schema.add_problems",
        "slaproject.integrations.schema.add_headers",
    ],
}

# Security

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, UNSAFE_INLINE],  # Plotly writes style attributes
        "img-src": [SELF, "data:", "blob:"],
        "font-src": [SELF, "data:"],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
HTTPS_ONLY = not (DEBUG or DEMO)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS_ONLY
if (
    HTTPS_ONLY
):  # by this prefix a browser takes them from this host alone, never from another one of the domain
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
# A session ends after a working day in which nobody came, and a week after signing in whoever comes. The first is
# told by a page's request at most every five minutes, so that not every page writes.
SESSION_COOKIE_AGE = 8 * 3600
SESSION_TOUCH_AFTER = dt.timedelta(minutes=5)
SESSION_LONGEST = dt.timedelta(days=7)
CSRF_FAILURE_VIEW = "slaproject.accounts.refusals.csrf_failure"
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS_ONLY else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS_ONLY
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
PERMISSIONS_POLICY = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
BEHIND_PROXY = env.bool("BEHIND_PROXY", default=False)
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# Most often the proxy's work, and done here too where the proxy says what it was asked by.
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=HTTPS_ONLY and BEHIND_PROXY)
SECURE_REDIRECT_EXEMPT = [r"^livez$", r"^readyz$", r"^metrics$"]
SILENCED_SYSTEM_CHECKS = ["security.W021"]  # a browser's preload list is for whoever owns the domain to join

# Logging: to stderr; whoever runs the process decides where it goes.

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["stderr"], "level": env.str("LOG_LEVEL", default="INFO")},
}
