"""Settings: the environment read once; every default runs on a bare machine with only Python."""

from pathlib import Path

import dj_database_url
from celery.schedules import schedule
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from config import environment
from config.log_lines import FORMATS, logging_for

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(environment.text("VAR_DIR", str(BASE_DIR / "var")))
VAR_DIR.mkdir(parents=True, exist_ok=True)

# Safety ---------------------------------------------------------------------------------------
PRODUCTION = environment.flag("PRODUCTION")
DEBUG = environment.flag("DEBUG")
if PRODUCTION and DEBUG:
    raise ImproperlyConfigured("PRODUCTION and DEBUG cannot both be on.")
SECRET_KEY = environment.secret_key("SECRET_KEY", is_production=PRODUCTION, keep_in=VAR_DIR / "secret_key")
# Seals identity numbers, telephones and bank accounts in the database; a backup without these keys is useless.
PERSONAL_DATA_KEYS = environment.sealing_keys(
    "PERSONAL_DATA_KEYS", is_production=PRODUCTION, keep_in=VAR_DIR / "personal_data_keys"
)
PERSONAL_DATA_INDEX_KEYS = environment.sealing_keys(
    "PERSONAL_DATA_INDEX_KEY", is_production=PRODUCTION, keep_in=VAR_DIR / "personal_data_index_key"
)
PERSONAL_DATA_INDEX_KEY = next(iter(PERSONAL_DATA_INDEX_KEYS.values()))  # the one in use
ALLOWED_HOSTS = environment.words("ALLOWED_HOSTS", [] if PRODUCTION else ["localhost", "127.0.0.1", "[::1]"])
if PRODUCTION and not ALLOWED_HOSTS:
    raise ImproperlyConfigured("ALLOWED_HOSTS must name the site when PRODUCTION is on.")
CSRF_TRUSTED_ORIGINS = environment.words("CSRF_TRUSTED_ORIGINS", [])
BEHIND_TLS = environment.flag("BEHIND_TLS")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BEHIND_TLS
SECURE_SSL_REDIRECT = BEHIND_TLS
SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz|metrics)$"]
SECURE_HSTS_SECONDS = 31_536_000 if BEHIND_TLS else 0
if BEHIND_TLS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SESSION_COOKIE_AGE = 14 * 24 * 3600
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    },
}

# Parts ----------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "casework",
    "households",
    "villages",
    "config.apps.CaseworkAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "axes",
    "csp",
    "rest_framework",
    "knox",
    "drf_spectacular",
    "drf_spectacular_sidecar",
]
MIDDLEWARE = [
    "config.request_ids.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "config.language.ChosenLanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "households.addresses.NoNumbersInAddresses",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "NAME": "django",
        "BACKEND": "config.templating.LettingGo",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

FORM_RENDERER = "config.templating.PlainSelects"

# Who signs in ---------------------------------------------------------------------------------
AUTH_USER_MODEL = "villages.Cadre"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
AXES_FAILURE_LIMIT = environment.whole_number("LOGIN_FAILURE_LIMIT", 10)
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_CALLABLE = "villages.guesses.counted_as"
AXES_LOCKOUT_TEMPLATE = "registration/locked.html"
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False
AXES_ENABLE_ADMIN = False
AXES_DISABLE_ACCESS_LOG = True  # the law of the field: nobody counts who signs in when

# Data -----------------------------------------------------------------------------------------
DATABASE_URL = environment.text("DATABASE_URL", f"sqlite:///{VAR_DIR / 'casework.sqlite3'}")
DATABASES = {"default": dj_database_url.parse(DATABASE_URL, conn_max_age=60, conn_health_checks=True)}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # Untuned SQLite answers half of concurrent read-then-write requests with "database is locked".
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-64000;",
    }
else:
    # Compiling a query costs more than running it; grouping 400,000 duties wants more than the default 4 MB. A plan
    # that is kept (villages/planned.py) is made without looking at the values, otherwise it would be made each time.
    DATABASES["default"]["OPTIONS"] = {"options": "-c jit=off -c work_mem=32MB -c plan_cache_mode=force_generic_plan"}
# Plans of hot queries stay with the connection; a pooler that changes connections between transactions cannot.
PLAN_ONCE = environment.flag("PLAN_ONCE", default=True)
# SQLite makes the index of the coverage figures without the columns it only carries along: slower, and no matter there.
SILENCED_SYSTEM_CHECKS = ["models.W040"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

# Words and time -------------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Simplified Chinese")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["config.formats"]
USE_I18N = True
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

# Files ----------------------------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
MEDIA_ROOT = VAR_DIR / "media"  # photos of visits; no address leads there, a view asks who may see them
WHITENOISE_USE_FINDERS = not PRODUCTION
if PRODUCTION:
    STORAGES = {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    }

# Mail -----------------------------------------------------------------------------------------
EMAIL_BACKEND = environment.text(
    "EMAIL_BACKEND",
    "django.core.mail.backends.smtp.EmailBackend"
    if environment.text("EMAIL_HOST")
    else "django.core.mail.backends.filebased.EmailBackend",
)
EMAIL_FILE_PATH = VAR_DIR / "mail"
EMAIL_HOST = environment.text("EMAIL_HOST", "localhost")
EMAIL_PORT = environment.whole_number("EMAIL_PORT", 25)
EMAIL_HOST_USER = environment.text("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = environment.text("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = environment.flag("EMAIL_USE_TLS")
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = environment.text("DEFAULT_FROM_EMAIL", "casework@localhost")
SITE_URL = environment.text("SITE_URL", "http://127.0.0.1:8000").rstrip("/")

# Background work: rows are the truth, Celery is only the bell that says "look" ------------------
CELERY_BROKER_URL = environment.text("CELERY_BROKER_URL", "filesystem://")
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, str | int]
if CELERY_BROKER_URL == "filesystem://":
    BROKER_DIR = VAR_DIR / "broker"
    for folder in ("queue", "control"):
        (BROKER_DIR / folder).mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(BROKER_DIR / "queue"),
        "data_folder_out": str(BROKER_DIR / "queue"),
        "control_folder": str(BROKER_DIR / "control"),
    }
else:
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "visibility_timeout": 2 * 900,
        "unacked_restore_throttle": 1,
        "socket_connect_timeout": 1,
        "socket_timeout": 5,
    }
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_TIME_LIMIT = 900
CELERY_TASK_SOFT_TIME_LIMIT = 840
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = TIME_ZONE
# Run it on as many hosts as you like: one rings, the others take over when it is silent for so long.
CELERY_BEAT_SCHEDULER = "casework.beat:LeasedScheduler"
BEAT_TAKE_OVER_SECONDS = environment.whole_number("BEAT_TAKE_OVER_SECONDS", 30)
SWEEP_SECONDS = environment.whole_number("SWEEP_SECONDS", 60)
CELERY_BEAT_SCHEDULE = {
    # Workers that were away for an hour find ten bells, not sixty; a clock that is minutes off hears them all the same.
    "sweep": {"task": "casework.tasks.sweep", "schedule": schedule(SWEEP_SECONDS), "options": {"expires": 600}},
}

# What a district office decides ---------------------------------------------------------------
UNSEEN_KEPT_FROM = environment.whole_number("UNSEEN_KEPT_FROM", 60)  # villages; numbers of fewer are counted live
UNSEEN_KEPT_SECONDS = environment.whole_number("UNSEEN_KEPT_SECONDS", 60)
UNSEEN_AFTER_DAYS = environment.whole_number("UNSEEN_AFTER_DAYS", 90)  # from when on a household counts as not seen
LATE_AFTER_DAYS = environment.whole_number("LATE_AFTER_DAYS", 3)
REMIND_FROM_HOUR = environment.whole_number("REMIND_FROM_HOUR", 8)
REMIND_UNTIL_HOUR = environment.whole_number("REMIND_UNTIL_HOUR", 20)
BEHIND_PERCENT = environment.whole_number("BEHIND_PERCENT", 10)  # below the expected line before a village is behind
MONITORING_DAYS = environment.whole_number("MONITORING_DAYS", 15)  # from discovery to decision
MONITORING_IN_WORKDAYS = environment.flag("MONITORING_IN_WORKDAYS")
NOTICE_DAYS = environment.whole_number("NOTICE_DAYS", 5)
REVEALS_A_DAY = environment.whole_number("REVEALS_A_DAY", 30)  # personal numbers a cadre may see in full
# The data-quality page: help needs so many days to show; from this month on last year's income must be on file.
CLEARING_SOONEST_DAYS = environment.whole_number("CLEARING_SOONEST_DAYS", 60)
INCOME_DUE_FROM_MONTH = environment.whole_number("INCOME_DUE_FROM_MONTH", 3)
CONFIRM_WITHIN_DAYS = environment.whole_number("CONFIRM_WITHIN_DAYS", 365)  # how long a visit asks about a measure
NOTICE_TELEPHONES = environment.by_code("NOTICE_TELEPHONES")  # whom a public notice says to tell, by town
# Bulletins drafted by themselves when a month or quarter is over, on which working day, and also for every town.
BULLETIN_MONTHLY = environment.flag("BULLETIN_MONTHLY", default=True)
BULLETIN_QUARTERLY = environment.flag("BULLETIN_QUARTERLY", default=True)
BULLETIN_WORKDAY = environment.whole_number("BULLETIN_WORKDAY", 1)
BULLETIN_TOWNS = environment.flag("BULLETIN_TOWNS")
PHONE_QUEUE_OLD_DAYS = environment.whole_number("PHONE_QUEUE_OLD_DAYS", 3)  # unsent for longer: the office sees it
PROBLEM_DAYS = environment.whole_number("PROBLEM_DAYS", 15)  # what the ledger suggests as the time to solve a problem
PROBLEM_NEXT_LEVEL_WORKDAYS = environment.whole_number("PROBLEM_NEXT_LEVEL_WORKDAYS", 5)  # at one level
PACE_WORKDAYS = environment.whole_number("PACE_WORKDAYS", 10)  # a round's present pace is that of so many working days
LOAD_VISITS_A_WEEK = environment.whole_number("LOAD_VISITS_A_WEEK", 10)  # above it a holder's load is pointed out
FIGURES_KEPT_SECONDS = environment.whole_number("FIGURES_KEPT_SECONDS", 60)  # how old a large place's figures may be
FIGURES_KEPT_FROM = environment.whole_number("FIGURES_KEPT_FROM", 10_000)  # duties; fewer are counted whenever asked
PROVINCE_KEPT_MINUTES = environment.whole_number("PROVINCE_KEPT_MINUTES", 15)  # when the sweep counts a round anew
TEAM_SIZE_EXPECTED = environment.whole_number("TEAM_SIZE_EXPECTED", 3)

# When a visit asks for a word of explanation: never blocked by it, shown to those who went first.
FLAG_SAME_TEXTS = environment.whole_number("FLAG_SAME_TEXTS", 3)  # families or villages with one text ...
FLAG_TEXT_LENGTH = environment.whole_number("FLAG_TEXT_LENGTH", 12)  # ... of at least so many characters ...
FLAG_SAME_TEXT_DAYS = environment.whole_number("FLAG_SAME_TEXT_DAYS", 30)  # ... within so many days
FLAG_VILLAGES = environment.whole_number("FLAG_VILLAGES", 5)  # villages entered ...
FLAG_MINUTES = environment.whole_number("FLAG_MINUTES", 10)  # ... within so many minutes
FLAG_FAR_METRES = environment.whole_number("FLAG_FAR_METRES", 5000)  # from the centre of the village
FLAG_EXPLAIN_DAYS = environment.whole_number("FLAG_EXPLAIN_DAYS", 3)  # before the supervisor sees one unexplained

# Lists to act on, re-checks, handing over.
LIST_BACK_DAYS = environment.whole_number("LIST_BACK_DAYS", 90)  # how far the other lists look back
RECHECKS_A_TOWN = environment.whole_number("RECHECKS_A_TOWN", 5)  # visits a week whose households are asked; 0: none
RECHECK_FLAGGED_WEIGHT = environment.whole_number("RECHECK_FLAGGED_WEIGHT", 2)  # times as likely where a question is
HANDOVER_DAYS = environment.whole_number("HANDOVER_DAYS", 30)  # how long both holders see the handover pack

# How often another program may ask the API, for each process of the web server.
INTEGRATION_READS_A_MINUTE = environment.whole_number("INTEGRATION_READS_A_MINUTE", 120)
INTEGRATION_WRITES_A_MINUTE = environment.whole_number("INTEGRATION_WRITES_A_MINUTE", 60)

# Files that clerks upload: how large, what they may unpack to, and what reading one may cost.
IMPORT_FILE_MEGABYTES = environment.whole_number("IMPORT_FILE_MEGABYTES", 200)
IMPORT_UNPACKED_MEGABYTES = environment.whole_number("IMPORT_UNPACKED_MEGABYTES", 2000)
IMPORT_MEMORY_MEGABYTES = environment.whole_number("IMPORT_MEMORY_MEGABYTES", 600)
IMPORT_SECONDS = environment.whole_number("IMPORT_SECONDS", 300)  # of processor time

# Files that clerks take out: above how many persons a reason is asked for, and how long a file stays.
EXPORT_REASON_ABOVE = environment.whole_number("EXPORT_REASON_ABOVE", 50)
EXPORT_HOURS = environment.whole_number("EXPORT_HOURS", 24)
REFUSED_ROWS_DAYS = environment.whole_number("REFUSED_ROWS_DAYS", 30)  # how long they can be fetched for correcting
EXPORTS_IN_FULL_A_DAY = environment.whole_number("EXPORTS_IN_FULL_A_DAY", 5)

# In whose reading of the facts credit is kept: each is called, in the same transaction, with every
# change of a dated fact (villages/facts.py). Apps below casework cannot import it; this line wires them.
FACT_FOLLOWERS = ["casework.recredit.after_fact_change"]
# What writes lists to act on into the workbooks of households/exports.py, which cannot import it.
LIST_SOURCE = "casework.lists.exporting.ListWorkbook"

REST_FRAMEWORK = {
    # A token of another program, or the session of a person.
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "villages.api.access.IntegrationAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": [
        "rest_framework.permissions.IsAuthenticated",
        "villages.api.access.WithinScopes",
    ],
    "DEFAULT_THROTTLE_CLASSES": ["villages.api.access.IntegrationThrottle"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": [
        "rest_framework.parsers.JSONParser",
        "rest_framework.parsers.FormParser",
    ],
}

SPECTACULAR_SETTINGS = {
    "TITLE": _("Village casework"),
    "DESCRIPTION": _(
        "Visits, rounds and what they come to. People sign in; other programs send “Authorization: Token …”, which the "
        "district's office hands out. A token opens what its scopes name, at its place, so many times a minute."
    ),
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "casework.api.described.tidying.without_docstrings",
    ],
    "ENUM_NAME_OVERRIDES": {
        "RoundState": "casework.models.rounds.RoundState",
        "BulletinKind": "casework.models.BulletinKind",
        "BulletinState": "casework.models.BulletinState",
        "CaseState": "households.models.CaseState",
        "Risk": "households.models.Risk",
    },
    "SORT_OPERATIONS": True,
}

# What is told to those who keep it running -----------------------------------------------------
LOG_FORMAT = environment.one_of("LOG_FORMAT", FORMATS, "json" if PRODUCTION else "plain")
LOGGING = logging_for(LOG_FORMAT, environment.text("LOG_LEVEL", "INFO"), tells_requests=PRODUCTION)
METRICS_TOKEN = environment.text("METRICS_TOKEN")  # empty: /metrics answers this machine alone
