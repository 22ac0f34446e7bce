"""Refuse to start the server's stack on missing, placeholder, weak or repeated secrets (docker-compose.yml).

Reads them from the environment and names every variable that is wrong, never its value. Exit code 1: refused.
Needs Python's standard library only and runs before anything stores one of the secrets.
"""

import base64
import binascii
import os
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping

SECRETS = (
    "POSTGRES_PASSWORD",
    "REDIS_PASSWORD",
    "AIRFLOW_DB_PASSWORD",
    "AIRFLOW_FERNET_KEY",
    "AIRFLOW_API_SECRET_KEY",
    "AIRFLOW_JWT_SECRET",
    "AIRFLOW_ADMIN_PASSWORD",
    "SUPERSET_DB_PASSWORD",
    "SUPERSET_SECRET_KEY",
    "SUPERSET_ADMIN_PASSWORD",
    "CREAMERY_PIPELINE_PASSWORD",
    "CREAMERY_BI_READER_PASSWORD",
    "CREAMERY_MARKETER_PASSWORD",
    "ODOO_DB_PASSWORD",
    "ODOO_READER_PASSWORD",
)
FERNET_KEY = "AIRFLOW_FERNET_KEY"
SOURCE = "AIRFLOW_CONN_ODOO_POSTGRES"

MINIMUM_LENGTH = 20
FERNET_BYTES = 32
PLACEHOLDER = re.compile(r"change.?me|placeholder|example", re.IGNORECASE)
URL_SAFE = re.compile(r"[A-Za-z0-9._~=-]*")  # most secrets become part of a connection's address
ADDRESS = re.compile(r"postgres(ql)?://[^:@/?#]+:(?P<password>[^:@/?#]+)@(?P<host>[^:@/?#]+)(:\d+)?/[^/?#]+(\?\S*)?")


def problems(environment: Mapping[str, str]) -> list[str]:
    """What is wrong with the environment, one line per variable; empty if nothing is."""
    found = [line for name in SECRETS for line in _secret_problems(name, environment.get(name, ""))]
    return [*found, *_source_problems(environment.get(SOURCE, "")), *_repetitions(environment)]


def _secret_problems(name: str, value: str) -> Iterator[str]:
    if not value:
        yield f"{name} is not set"
    elif PLACEHOLDER.search(value):
        yield f"{name} still holds a placeholder"
    elif len(value) < MINIMUM_LENGTH or len(set(value)) < MINIMUM_LENGTH // 2:
        yield f"{name} is too easy to guess: use at least {MINIMUM_LENGTH} random characters"
    elif not URL_SAFE.fullmatch(value):
        yield f"{name} may hold only letters, digits and . _ ~ = -"
    elif name == FERNET_KEY and not _is_fernet_key(value):
        yield f"{name} is not {FERNET_BYTES} bytes in URL-safe base64: openssl rand -base64 32 | tr '+/' '-_'"


def _is_fernet_key(value: str) -> bool:
    try:
        return len(base64.urlsafe_b64decode(value)) == FERNET_BYTES
    except binascii.Error:
        return False


def _source_problems(value: str) -> Iterator[str]:
    if not value:
        yield f"{SOURCE} is not set"
    elif not (parts := ADDRESS.fullmatch(value)):
        yield f"{SOURCE} is not of the form postgresql://user:password@host:5432/database, percent-encoded"
    elif PLACEHOLDER.search(f"{parts['password']} {parts['host']}"):
        yield f"{SOURCE} still holds a placeholder: enter your Odoo's host and its reader's password"


def _repetitions(environment: Mapping[str, str]) -> Iterator[str]:
    times = Counter(environment.get(name) for name in SECRETS)
    repeated = [name for name in SECRETS if environment.get(name) and times[environment[name]] > 1]
    if repeated:
        yield f"{', '.join(repeated)} are not all different: one leak would open several doors"


def main() -> int:
    found = problems(os.environ)
    if found:
        found.append("nothing starts until .env is corrected; .env.example explains it")
    for line in found:
        print(f"check-secrets: {line}", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
