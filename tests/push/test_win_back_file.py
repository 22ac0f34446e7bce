"""Lists as a marketer finds them."""

import csv
import datetime as dt
import hashlib
import json
import stat
from pathlib import Path

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from creamery import warehouse
from creamery.push.destinations import win_back_file as files
from tests.shops import AS_OF, Built


@pytest.fixture(scope="module")
def exported(built: Built, tmp_path_factory: pytest.TempPathFactory) -> files.ExportedList:
    with warehouse.connect(built.warehouse, warehouse.Role.EXPORTER) as connection:
        return files.export_list(connection, files.WIN_BACK, AS_OF, tmp_path_factory.mktemp("lists"))


def audience(built: Built) -> dict[str, int]:
    with psycopg.connect(built.warehouse_admin) as connection:
        return dict(
            connection.execute("select outcome, count(*) from audiences.audience_win_back group by 1").fetchall()
        )


def test_the_list_holds_exactly_who_is_handed_over(built: Built, exported: files.ExportedList) -> None:
    with exported.path.open(newline="") as file:
        members = list(csv.DictReader(file))
    assert len(members) == exported.rows == audience(built)["handed over"] > 0
    addresses = [member["email"] for member in members]
    assert all(addresses)
    assert len(set(addresses)) == len(addresses)
    with psycopg.connect(built.source) as odoo:
        blacklisted = {row[0] for row in odoo.execute("select email from mail_blacklist where active")}
    assert not blacklisted & set(addresses)


def test_the_manifest_adds_up(built: Built, exported: files.ExportedList) -> None:
    manifest = json.loads((exported.path.parent / "manifest.json").read_text())
    assert manifest["rows"] == exported.rows
    assert manifest["as_of_date"] == str(AS_OF)
    assert manifest["sha256"] == hashlib.sha256(exported.path.read_bytes()).hexdigest()
    assert manifest["audience"]["by_outcome"] == audience(built)
    assert manifest["audience"]["in_reach"] == sum(audience(built).values())


def test_only_the_owner_may_read(exported: files.ExportedList) -> None:
    for path in exported.path.parent.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(exported.path.parent.stat().st_mode) == 0o700


def test_a_second_export_is_the_same_file(built: Built, exported: files.ExportedList) -> None:
    folder = exported.path.parents[3]
    with warehouse.connect(built.warehouse, warehouse.Role.EXPORTER) as connection:
        again = files.export_list(connection, files.WIN_BACK, AS_OF, folder)
    assert again == exported
    assert sorted(path.name for path in exported.path.parent.iterdir()) == ["manifest.json", "win_back.csv"]


def test_a_day_without_an_audience_is_an_empty_list(built: Built, tmp_path: Path) -> None:
    with warehouse.connect(built.warehouse, warehouse.Role.EXPORTER) as connection:
        empty = files.export_list(connection, files.WIN_BACK, AS_OF - dt.timedelta(days=500), tmp_path)
    assert empty.rows == 0


@given(st.text())
def test_no_text_starts_as_a_formula(text: str) -> None:
    written = str(files.neutralise(text))
    assert not written.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert written.removeprefix("'") == text.removeprefix("'") or written == text


def test_numbers_stay_numbers() -> None:
    assert files.neutralise(-5) == -5
