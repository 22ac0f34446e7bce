"""The client against both protocols over real HTTP."""

import dataclasses
from collections.abc import Iterator

import pytest

from creamery.errors import AccessRefusedError, ConfigError, PushError, RefusedError, UnknownOutcomeError
from creamery.odoo import OdooClient, Pace, connect
from creamery.odoo.http import Channel
from creamery.odoo.json2 import Json2
from tests.push.fake_odoo import API_UID, FakeOdoo, Fault

AT_ONCE = Pace(calls_per_second=1e6, first_pause_seconds=0, sleep=lambda seconds: None)


@pytest.fixture(params=[16, 17, 18, 19])
def odoo(request: pytest.FixtureRequest) -> Iterator[FakeOdoo]:
    with FakeOdoo(request.param) as server:
        yield server


@pytest.fixture
def client(odoo: FakeOdoo) -> Iterator[OdooClient]:
    with connect(odoo.login, AT_ONCE) as connected:
        yield connected


def test_every_version_speaks_through_one_interface(odoo: FakeOdoo, client: OdooClient) -> None:
    assert (client.series, client.uid) == (odoo.series, API_UID)
    (contact,) = client.call("mailing.contact", "create", vals_list=[{"name": "Ann", "email": "Ann@Example.com"}])
    client.call("mailing.contact", "write", [contact], vals={"name": "Anna"})
    found = list(client.search_read("mailing.contact", [("email_normalized", "=", "ann@example.com")], ["name"]))
    assert found == [{"id": contact, "name": "Anna"}]
    client.call("mailing.contact", "unlink", [contact])
    assert list(client.search_read("mailing.contact", [], ["name"])) == []


def test_loading_again_updates_and_a_bad_row_undoes_all(odoo: FakeOdoo, client: OdooClient) -> None:
    rows = [("__creamery__.a", "Ann", "ann@example.com"), ("__creamery__.b", "Ben", "ben@example.com")]
    fields = ("id", "name", "email")
    assert client.load("mailing.contact", fields, rows) == client.load("mailing.contact", fields, rows)
    odoo.store.refused = {"cem@example.com"}
    with pytest.raises(RefusedError) as refused:
        client.load(
            "mailing.contact", fields, [("__creamery__.d", "Dan", "d@example.com"), ("x", "C", "cem@example.com")]
        )
    assert "cem@" not in str(refused.value)
    assert len(odoo.store.records["mailing.contact"]) == 2


def test_more_than_a_page_is_read_whole(odoo: FakeOdoo, client: OdooClient) -> None:
    odoo.store.create("mailing.contact", [{"email": f"c{n}@example.com"} for n in range(2001)])
    assert len(list(client.search_read("mailing.contact", [], ["email"]))) == 2001


def test_the_uuid_identifies_an_odoo_and_where_it_is_hidden_the_companys_contact(
    odoo: FakeOdoo, client: OdooClient
) -> None:
    assert client.identity() == "11111111-2222-3333-4444-555555555555"
    odoo.store.api_user_is_admin = False
    assert client.identity().startswith("company 1, contact 1 of 2026-")


def test_an_expired_key_stops_at_once(odoo: FakeOdoo, client: OdooClient) -> None:
    before = len(odoo.calls)
    odoo.plan_fault = lambda model, method: Fault.UNAUTHORIZED
    with pytest.raises(AccessRefusedError, match="odoo_api"):
        list(client.search_read("mailing.list", [], ["name"]))
    assert len(odoo.calls) == before + 1


def test_a_wrong_key_is_refused(odoo: FakeOdoo) -> None:
    wrong = dataclasses.replace(odoo.login, api_key="another")
    with pytest.raises(AccessRefusedError), connect(wrong, AT_ONCE):
        pass


@pytest.mark.parametrize("fault", [Fault.DROPPED, Fault.SERVER_ERROR, Fault.LOST_RESPONSE])
def test_reading_is_tried_again(odoo: FakeOdoo, client: OdooClient, fault: Fault) -> None:
    planned = iter([fault, fault])
    odoo.plan_fault = lambda model, method: next(planned, Fault.NONE)
    assert list(client.search_read("mailing.list", [], ["name"])) == []


@pytest.mark.parametrize("fault", [Fault.DROPPED, Fault.SERVER_ERROR, Fault.LOST_RESPONSE])
def test_a_write_without_an_answer_is_sent_once(odoo: FakeOdoo, client: OdooClient, fault: Fault) -> None:
    odoo.plan_fault = lambda model, method: fault if method == "create" else Fault.NONE
    with pytest.raises(UnknownOutcomeError):
        client.call("mailing.list", "create", vals_list=[{"name": "one"}])
    assert odoo.writes() == [("mailing.list", "create")]
    assert len(odoo.store.records["mailing.list"]) == (1 if fault == Fault.LOST_RESPONSE else 0)


def test_a_write_that_takes_too_long_is_unknown(odoo: FakeOdoo) -> None:
    with connect(odoo.login, dataclasses.replace(AT_ONCE, timeout_seconds=0.3)) as client:
        odoo.plan_fault = lambda model, method: Fault.SLOW if method == "create" else Fault.NONE
        with pytest.raises(UnknownOutcomeError):
            client.call("mailing.list", "create", vals_list=[{"name": "one"}])


def test_a_server_that_stays_away_is_named(odoo: FakeOdoo, client: OdooClient) -> None:
    odoo.plan_fault = lambda model, method: Fault.SERVER_ERROR
    with pytest.raises(PushError, match="5 times over"):
        list(client.search_read("mailing.list", [], ["name"]))


def test_pauses_double_between_attempts(odoo: FakeOdoo) -> None:
    pauses: list[float] = []
    with connect(odoo.login, Pace(calls_per_second=1e6, first_pause_seconds=10, sleep=pauses.append)) as client:
        odoo.plan_fault = lambda model, method: Fault.SERVER_ERROR
        with pytest.raises(PushError):
            list(client.search_read("mailing.list", [], ["name"]))
    assert [pause for pause in pauses if pause >= 10] == [10, 20, 40, 80]


def test_calls_keep_their_distance(odoo: FakeOdoo) -> None:
    pauses: list[float] = []
    with connect(odoo.login, Pace(calls_per_second=0.001, sleep=pauses.append)) as client:
        pauses.clear()
        list(client.search_read("mailing.list", [], ["name"]))
        list(client.search_read("mailing.list", [], ["name"]))
    assert [pause > 500 for pause in pauses] == [True, True]


def test_a_redirect_to_the_login_page_is_no_answer() -> None:
    with FakeOdoo(18) as odoo, Channel(odoo.url, AT_ONCE) as channel, pytest.raises(PushError, match="redirect"):
        Json2(channel, odoo.login).call("mailing.list", "search_read", None, {"domain": [], "fields": []})


def test_an_odoo_before_16_is_refused() -> None:
    with FakeOdoo(15) as odoo, pytest.raises(ConfigError, match="needs 16"), connect(odoo.login, AT_ONCE):
        pass


def test_what_is_missing_in_a_login_is_named(odoo: FakeOdoo) -> None:
    with pytest.raises(ConfigError, match="lacks: api_key"):
        dataclasses.replace(odoo.login, api_key="")
