"""Settings, read once from the environment through the table in `environment`.

Nothing is needed to try Upstream: without any variable it runs in demonstration mode on SQLite under `var/`, with
Celery on kombu's filesystem transport. A served deployment (`UPSTREAM_HOSTS`) is refused until all it needs is set.
"""

from pathlib import Path

import dj_database_url
from celery.schedules import crontab
from django.core.exceptions import ImproperlyConfigured

from config import api_settings, environment, headers, logs

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / environment.read("UPSTREAM_VAR")
VAR_DIR.mkdir(parents=True, exist_ok=True)

SERVED = environment.served()
if _problems := environment.problems():
    raise ImproperlyConfigured(environment.refusal(_problems))
DATABASE_URL = environment.database_url()
REDIS_URL = environment.read("UPSTREAM_REDIS_URL")
# Demonstration mode creates people with published passwords, so it never runs where others can reach it.
DEMONSTRATION = not SERVED and environment.read("UPSTREAM_DEMONSTRATION") in ("", "1")
DEBUG = environment.read("UPSTREAM_DEBUG") == "1"
SECRET_KEY = environment.read("UPSTREAM_SECRET_KEY") or "only-for-trying-upstream-on-this-machine-" + "0" * 24
ALLOWED_HOSTS = [
    host.strip()
    for host in (environment.read("UPSTREAM_HOSTS") or "127.0.0.1,localhost,testserver").split(",")
    if host.strip()
]

# Served, all is https: whoever comes by http is sent there, and the browser remembers to for a year.
SECURE_SSL_REDIRECT = SERVED
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if SERVED else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SERVED
# Not preloaded: a list within browsers is hard to leave, and it takes whole domains, of which we have one name.
SILENCED_SYSTEM_CHECKS = ["security.W021"]
if _proxy_header := environment.read("UPSTREAM_PROXY_HEADER"):
    SECURE_PROXY_SSL_HEADER = ("HTTP_" + _proxy_header.upper().replace("-", "_"), "https")
ALLAUTH_TRUSTED_PROXY_COUNT = int(environment.read("UPSTREAM_PROXIES"))
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS] if SERVED else []
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SERVED
if SERVED:
    # A name that a browser takes over https alone, and never from a neighbour under the same domain.
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
CONTENT_SECURITY_POLICY = headers.CONTENT_SECURITY_POLICY
LOGGING = logs.configuration(as_json=SERVED, level=logs.level())

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "rest_framework",
    "django_filters",
    "knox",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "look",
    "history",
    "councils",
    "accounts",
    "api",
    "cases",
    "inspections",
    "improvement",
    "peer_reviews",
    "dashboards",
    "config",
]

MIDDLEWARE = [
    "config.health.HealthMiddleware",
    "config.logs.RequestLogMiddleware",
    "config.headers.HeadersMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.SignedInMiddleware",
    "accounts.middleware.ViewerMiddleware",
    "accounts.middleware.SecondFactorMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
FORM_RENDERER = "look.forms.GovukRenderer"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.context.site",
            ],
        },
    },
]

if DATABASE_URL:
    DATABASES = {"default": dj_database_url.parse(DATABASE_URL, conn_max_age=60, conn_health_checks=True)}
    # PostgreSQL would compile the longer statements anew each time, for longer than they run (measured: two thirds
    # of the sweep).
    DATABASES["default"].setdefault("OPTIONS", {}).setdefault("options", "-c jit=off")
else:
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": VAR_DIR / "upstream.sqlite3",
            "OPTIONS": {
                # Write locks are taken at BEGIN, so two writers queue instead of failing half way.
                "transaction_mode": "IMMEDIATE",
                "timeout": 30,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
            },
        }
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Sign-in must work with Redis down, so rate limits count in the database.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache"}}

AUTH_USER_MODEL = "accounts.Person"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
# The grid of a plan of 120 actions is one form, saved whole where there is no script: some 1,600 fields.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
LOGIN_URL = "account_login"
CSRF_FAILURE_VIEW = "accounts.typed.csrf_failure"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "accounts.adapter.InvitedOnlyAdapter"
ACCOUNT_FORMS = {
    "login": "accounts.forms.LoginForm",
    "change_password": "accounts.forms.ChangePasswordForm",
    "reset_password": "accounts.forms.ResetPasswordForm",
    "reset_password_from_key": "accounts.forms.ResetPasswordKeyForm",
}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # nobody is mailed who has not been invited
ACCOUNT_EMAIL_SUBJECT_PREFIX = "Upstream: "
ACCOUNT_SESSION_REMEMBER = False
MFA_ADAPTER = "accounts.adapter.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Upstream"

globals().update(environment.email_settings(environment.read("UPSTREAM_EMAIL_URL"), VAR_DIR / "mail"))
DEFAULT_FROM_EMAIL = SERVER_EMAIL = environment.read("UPSTREAM_FROM_EMAIL")

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/London"
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = VAR_DIR / "uploads"
CLAMAV = environment.read("UPSTREAM_CLAMAV")
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

if REDIS_URL:
    CELERY_BROKER_URL = REDIS_URL
    # A broker that is gone without a word is noticed, instead of waited for.
    CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_connect_timeout": 3, "socket_timeout": 10}
else:
    CELERY_BROKER_URL = "filesystem://localhost"  # a name, or kombu warns at every start
    CELERY_BROKER_TRANSPORT = "config.embedded_queue:Transport"
    _queue = VAR_DIR / "queue"
    for folder in ("messages", "processed", "control"):
        (_queue / folder).mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        # One folder both ways: what the web process sends is what the worker reads.
        "data_folder_in": str(_queue / "messages"),
        "data_folder_out": str(_queue / "messages"),
        "processed_folder": str(_queue / "processed"),
        "control_folder": str(_queue / "control"),
    }
CELERY_TASK_IGNORE_RESULT = True  # and no result backend: what a task did is in the database
CELERY_TIMEZONE = TIME_ZONE
# What a killed worker left half done comes back after Redis's hour of visibility. Tasks take seconds.
CELERY_TASK_ACKS_LATE = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # the broker may be away for a night
CELERY_TASK_PUBLISH_RETRY = False  # nor does anybody wait for it: what is to be done is in the database
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "beat-schedule")
# A lost message costs the flags an hour at most: the sweep is safe to repeat, so it also runs hourly. Both run when
# a worker starts or finds the broker again, and beat makes up for a night when it did not run.
CELERY_BEAT_SCHEDULE = {
    "nightly": {"task": "improvement.tasks.nightly", "schedule": crontab(hour=2, minute=15)},
    "reviews-nightly": {"task": "peer_reviews.tasks.nightly", "schedule": crontab(hour=2, minute=45)},
    "sweep-hourly": {"task": "cases.tasks.flag_overdue", "schedule": crontab(minute=40)},
    # Files are scanned as they come; what the scanner did not answer about is asked again.
    "scan-documents": {
        "task": "cases.tasks.scan_documents",
        "schedule": crontab(minute="*/5"),
        "options": {"expires": 290},
    },
    # Where no worker takes it up within the minute, the next one does.
    "imports-each-minute": {
        "task": "inspections.tasks.carry_on_imports",
        "schedule": crontab(),
        "options": {"expires": 55},
    },
}

REST_FRAMEWORK = api_settings.REST_FRAMEWORK
KNOX_TOKEN_MODEL = api_settings.KNOX_TOKEN_MODEL
# Ours stands in the place of its one table, which its migrations would make all the same.
MIGRATION_MODULES = {"knox": None}
REST_KNOX = api_settings.REST_KNOX
SPECTACULAR_SETTINGS = api_settings.SPECTACULAR_SETTINGS
