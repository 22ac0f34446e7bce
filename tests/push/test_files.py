"""Lists as a marketer finds them, in CSV and Excel, on this machine and elsewhere."""

import csv
import datetime as dt
import hashlib
import json
import stat
import tracemalloc
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Any

import fsspec
import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from creamery import warehouse
from creamery.errors import ConfigError, WarehouseError
from creamery.push import formats
from creamery.push.destinations import files
from creamery.push.destinations.files import ListDefinition
from creamery.push.export_folder import LocalFolder, RemoteFolder, open_folder
from tests.push.list_tables import DAY, put_list, warehouse_with_lists
from tests.shops import Built

MEMBERS = [
    {
        "customer_name": "আয়েশা সিদ্দিকা",
        "offer_code": "WB-7Q2K",
        "merge_data": {"last_products": ["Milk", "Ghee"], "spend": 1234.50, "days_silent": 74, "is_vip": True},
    },
    {"customer_name": '=HYPERLINK("http://evil", "x")', "merge_data": {"spend": 12, "note": "-2+3", "city": "#N/A"}},
    {"customer_name": "Robin; \t=cmd", "merge_data": {"note": "@SUM(A1)", "email": "other"}},
]


@pytest.fixture(scope="module")
def lists(new_database: Callable[[str], str]) -> tuple[str, str]:
    return warehouse_with_lists(new_database)


def definition(target: str, name: str) -> ListDefinition:
    with warehouse.connect(target, warehouse.Role.EXPORTER) as connection:
        return next(each for each in files.definitions(connection) if each.list_name == name)


def export(target: str, name: str, folder: Path | str, day: dt.date = DAY) -> files.ExportedList:
    each = definition(target, name)
    with warehouse.connect(target, warehouse.Role.EXPORTER) as connection:
        exported = files.export_list(connection, each, day, open_folder(str(folder)))
        files.record_export(connection, day, exported)
    return exported


@pytest.fixture(scope="module")
def win_back(lists: tuple[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    target, admin_uri = lists
    put_list(admin_uri, "win_back_1", MEMBERS, {"blacklisted": 2, "control group": 5})
    return Path(export(target, "win_back_1", tmp_path_factory.mktemp("lists")).address)


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_csv_holds_members_with_their_merge_data(win_back: Path) -> None:
    first, *_ = read_csv(win_back)
    assert first == {
        "customer_code": "P1",
        "customer_name": "আয়েশা সিদ্দিকা",
        "partner_id": "1",
        "email": "person1@example.com",
        "offer_code": "WB-7Q2K",
        "city": "",
        "days_silent": "74",
        "is_vip": "true",
        "last_products": '["Milk", "Ghee"]',
        "merge_email": "",  # a merge field of the name of a column of ours
        "note": "",
        "spend": "1234.5",
    }


def test_formulas_are_text_in_csv(win_back: Path) -> None:
    _, second, third = read_csv(win_back)
    assert second["customer_name"] == '\'=HYPERLINK("http://evil", "x")'
    assert second["note"] == "'-2+3"
    assert third["note"] == "'@SUM(A1)"
    assert "=cmd" not in third["customer_name"].replace("'=cmd", "")


def test_excel_has_the_same_rows_as_texts_and_numbers(win_back: Path) -> None:
    book = load_workbook(win_back.with_suffix(".xlsx"))
    heading, first, second, third = book["members"].iter_rows()
    column = {cell.value: number for number, cell in enumerate(heading)}
    assert list(column) == list(read_csv(win_back)[0])
    assert first[column["spend"]].value == 1234.5
    assert first[column["is_vip"]].value is True
    assert second[column["customer_name"]].value == '=HYPERLINK("http://evil", "x")'
    cells = [cell for row in (heading, first, second, third) for cell in row]
    assert not [cell for cell in cells if cell.data_type in ("f", "e")]
    risky = [second[column["customer_name"]], second[column["note"]], third[column["note"]], second[column["city"]]]
    assert all(cell.quotePrefix and cell.data_type == "s" for cell in risky)


def test_the_manifest_adds_up(win_back: Path) -> None:
    manifest = json.loads((win_back.parent / "manifest.json").read_text())
    assert manifest["rows"] == 3
    assert manifest["as_of_date"] == "2026-11-19"
    assert manifest["columns"] == list(read_csv(win_back)[0])
    assert manifest["audience"] == {
        "in_reach": 10,
        "by_outcome": {"control group": 5, "handed over": 3, "blacklisted": 2},
        "by_consent_rule": {"live subscription": 3},
    }
    for each in manifest["files"]:
        content = (win_back.parent / each["file"]).read_bytes()
        assert (each["bytes"], each["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())
    assert [each["file"] for each in manifest["files"]] == ["win_back_1.csv", "win_back_1.xlsx"]


def test_only_the_owner_may_read(win_back: Path) -> None:
    assert {stat.S_IMODE(path.stat().st_mode) for path in win_back.parent.iterdir()} == {0o600}
    assert stat.S_IMODE(win_back.parent.stat().st_mode) == 0o700


def test_a_second_export_replaces_and_leaves_nothing_beside(lists: tuple[str, str], win_back: Path) -> None:
    before = win_back.read_bytes()
    again = export(lists[0], "win_back_1", win_back.parents[3])
    assert Path(again.address).read_bytes() == before
    assert sorted(path.name for path in win_back.parent.iterdir()) == [
        "manifest.json",
        "win_back_1.csv",
        "win_back_1.xlsx",
    ]


def test_a_list_without_members_is_there_and_empty(lists: tuple[str, str], tmp_path: Path) -> None:
    put_list(lists[1], "welcome_1", [], {"no consent": 3})
    exported = export(lists[0], "welcome_1", tmp_path)
    assert (exported.rows, read_csv(Path(exported.address))) == (0, [])
    manifest = json.loads((Path(exported.address).parent / "manifest.json").read_text())
    assert manifest["audience"]["by_outcome"] == {"no consent": 3}


def test_phone_numbers_stay_what_they_are(lists: tuple[str, str], tmp_path: Path) -> None:
    put_list(lists[1], "sms_1", [{"address": "+8801712345678"}], channel="sms")
    path = Path(export(lists[0], "sms_1", tmp_path).address)
    assert read_csv(path)[0]["phone"] == "+8801712345678"
    sheet = load_workbook(path.with_suffix(".xlsx"))["members"]
    assert (sheet["D2"].value, sheet["D2"].data_type) == ("+8801712345678", "s")


def test_members_that_do_not_add_up_leave_the_files_as_they_were(lists: tuple[str, str], tmp_path: Path) -> None:
    put_list(lists[1], "odd_1", [{}])
    path = Path(export(lists[0], "odd_1", tmp_path).address)
    before = path.read_bytes()
    put_list(lists[1], "odd_1", [{}, {}], handed_over=3)
    with pytest.raises(WarehouseError, match=r"2 members, but the outcomes say \{'handed over': 3\}"):
        export(lists[0], "odd_1", tmp_path)
    assert path.read_bytes() == before
    assert not (path.parent / "manifest.json").exists()  # nobody takes them for today's


@pytest.mark.parametrize("name", ["../../etc", "a/b", "", "Ümlaut"])
def test_a_name_cannot_lead_out_of_the_folder(lists: tuple[str, str], tmp_path: Path, name: str) -> None:
    each = ListDefinition(name, "campaign", None, None, "email", False, None)
    with (
        warehouse.connect(lists[0], warehouse.Role.EXPORTER) as connection,
        pytest.raises(WarehouseError, match="cannot name a file"),
    ):
        files.export_list(connection, each, DAY, LocalFolder(tmp_path))
    assert not list(tmp_path.iterdir())


def test_old_files_go_and_what_others_put_there_stays(lists: tuple[str, str], tmp_path: Path) -> None:
    target, admin_uri = lists
    days = [DAY - dt.timedelta(days=days) for days in (0, 30, 31, 90)]
    for day in days:
        put_list(admin_uri, "kept_1", [{}], day=day)
        path = Path(export(target, "kept_1", tmp_path, day).address)
    (path.parent / "remarks.txt").write_text("mine")
    (path.parents[1] / "notes").mkdir()
    for day in days:  # as a process leaves them that is killed while it writes
        (path.parents[1] / str(day) / ".partial-x1").mkdir()
        (path.parents[1] / str(day) / ".partial-x1" / "kept_1.csv").write_text("somebody@example.org")
    with warehouse.connect(target, warehouse.Role.EXPORTER) as connection:
        old = files.drop_old_files(connection, DAY, LocalFolder(tmp_path), 30)
    assert sorted(day for _, day in old) == sorted(days[2:])
    home = path.parents[1]
    assert sorted(each.name for each in home.iterdir()) == [str(days[3]), str(days[1]), str(days[0]), "notes"]
    assert [each.name for each in (home / str(days[3])).iterdir()] == ["remarks.txt"]
    assert len(list(home.rglob("kept_1.csv"))) == 4  # those of two days, each with what was left beside it
    with psycopg.connect(admin_uri) as connection:
        recorded = connection.execute(
            "select as_of_date, dropped_date is not null from ops.exported_list"
            " where campaign = 'kept_1' order by 1 desc"
        ).fetchall()
    assert recorded == [(days[0], False), (days[1], False), (days[2], True), (days[3], True)]


def test_any_place_that_fsspec_knows(lists: tuple[str, str]) -> None:
    put_list(lists[1], "far_1", MEMBERS)
    url = f"memory://exports-{id(lists)}"
    for _ in range(2):
        exported = export(lists[0], "far_1", url)
    assert exported.address.startswith(url)
    with fsspec.open(exported.address, "rb") as file:
        content = file.read()
    assert hashlib.sha256(content).hexdigest() == exported.sha256
    place = PurePosixPath(exported.address.removeprefix(f"{url}/")).parent
    folder = RemoteFolder(url)
    with fsspec.open(f"{exported.address}.partial", "wb") as file:
        file.write(content[:10])  # as it is left where sending it is cut off
    assert folder.names(place) == ["far_1.csv", "far_1.csv.partial", "far_1.xlsx", "manifest.json"]
    with warehouse.connect(lists[0], warehouse.Role.EXPORTER) as connection:
        assert files.drop_old_files(connection, DAY + dt.timedelta(days=31), folder, 30) == [("far_1", DAY)]
    assert folder.names(place) == []


def test_a_place_of_an_unknown_kind_is_named() -> None:
    with pytest.raises(ConfigError, match="CREAMERY_EXPORT_DIR nowhere://"):
        open_folder("nowhere://bucket")


def test_every_list_of_a_shop(built: Built, tmp_path: Path) -> None:
    with psycopg.connect(built.warehouse_admin) as connection:
        members = dict(
            connection.execute("select list_name, count(*) from audiences.list_member group by list_name").fetchall()
        )
    with warehouse.connect(built.warehouse, warehouse.Role.EXPORTER) as connection:
        exported = [
            files.export_list(connection, each, built.as_of, LocalFolder(tmp_path))
            for each in files.definitions(connection)
        ]
    assert {each.list_name: each.rows for each in exported if each.rows} == members != {}
    with psycopg.connect(built.source) as odoo:
        blacklisted = {row[0] for row in odoo.execute("select email from mail_blacklist where active")}
    for each in exported:
        rows = read_csv(Path(each.address))
        assert not blacklisted & {row.get("email") for row in rows}
        manifest = json.loads((Path(each.address).parent / "manifest.json").read_text())
        assert manifest["audience"]["by_outcome"].get("handed over", 0) == each.rows == len(rows)


def test_memory_does_not_grow_with_the_list(lists: tuple[str, str], tmp_path: Path) -> None:
    def peak(count: int) -> int:
        put_list(lists[1], "long_1", ({"merge_data": {"text": "x" * 200}} for _ in range(count)))
        tracemalloc.start()
        try:
            export(lists[0], "long_1", tmp_path)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(10)  # what is loaded once
    assert peak(4_000) < 1.5 * peak(1_500)


def test_a_full_sheet_is_followed_by_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formats, "_SHEET_ROWS", 2)
    path = tmp_path / "list.xlsx"
    with formats.Writers([path], ["number"]) as writers:
        for number in range(5):
            writers.write([number])
    book = load_workbook(path)
    assert [[cell.value for cell in sheet["A"]] for sheet in book] == [
        ["number", 0, 1],
        ["number", 2, 3],
        ["number", 4],
    ]


@given(st.text() | st.from_regex(r"[ '\"]*[=+\-@\t\r\n＝＋－＠;|].*", fullmatch=True))
def test_no_text_is_a_formula(text: str) -> None:
    written = str(formats.neutralise(text))
    assert not formats.is_formula(written) or written.startswith("'")
    signless = written.lstrip("+-").replace(" ", "").replace(".", "")
    harmless = signless.isascii() and signless.isdigit()
    assert harmless or not written.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"))
    # nothing is lost but for the apostrophes
    assert written.replace("'", "") == text.replace("'", "")


@pytest.mark.parametrize("value", [-5, 2.5, None, dt.date(2026, 1, 1), "plain", "+880 1712 345678", "-12.50"])
def test_what_is_no_formula_stays(value: Any) -> None:
    assert formats.neutralise(value) == value


@pytest.mark.parametrize("text", ["+1+cmd|' /C calc'!A0", "-1+1", "+1.2.3", "=1", " =1", '"=1', "\t1", "＝1"])
def test_what_is_one_is_text(text: str) -> None:
    assert str(formats.neutralise(text)).startswith("'")
