"""The passwords and keys of one installation: generated once, kept in a file that only its owner reads."""

import base64
import fcntl
import json
import os
import secrets
from dataclasses import dataclass, fields
from pathlib import Path


@dataclass(frozen=True, slots=True, repr=False)
class Secrets:
    """Never printed, except the two admin passwords at the end of demo and status."""

    postgres: str
    creamery_pipeline: str
    creamery_bi_reader: str
    creamery_marketer: str
    odoo_reader: str
    airflow: str
    superset: str
    airflow_admin: str
    airflow_jwt: str
    airflow_session: str
    airflow_fernet: str
    superset_admin: str
    superset_session: str

    @property
    def warehouse_logins(self) -> dict[str, str]:
        """What creamery.warehouse_bootstrap asks for."""
        return {
            "creamery_pipeline": self.creamery_pipeline,
            "creamery_bi_reader": self.creamery_bi_reader,
            "creamery_marketer": self.creamery_marketer,
        }


def load(path: Path) -> Secrets:
    """Read the secrets in `path`, generating those that it lacks."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        stored: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
        complete = {field.name: stored.get(field.name) or _generate(field.name) for field in fields(Secrets)}
        if complete != stored:
            write_private(path, json.dumps(complete, indent=2) + "\n")
    return Secrets(**complete)


def _generate(name: str) -> str:
    if name == "airflow_fernet":
        return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
    if name.endswith("_admin"):
        return secrets.token_urlsafe(12)  # people type it
    return secrets.token_hex(32)


def write_private(path: Path, text: str) -> None:
    """Replace the file at once, readable by its owner only."""
    partial = path.with_suffix(".partial")
    partial.unlink(missing_ok=True)
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    partial.rename(path)
