"""Settings, read once from the environment.

Nothing is needed to try Upstream: without any variable it runs in demonstration mode on SQLite
under `var/`, with Celery on kombu's filesystem transport. A served deployment sets
`UPSTREAM_DATABASE_URL`, `UPSTREAM_REDIS_URL`, `UPSTREAM_SECRET_KEY` and `UPSTREAM_HOSTS`.
"""

import os
from pathlib import Path

import dj_database_url
from celery.schedules import crontab
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(os.environ.get("UPSTREAM_VAR", BASE_DIR / "var"))
VAR_DIR.mkdir(parents=True, exist_ok=True)

DATABASE_URL = os.environ.get("UPSTREAM_DATABASE_URL", "")
REDIS_URL = os.environ.get("UPSTREAM_REDIS_URL", "")
SERVED = bool(os.environ.get("UPSTREAM_HOSTS"))

# Demonstration mode creates people with published passwords, so it never runs where others can reach it.
DEMONSTRATION = os.environ.get("UPSTREAM_DEMONSTRATION", "0" if SERVED else "1") == "1"
if SERVED and DEMONSTRATION:
    raise ImproperlyConfigured(
        "UPSTREAM_DEMONSTRATION=1 is refused where UPSTREAM_HOSTS is set: its passwords are public."
    )

DEBUG = os.environ.get("UPSTREAM_DEBUG", "0") == "1"
SECRET_KEY = os.environ.get("UPSTREAM_SECRET_KEY", "")
if not SECRET_KEY:
    if SERVED:
        raise ImproperlyConfigured("Set UPSTREAM_SECRET_KEY to a long random text.")
    SECRET_KEY = "only-for-trying-upstream-on-this-machine-" + "0" * 24
ALLOWED_HOSTS = [h for h in os.environ.get("UPSTREAM_HOSTS", "127.0.0.1,localhost,testserver").split(",") if h]
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS] if SERVED else []
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SERVED

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
    "look",
    "history",
    "councils",
    "accounts",
    "cases",
    "inspections",
    "improvement",
    "dashboards",
    "config",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
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
LOGIN_URL = "account_login"
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

EMAIL_BACKEND = os.environ.get(
    "UPSTREAM_EMAIL_BACKEND",
    "django.core.mail.backends.smtp.EmailBackend" if SERVED else "django.core.mail.backends.filebased.EmailBackend",
)
EMAIL_FILE_PATH = VAR_DIR / "mail"
DEFAULT_FROM_EMAIL = os.environ.get("UPSTREAM_FROM_EMAIL", "upstream@localhost")

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/London"
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = VAR_DIR / "uploads"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

if REDIS_URL:
    CELERY_BROKER_URL = REDIS_URL
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
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "beat-schedule")
# A lost message costs the flags an hour at most: the sweep is safe to repeat, so it also runs hourly. Both run when
# a worker starts, and beat makes up for a night when it did not run.
CELERY_BEAT_SCHEDULE = {
    "nightly": {"task": "improvement.tasks.nightly", "schedule": crontab(hour=2, minute=15)},
    "sweep-hourly": {"task": "cases.tasks.flag_overdue", "schedule": crontab(minute=40)},
}

X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
