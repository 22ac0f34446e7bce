"""The steps of push_audiences with the connections that Airflow reads, into a fake Odoo."""

import dataclasses
import datetime as dt
import json
from pathlib import Path

import pytest
from airflow.sdk.exceptions import AirflowSkipException
from psycopg.conninfo import conninfo_to_dict

from creamery.errors import ConfigError, PushError
from creamery.odoo import Login
from creamery.orchestration import push
from creamery.push import ledger, odoo_push, settings
from creamery.push.preview import print_preview
from tests import nights
from tests.push.bench import DAY, LIST, Bench
from tests.push.fake_odoo import API_KEY, DATABASE, LOGIN, FakeOdoo


@pytest.fixture
def dsn(bench: Bench) -> str:
    return nights.as_login(f"{bench.admin.info.dsn} password={bench.admin.info.password}", "creamery_pipeline")


@pytest.fixture
def connections(dsn: str, odoo: FakeOdoo, monkeypatch: pytest.MonkeyPatch) -> None:
    parts = conninfo_to_dict(dsn)
    user, password, host, port = (parts[name] for name in ("user", "password", "host", "port"))
    warehouse = f"postgresql://{user}:{password}@{host}:{port}/{parts['dbname']}"
    monkeypatch.setenv("AIRFLOW_CONN_ANALYTICS_DW", warehouse)
    described = {
        "conn_type": "http", "host": odoo.url, "login": LOGIN, "password": API_KEY, "extra": {"database": DATABASE},
    }  # fmt: skip
    monkeypatch.setenv("AIRFLOW_CONN_ODOO_API", json.dumps(described))


def people(count: int) -> list[str]:
    return [f"c{number:03}@example.com" for number in range(count)]


@pytest.mark.usefixtures("connections")
def test_the_first_push_is_approved_and_the_next_goes_by_itself(bench: Bench) -> None:
    bench.audience(people(5))
    plans = push.plan_lists([DAY], None)
    assert (len(plans["awaiting"]), plans["approved"]) == (1, [])
    assert "5 to add" in plans["question"]
    assert "the first plan of this list" in plans["question"]
    assert "@" not in json.dumps(plans)
    with pytest.raises(AirflowSkipException):
        push.apply(plans["approved"])
    answer = {"chosen_options": ["Approve"], "responded_by_user": {"id": "1", "name": "Mina"}}
    assert push.apply_approved(plans["awaiting"], answer) == {LIST: {"add done": 5}}
    assert push.verify(plans["awaiting"]) == {LIST: 5}
    assert push.note_rejections(plans["awaiting"]) == 0
    assert bench.admin.execute("select decided_by from push.plan").fetchall() == [("Mina",)]
    bench.admin.commit()

    bench.audience(people(6))
    plans = push.plan_lists([DAY], None)
    assert plans["awaiting"] == []
    assert push.apply(plans["approved"]) == {LIST: {"add done": 1, "keep done": 5}}
    assert bench.on_list() == people(6)

    plans = push.plan_lists([], plans["approved"][0])
    assert "a roll-back" in plans["question"]
    push.apply_approved(plans["awaiting"], answer)
    assert bench.on_list() == people(5)


def test_an_audience_knows_the_snapshot_of_its_day_whatever_was_extracted_since(bench: Bench) -> None:
    end_of_day = dt.datetime(2026, 11, 20, 0, 30, tzinfo=dt.UTC)
    for day, moment in ((DAY, end_of_day), (DAY + dt.timedelta(1), end_of_day + dt.timedelta(1))):
        bench.admin.execute(
            "insert into ops.extraction (as_of_date, source_snapshot_at, state) values (%s, %s, 'complete')",
            (day, moment),
        )
    bench.admin.commit()
    assert odoo_push.known_at(bench.connection) == end_of_day


@pytest.mark.usefixtures("connections")
def test_what_nobody_approves_is_rejected_and_stays_so(bench: Bench, odoo: FakeOdoo) -> None:
    bench.audience(people(5))
    plans = push.plan_lists([DAY], None)
    assert push.note_rejections(plans["awaiting"]) == 1
    with pytest.raises(PushError, match="is rejected"):
        push.apply_approved(plans["awaiting"], {"chosen_options": ["Approve"]})
    assert odoo.writes() == []


@pytest.mark.usefixtures("connections")
def test_a_past_day_and_an_odoo_without_connection_are_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(AirflowSkipException, match="Only the newest published day"):
        push.plan_lists([DAY.replace(day=1)], None)
    monkeypatch.delenv("AIRFLOW_CONN_ODOO_API")
    with pytest.raises(AirflowSkipException, match="No connection odoo_api"):
        push.plan_lists([DAY], None)


@pytest.mark.usefixtures("connections")
def test_what_mailings_have_sent_is_noted(bench: Bench, odoo: FakeOdoo) -> None:
    bench.audience(people(4))
    bench.push()
    bench.admin.execute("update push.list_stay set pushed_at = '2026-11-20 08:00:00.5Z'")
    bench.admin.commit()
    mailing = {"email_from": "shop@example.com", "state": "done", "contact_list_ids": [bench.list_id()]}
    draft = {**mailing, "state": "draft"}
    done, planned = odoo.store.as_user(2, "create", "mailing.mailing", [mailing, draft])
    trace = {"mass_mailing_id": done, "trace_status": "sent", "is_test_trace": False}
    odoo.store.as_user(
        2,
        "create",
        "mailing.trace",
        [
            {**trace, "email": people(4)[0], "sent_datetime": "2026-11-20 08:00:00", "trace_status": "open"},
            {**trace, "email": people(4)[0], "sent_datetime": "2026-11-20 09:00:00"},
            {**trace, "email": people(4)[1], "sent_datetime": "2026-11-20 07:00:00"},  # before he was on the list
            {**trace, "email": people(4)[2], "sent_datetime": "2026-11-20 09:00:00", "trace_status": "error"},
            {**trace, "email": people(4)[2], "sent_datetime": "2026-11-20 09:00:00", "is_test_trace": True},
            {**trace, "email": people(4)[3], "sent_datetime": "2026-11-20 09:00:00", "mass_mailing_id": planned},
        ],
    )
    push.plan_lists([DAY], None)
    sent = bench.admin.execute("select address, sent_at from push.list_stay where sent_at is not null").fetchall()
    assert sent == [(people(1)[0], dt.datetime(2026, 11, 20, 8, tzinfo=dt.UTC))]


@pytest.mark.usefixtures("connections")
def test_a_campaign_gets_one_draft_to_write_and_send(bench: Bench, dsn: str, odoo: FakeOdoo) -> None:
    wanted = dataclasses.replace(settings.load(), draft_sender="Shop <shop@example.com>", calls_per_second=10**6)
    bench.audience(people(3))
    bench.push()
    plan = ledger.newest_plan(bench.connection, bench.destination.name, LIST)
    assert plan
    for made in ([LIST], []):
        with odoo_push.opened(dsn, odoo.login, wanted) as opened:
            assert opened.make_drafts([plan.plan_id]) == made
    (draft,) = odoo.store.records["mailing.mailing"].values()
    assert (draft["subject"], draft["state"], draft["contact_list_ids"]) == ("Win back", "draft", [bench.list_id()])
    draft["state"] = "done"
    with odoo_push.opened(dsn, odoo.login, dataclasses.replace(wanted, draft_sender="")) as opened:
        assert opened.make_drafts([plan.plan_id]) == []


def test_a_preview_tells_all_and_keeps_nothing(
    bench: Bench, dsn: str, odoo: FakeOdoo, capsys: pytest.CaptureFixture[str]
) -> None:
    bench.audience(people(5))
    odoo.store.as_user(2, "create", "mail.blacklist", [{"email": people(1)[0]}])
    print_preview(dsn, odoo.login, LIST)
    said = capsys.readouterr().out
    assert "win_back: 0 held, 5 to add, 0 to remove, 5 then" in said
    assert "needs approval: the first plan of this list" in said
    assert "suppressed by now: 1 blacklisted" in said
    assert "@" not in said
    assert bench.admin.execute("select count(*) from push.plan").fetchall() == [(0,)]
    assert odoo.writes() == []
    with pytest.raises(PushError, match="No list belongs to nothing"):
        print_preview(dsn, odoo.login, "nothing")


@pytest.mark.parametrize(
    "text",
    [
        '{"conn_type": "http", "host": "https://shop.example.com", "login": "c", "password": "k/1",'
        ' "extra": {"database": "shop"}}',
        '{"conn_type": "http", "host": "https://shop.example.com", "login": "c", "password": "k/1",'
        ' "extra": "{\\"database\\": \\"shop\\"}"}',
        "https://c:k%2F1@shop.example.com/?database=shop",
    ],
)
def test_a_connection_is_written_in_two_ways(text: str) -> None:
    assert Login.of_text(text) == Login("https://shop.example.com", "shop", "c", "k/1")
    assert "k/1" not in repr(Login.of_text(text))


def test_settings_with_a_wrong_key_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "odoo.yaml"
    assert settings.load().limits.members > 0
    rest = "\nbatch_size: 1\ncalls_per_second: 1\nplans_kept: 1\ntags: []\ncart_steps: [3, 1]\ndraft_sender: "
    file.write_text(f"guard: {{members: 5}}{rest} ''")
    with pytest.raises(ConfigError, match="must have exactly the keys members, percent"):
        settings.load(file)
    file.write_text(f"guard: {{members: 5, percent: 0}}{rest} ''")
    with pytest.raises(ConfigError, match="percent: 0"):
        settings.load(file)
    file.write_text(f"guard: {{members: 5, percent: 5}}{rest} shop")
    with pytest.raises(ConfigError, match="is not a sender"):
        settings.load(file)
    file.write_text(f"guard: {{members: 5, percent: 5}}{rest} ''")
    assert settings.load(file).reminder_lists == ("abandoned_cart_1", "abandoned_cart_3")
    for steps in ("[4]", "1", "[true]", "[a]"):
        file.write_text(f"guard: {{members: 5, percent: 5}}{rest} ''".replace("[3, 1]", steps))
        with pytest.raises(ConfigError, match="is not a list of steps"):
            settings.load(file)
