"""Superset's settings for a laptop and for a server; SUPERSET_CONFIG_PATH points here.

Reads SUPERSET_SECRET_KEY, SUPERSET_METADATA_URI, SUPERSET_HOME and SUPERSET_PUBLIC_URL. The warehouse
password of a database user is read when a connection is made: SUPERSET_DB_PASSWORD_<USER IN CAPITALS>.
"""

import os
import secrets
import sys
from datetime import timedelta
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit

import yaml
from flask import Flask
from jinja2 import ChoiceLoader, FileSystemLoader
from sqlalchemy.engine.url import URL

HERE = Path(__file__).resolve().parent
LOCALHOST = ("127.0.0.1", "localhost", "::1")
KEY_LENGTH = 32
PLACEHOLDERS = ("change", "replace", "secret", "example", "password", "your")


def refuse(problem: str, fix: str) -> NoReturn:
    """Stop before anything listens. Exit code 3 tells gunicorn's master not to try again."""
    print(f"Superset does not start: {problem}. {fix}", file=sys.stderr)
    raise SystemExit(3)


def required(name: str, fix: str) -> str:
    return os.environ.get(name) or refuse(f"{name} is not set", fix)


def secret_key() -> str:
    """The key that signs sessions; a short or well-known one would let anybody sign in as admin."""
    fix = "Set a random one, for example: openssl rand -base64 42"
    key = required("SUPERSET_SECRET_KEY", fix)
    if len(key) < KEY_LENGTH:
        refuse(f"SUPERSET_SECRET_KEY is shorter than {KEY_LENGTH} characters", fix)
    if any(word in key.lower() for word in PLACEHOLDERS) or len(set(key)) < KEY_LENGTH // 4:
        refuse("SUPERSET_SECRET_KEY is a placeholder or a published default", fix)
    return key


def is_plain_http(public_url: str) -> bool:
    """True on a laptop (http on localhost); False behind a TLS proxy; anything else is refused."""
    url = urlsplit(public_url)
    if url.scheme == "http" and url.hostname in LOCALHOST:
        return True
    if url.scheme == "https" and url.hostname:
        return False
    return refuse(
        f"SUPERSET_PUBLIC_URL is {public_url!r}",
        "Use https://<host> behind a TLS proxy, or http://127.0.0.1:<port> on a laptop.",
    )


def warehouse_password(url: URL) -> str | None:
    """Passwords stay in the environment: neither in the bundle nor in Superset's own database."""
    return os.environ.get(f"SUPERSET_DB_PASSWORD_{(url.username or '').upper()}")


def file_cache(timeout: timedelta) -> dict[str, object]:
    """A cache on disk that all workers share.

    Both caches use the same folder because Superset's cache invalidation looks in the first only.
    """
    return {
        "CACHE_TYPE": "FileSystemCache",
        "CACHE_DIR": str(Path(DATA_DIR, "cache")),
        "CACHE_THRESHOLD": 5000,
        "CACHE_DEFAULT_TIMEOUT": int(timeout.total_seconds()),
    }


def adapt(app: Flask) -> None:
    """Two things that Superset leaves undone, added while it starts."""
    # Its pages do not tell a phone how wide it is; templates/head_custom_extra.html does.
    app.jinja_loader = ChoiceLoader([FileSystemLoader(HERE / "templates"), app.jinja_loader])

    from superset.commands.exceptions import CommandInvalidError, ImportFailedError

    @app.errorhandler(ImportFailedError)
    def explain(error: ImportFailedError) -> tuple[dict[str, object], int]:
        """It answers 'unknown reason' to every import that fails; the reason is the exception behind that."""
        reason = error.__cause__
        details = reason.normalized_messages() if isinstance(reason, CommandInvalidError) else {}
        return {"errors": [{"message": str(reason or error), "extra": details}]}, 422


APP_NAME = "Creamery"
FLASK_APP_MUTATOR = adapt
SECRET_KEY = secret_key()
SQLALCHEMY_DATABASE_URI = required(
    "SUPERSET_METADATA_URI", "Set it to postgresql+psycopg2://<user>:<password>@<host>:<port>/superset"
)
DATA_DIR = required("SUPERSET_HOME", "Set it to a folder that only Superset writes to.")
SQLALCHEMY_CUSTOM_PASSWORD_STORE = warehouse_password

CACHE_CONFIG = file_cache(timedelta(hours=1))
DATA_CACHE_CONFIG = file_cache(timedelta(hours=12))
STORE_CACHE_KEYS_IN_METADATA_DB = True  # so that the importer can drop what a new night made stale

FEATURE_FLAGS = {"ALERT_REPORTS": False, "EMBEDDED_SUPERSET": False}
GUEST_TOKEN_JWT_SECRET = secrets.token_urlsafe(32)  # nothing is embedded, so nobody may know it
CELERY_CONFIG = None  # nothing runs in the background: Airflow does the sending
RATELIMIT_STORAGE_URI = "memory://"
UPLOAD_FOLDER = f"{DATA_DIR}/uploads/"
SUPERSET_WEBSERVER_TIMEOUT = 60

# Browsers may load from, and talk to, this server only: no telemetry pixel, map tiles or web fonts.
PLAIN_HTTP = is_plain_http(os.environ.get("SUPERSET_PUBLIC_URL", "http://127.0.0.1:8088"))
ENABLE_PROXY_FIX = not PLAIN_HTTP
ENABLE_CORS = False
THEME_FONT_URL_ALLOWED_DOMAINS: list[str] = []
SESSION_COOKIE_NAME = "superset_session"  # cookies know no ports: Airflow beside it has its own `session`
SESSION_COOKIE_SECURE = not PLAIN_HTTP
TALISMAN_ENABLED = True
TALISMAN_CONFIG = {
    "content_security_policy": {
        "base-uri": ["'self'"],
        "default-src": ["'self'"],
        "img-src": ["'self'", "blob:", "data:"],
        "worker-src": ["'self'", "blob:"],
        "connect-src": ["'self'"],
        "object-src": "'none'",
        "style-src": ["'self'", "'unsafe-inline'"],
        "font-src": ["'self'"],
        "script-src": ["'self'", "'strict-dynamic'"],
    },
    "content_security_policy_nonce_in": ["script-src"],
    "force_https": not PLAIN_HTTP,
    "session_cookie_secure": not PLAIN_HTTP,
}

CURRENCIES = ["BDT", "USD", "EUR", "GBP", "INR"]
D3_FORMAT = {"decimal": ".", "thousands": ",", "grouping": [3], "currency": ["", ""]}

palette = yaml.safe_load((HERE / "palette.yaml").read_text())
EXTRA_CATEGORICAL_COLOR_SCHEMES = [
    {
        "id": "creamery",
        "description": "What has no colour of its own",
        "label": "Creamery",
        "isDefault": True,
        "colors": palette["series"],
    }
]
EXTRA_SEQUENTIAL_COLOR_SCHEMES = [
    {
        "id": "creamery_intensity",
        "description": "From few to many",
        "label": "Creamery intensity",
        "isDefault": True,
        "isDiverging": False,
        "colors": palette["intensity"],
    }
]
