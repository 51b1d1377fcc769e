"""Every setting that Upstream reads from its environment: its name, what it is for, whether serving needs it.

`settings` reads through this table; docs/running.md prints it and docker-compose.yml passes it, held by tests.
"""

import os
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

SECRET_KEY_LENGTH = 50


@dataclass(frozen=True)
class Setting:
    """One variable. `default` is its value where it is not set; `needed`: serving is refused without it."""

    name: str
    purpose: str
    default: str = ""
    needed: bool = False


TABLE = (
    Setting(
        "UPSTREAM_HOSTS",
        "the host names that it is served at, comma between. Setting it makes this a served deployment: "
        "what is marked needed must be set, the demonstration is off, and all is https",
    ),
    Setting(
        "UPSTREAM_SECRET_KEY",
        f"{SECRET_KEY_LENGTH} or more random characters, which sign sessions and links: `openssl rand -hex 32`",
        needed=True,
    ),
    Setting(
        "UPSTREAM_DATABASE_URL",
        "the PostgreSQL database, as the role that runs: `postgres://role:password@host:5432/upstream`. "
        "SQLite in `UPSTREAM_VAR` where Upstream is tried",
        needed=True,
    ),
    Setting(
        "UPSTREAM_OWNER_DATABASE_URL",
        "the same database as the role that owns its tables; read by the commands that make or change tables. "
        "`UPSTREAM_DATABASE_URL` unless set",
    ),
    Setting(
        "UPSTREAM_REDIS_URL",
        "Celery's broker: `redis://host:6379/0`. A folder in `UPSTREAM_VAR` where Upstream is tried",
        needed=True,
    ),
    Setting(
        "UPSTREAM_EMAIL_URL",
        "how e-mail leaves: `smtp+tls://person:password@host:587`, `smtps://…:465` or `smtp://host:25`. "
        "Files in `UPSTREAM_VAR` where Upstream is tried",
        needed=True,
    ),
    Setting("UPSTREAM_FROM_EMAIL", "the sender of e-mails", default="upstream@localhost", needed=True),
    Setting(
        "UPSTREAM_PROXY_HEADER",
        "the header in which your proxy says how people came to it, `X-Forwarded-Proto`. Set it only where the "
        "proxy overwrites what people send; without it Upstream takes every request for plain http and "
        "redirects it to https",
    ),
    Setting(
        "UPSTREAM_PROXIES",
        "how many proxies of yours add to `X-Forwarded-For`, so that attempts to sign in are counted by person "
        "and not by proxy",
        default="0",
    ),
    Setting(
        "UPSTREAM_CLAMAV",
        "the ClamAV daemon that scans what people upload: `host:port`, or the path of its Unix socket. Its "
        "`StreamMaxLength` must be 26 MB or more. Without it files are not scanned, and their pages say so",
    ),
    Setting("UPSTREAM_VAR", "the folder of uploads and gathered static files", default="var"),
    Setting(
        "UPSTREAM_LOG_LEVEL",
        "the least that is logged: `DEBUG`, `INFO`, `WARNING` or `ERROR`. `INFO` where it is served (a line for "
        "each request), `WARNING` where it is tried",
    ),
    Setting(
        "UPSTREAM_DEMONSTRATION",
        "`1` adds an invented region and people whose passwords are public, as where Upstream is tried; `0` "
        "leaves them out. `1` is refused where it is served",
    ),
    Setting("UPSTREAM_DEBUG", "`1` shows errors in full: for developing alone", default="0"),
)
_DEFAULTS = {setting.name: setting.default for setting in TABLE}
_acting_as_owner = False


def read(name):
    """Return the value of a setting of the table, or its default where it is not set or empty."""
    return os.environ.get(name) or _DEFAULTS[name]


def served():
    """Say whether others reach this Upstream."""
    return bool(read("UPSTREAM_HOSTS"))


def problems():
    """Return what keeps a served deployment from starting, each in words; nothing where Upstream is tried."""
    if not served():
        return []
    found = [
        f"{setting.name} is missing: {setting.purpose}."
        for setting in TABLE
        if setting.needed and not os.environ.get(setting.name)
    ]
    key = read("UPSTREAM_SECRET_KEY")
    if key and (len(key) < SECRET_KEY_LENGTH or len(set(key)) < 5):
        found.append(f"UPSTREAM_SECRET_KEY is too short: {SECRET_KEY_LENGTH} random characters or more.")
    for name in ("UPSTREAM_DATABASE_URL", "UPSTREAM_OWNER_DATABASE_URL"):
        if read(name) and urlsplit(read(name)).scheme not in ("postgres", "postgresql"):
            found.append(f"{name} must begin postgres://. Other databases are for trying Upstream.")
    if read("UPSTREAM_DEMONSTRATION") == "1":
        found.append("UPSTREAM_DEMONSTRATION=1 is for trying Upstream: its passwords are public.")
    if read("UPSTREAM_DEBUG") == "1":
        found.append("UPSTREAM_DEBUG=1 is for developing: it shows the source and settings to everybody.")
    return found


def refusal(found):
    """Return the message that refuses to start for the `problems` found."""
    return "Upstream can't be served (UPSTREAM_HOSTS is set):\n" + "\n".join(f"  {each}" for each in found)


def act_as_owner():
    """Let this process meet the database as the role that owns the tables. Called before settings are read."""
    global _acting_as_owner
    _acting_as_owner = True


def database_url():
    """Return the database's address: as the owner in a process that acts as such, else as the role that runs."""
    owner = read("UPSTREAM_OWNER_DATABASE_URL") if _acting_as_owner else ""
    return owner or read("UPSTREAM_DATABASE_URL")


def email_settings(url, folder):
    """Return Django's e-mail settings for `UPSTREAM_EMAIL_URL`; without one, e-mails are files in `folder`."""
    if not url:
        return {
            "EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
            "EMAIL_FILE_PATH": folder,
        }
    address = urlsplit(url)
    ports = {"smtp": 25, "smtp+tls": 587, "smtps": 465}
    if address.scheme not in ports or not address.hostname:
        raise ImproperlyConfigured(
            "UPSTREAM_EMAIL_URL must begin smtp+tls://, smtps:// or smtp:// and name a host."
        )
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": address.hostname,
        "EMAIL_PORT": address.port or ports[address.scheme],
        "EMAIL_HOST_USER": unquote(address.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(address.password or ""),
        "EMAIL_USE_TLS": address.scheme == "smtp+tls",
        "EMAIL_USE_SSL": address.scheme == "smtps",
        "EMAIL_TIMEOUT": 10,
    }
