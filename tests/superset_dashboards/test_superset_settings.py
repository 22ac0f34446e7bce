"""superset_config.py: what it refuses, and what it allows a browser to load."""

import json
import os
import secrets
import subprocess
import sys
from typing import Any

import pytest
from running_superset import DASHBOARDS

PROGRAM = """
import json, superset_config as settings
print(json.dumps({
    "talisman": settings.TALISMAN_CONFIG,
    "proxy": settings.ENABLE_PROXY_FIX,
    "cookie": settings.SESSION_COOKIE_SECURE,
    "cache": settings.DATA_CACHE_CONFIG["CACHE_DIR"],
}))
"""


def load(program: str = PROGRAM, **changes: str | None) -> subprocess.CompletedProcess[str]:
    """Import the settings in a process of their own, with a good environment but for `changes`."""
    environment: dict[str, Any] = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(DASHBOARDS),
        "SUPERSET_SECRET_KEY": secrets.token_urlsafe(42),
        "SUPERSET_METADATA_URI": "postgresql+psycopg2://superset@127.0.0.1/superset",
        "SUPERSET_HOME": "/tmp/superset",  # noqa: S108 (only named, never written)
    } | changes
    given = {name: value for name, value in environment.items() if value is not None}
    return subprocess.run([sys.executable, "-c", program], env=given, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"SUPERSET_SECRET_KEY": None}, "SUPERSET_SECRET_KEY is not set"),
        ({"SUPERSET_SECRET_KEY": "f8a3"}, "shorter than 32"),
        ({"SUPERSET_SECRET_KEY": "CHANGE_ME_TO_A_COMPLEX_RANDOM_SECRET"}, "placeholder"),
        ({"SUPERSET_SECRET_KEY": "YOUR_OWN_RANDOM_GENERATED_SECRET_KEY"}, "placeholder"),
        ({"SUPERSET_SECRET_KEY": "0123" * 10}, "placeholder"),
        ({"SUPERSET_METADATA_URI": None}, "SUPERSET_METADATA_URI is not set"),
        ({"SUPERSET_HOME": None}, "SUPERSET_HOME is not set"),
        ({"SUPERSET_PUBLIC_URL": "http://bi.example.com"}, "https://<host>"),
        ({"SUPERSET_PUBLIC_URL": "bi"}, "https://<host>"),
    ],
)
def test_unsafe_settings_stop_superset_for_good(changes: dict[str, str | None], message: str) -> None:
    refused = load(**changes)
    assert refused.returncode == 3  # gunicorn then does not try again
    assert message in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_laptop_uses_plain_http_and_a_server_does_not() -> None:
    laptop = json.loads(load(SUPERSET_PUBLIC_URL="http://127.0.0.1:8088").stdout)
    assert (laptop["talisman"]["force_https"], laptop["proxy"], laptop["cookie"]) == (False, False, False)
    server = json.loads(load(SUPERSET_PUBLIC_URL="https://bi.example.com").stdout)
    assert (server["talisman"]["force_https"], server["proxy"], server["cookie"]) == (True, True, True)


def test_browsers_load_from_this_server_only() -> None:
    settings = json.loads(load().stdout)
    for sources in settings["talisman"]["content_security_policy"].values():
        allowed = [sources] if isinstance(sources, str) else sources
        assert all(source.startswith("'") or source in {"blob:", "data:"} for source in allowed)
    assert settings["cache"].startswith("/tmp/superset")  # noqa: S108


def test_the_warehouse_password_comes_from_the_environment() -> None:
    program = (
        "import superset_config as settings\n"
        "from sqlalchemy.engine.url import make_url\n"
        "for uri in ('postgresql://creamery_bi_reader@dw/warehouse', 'postgresql://other@dw/warehouse'):\n"
        "    print(settings.SQLALCHEMY_CUSTOM_PASSWORD_STORE(make_url(uri)))"
    )
    answer = load(program, SUPERSET_DB_PASSWORD_CREAMERY_BI_READER="from-the-environment")
    assert answer.stdout.split() == ["from-the-environment", "None"], answer.stderr
