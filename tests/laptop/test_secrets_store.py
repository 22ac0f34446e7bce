"""Secrets: made once, private, complete."""

import json
import stat
from dataclasses import asdict
from pathlib import Path

from creamery.laptop import secrets_store


def test_are_made_once_and_are_private(tmp_path: Path) -> None:
    path = tmp_path / "state" / "secrets.json"
    first = secrets_store.load(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert secrets_store.load(path) == first
    values = asdict(first).values()
    assert len(set(values)) == len(values)
    assert min(map(len, values)) >= 16


def test_one_that_a_newer_version_needs_is_added(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    first = secrets_store.load(path)
    stored = json.loads(path.read_text())
    del stored["superset_admin"]
    path.write_text(json.dumps(stored))
    second = secrets_store.load(path)
    assert second.airflow_jwt == first.airflow_jwt
    assert second.superset_admin not in ("", first.superset_admin)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_do_not_show_in_messages(tmp_path: Path) -> None:
    secrets = secrets_store.load(tmp_path / "secrets.json")
    assert secrets.postgres not in repr(secrets)
