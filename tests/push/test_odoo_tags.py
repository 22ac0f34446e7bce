"""Tags of segments on contacts, through the engine, over both protocols."""

import dataclasses
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from creamery.errors import ConfigError
from creamery.push import ledger, odoo_push, settings
from creamery.push.destinations.odoo_lists import OdooLists
from creamery.push.destinations.odoo_tags import OdooTags
from creamery.push.ledger import State
from creamery.push.member import DONE, Member, Outcome
from creamery.push.plan import make_roll_back
from creamery.push.preview import print_preview
from creamery.push.suppression import OdooSuppression
from tests import nights
from tests.push.bench import DAY, SNAPSHOT, Bench
from tests.push.fake_odoo import ADMIN_UID, FakeOdoo, Fault

SEGMENT = "segment_champions"
INTERNAL = Outcome(rejected_because="internal user")


@pytest.fixture(params=[17, 19])
def odoo(request: pytest.FixtureRequest) -> Iterator[FakeOdoo]:
    with FakeOdoo(request.param) as server:
        yield server


@pytest.fixture
def tagging(bench: Bench) -> Bench:
    """The bench of lists, with tags for its destination."""
    bench.admin.execute(
        "insert into audiences.list_definition values (%s, 'segment', null, null, 'email', false, 'Champions')",
        (SEGMENT,),
    )
    bench.list_name = SEGMENT
    bench.destination = OdooTags(bench.client, bench.connection)
    bench.suppression = OdooSuppression(bench.client, OdooLists(bench.client, bench.connection), SNAPSHOT)
    return bench


def people(count: int, first: int = 0) -> list[str]:
    return [f"c{number:03}@example.com" for number in range(first, first + count)]


def tagged(bench: Bench) -> list[str]:
    """Whoever has the tag in Odoo."""
    return sorted(
        str(row["email_normalized"])
        for row in bench.odoo.store.records["res.partner"].values()
        if bench.list_id() in row.get("category_id", [])
    )


def by_hand(bench: Bench, address: str, command: int, tag: int | None = None) -> None:
    """A person sets (4) or takes off (3) a tag."""
    change = {"category_id": [[command, tag or bench.list_id()]]}
    bench.odoo.store.as_user(ADMIN_UID, "write", "res.partner", [bench.customer(address)], change)


def test_a_tag_follows_its_segment_and_leaves_other_tags_alone(tagging: Bench, odoo: FakeOdoo) -> None:
    (vip,) = odoo.store.as_user(ADMIN_UID, "create", "res.partner.category", [{"name": "VIP"}])
    for address in people(9):
        by_hand(tagging, address, 4, vip)
    tagging.audience(people(9))
    assert tagging.push() == {"add done": 9}
    assert tagged(tagging) == tagging.open_stays() == people(9)
    assert odoo.store.records["res.partner.category"][tagging.list_id()]["name"] == "Creamery: Champions"
    tagging.audience(people(9, first=3))
    assert tagging.push() == {"add done": 3, "keep done": 6, "remove done": 3}
    assert tagged(tagging) == tagging.open_stays() == people(9, first=3)
    written = len(odoo.writes())
    assert tagging.push() == {"keep done": 9}
    assert len(odoo.writes()) == written
    with_vip = [row for row in odoo.store.records["res.partner"].values() if vip in row.get("category_id", [])]
    assert len(with_vip) == 9


def test_what_people_set_and_take_off_stays_so(tagging: Bench) -> None:
    tagging.audience(people(4))
    tagging.push()
    by_hand(tagging, "friend@example.com", 4)
    by_hand(tagging, people(1)[0], 3)
    tagging.audience([*people(4), "friend@example.com"])
    tagging.push()
    assert tagged(tagging) == [*people(3, first=1), "friend@example.com"]
    by_hand(tagging, people(1)[0], 4)  # and this one is a person's from now on
    tagging.audience(people(2, first=2))
    tagging.push()
    assert tagged(tagging) == [people(1)[0], *people(2, first=2), "friend@example.com"]


def test_internal_users_are_left_alone(tagging: Bench, odoo: FakeOdoo) -> None:
    """Staff of before, and one who becomes staff just before Odoo is written to: it refuses the whole call."""
    tagging.audience(people(6))
    ids = {address: tagging.customer(address) for address in people(6)}
    odoo.store.as_user(ADMIN_UID, "write", "res.partner", [ids[people(1)[0]]], {"partner_share": False})
    members = [Member(address, partner_id=key) for address, key in ids.items()]
    ledger.pin(tagging.connection, tagging.destination)
    outcomes = tagging.destination.add(SEGMENT, members[:2])
    assert outcomes == {members[0].address: INTERNAL, members[1].address: DONE}

    def hire(model: str, method: str) -> Fault:
        if (model, method) == ("res.partner", "write"):
            odoo.store.records["res.partner"][ids[people(6)[5]]]["partner_share"] = False
        return Fault.NONE

    odoo.plan_fault = hire
    tagging.audience(people(5, first=1))
    counts = tagging.push()
    assert counts == {"add done": 3, "add rejected": 1, "keep done": 1}
    assert tagged(tagging) == people(4, first=1)
    assert [call for call in odoo.writes() if call == ("res.partner", "write")] > [("res.partner", "write")] * 2


def test_who_has_become_an_internal_user_keeps_the_tag_and_is_told(tagging: Bench, odoo: FakeOdoo) -> None:
    tagging.audience(people(3))
    tagging.push()
    odoo.store.as_user(ADMIN_UID, "write", "res.partner", [tagging.customer(people(1)[0])], {"partner_share": False})
    assert tagging.push() == {"keep done": 2, "remove rejected": 1}
    assert tagged(tagging) == people(3)


@pytest.mark.parametrize("fault", [Fault.DROPPED, Fault.LOST_RESPONSE, Fault.SERVER_ERROR])
def test_a_lost_answer_is_read_back_and_the_tag_stays_ours(tagging: Bench, odoo: FakeOdoo, fault: Fault) -> None:
    faults = iter([fault])
    odoo.plan_fault = lambda model, method: (
        next(faults, Fault.NONE) if (model, method) == ("res.partner", "write") else Fault.NONE
    )
    tagging.audience(people(4))
    assert tagging.push() == {"add done": 4}
    faults = iter([fault])
    tagging.audience(people(2))
    assert tagging.push() == {"keep done": 2, "remove done": 2}
    assert tagged(tagging) == tagging.open_stays() == people(2)


def test_a_contact_whose_address_changes_keeps_one_tag_of_ours(tagging: Bench, odoo: FakeOdoo) -> None:
    tagging.audience(people(3))
    tagging.push()
    new = {"email": "new@example.com"}
    odoo.store.as_user(ADMIN_UID, "write", "res.partner", [tagging.customer(people(1)[0])], new)
    tagging.audience(people(2, first=1))
    assert tagging.push() == {"keep done": 2, "remove done": 1}
    tagging.audience([*people(2, first=1), "new@example.com"])
    assert tagging.push() == {"add done": 1, "keep done": 2}
    assert tagged(tagging) == [*people(2, first=1), "new@example.com"]


def test_a_tag_deleted_in_odoo_is_asked_about_and_made_anew(tagging: Bench, odoo: FakeOdoo) -> None:
    tagging.audience(people(3))
    tagging.push()
    odoo.store.as_user(ADMIN_UID, "unlink", "res.partner.category", [tagging.list_id()])
    tagging.destination = OdooTags(tagging.client, tagging.connection)
    plan = tagging.plan()
    assert (plan.state, plan.add_count) == (State.AWAITING_APPROVAL, 3)
    assert "the destination has lost everybody of ours" in plan.concerns
    tagging.push()
    assert tagged(tagging) == people(3)


def test_a_plan_is_rolled_back(tagging: Bench) -> None:
    tagging.audience(people(3))
    tagging.push()
    tagging.audience(people(3, first=1))
    tagging.push()
    newest = ledger.newest_plan(tagging.connection, tagging.destination.name, SEGMENT)
    assert newest
    plan = make_roll_back(tagging.connection, tagging.destination, newest.plan_id)
    ledger.set_state(tagging.connection, plan.plan_id, State.APPROVED, "a person")
    tagging.apply(plan)
    assert tagged(tagging) == people(3)


def test_only_segments_that_are_named_become_tags(
    tagging: Bench, odoo: FakeOdoo, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As push_audiences does it: lists and tags in one run, and no tag where its segment is not named any more."""
    tagging.audience(people(4))
    assert push_all(tagging, odoo, []) == {SEGMENT: {"add done": 4}}
    assert push_all(tagging, odoo, ["champions"]) == {
        SEGMENT: {"keep done": 4},
        f"tag of {SEGMENT}": {"add done": 4},
    }
    named = dataclasses.replace(settings.load(), tagged_segments=("champions",), calls_per_second=10**6)
    monkeypatch.setattr(settings, "load", lambda: named)
    print_preview(warehouse_of(tagging), odoo.login, SEGMENT)
    assert f"tag of {SEGMENT}: 4 held, 0 to add, 0 to remove, 4 then" in capsys.readouterr().out
    monkeypatch.undo()
    assert push_all(tagging, odoo, [])[f"tag of {SEGMENT}"] == {"remove done": 4}
    assert all(not row.get("category_id") for row in odoo.store.records["res.partner"].values())
    assert f"tag of {SEGMENT}" not in push_all(tagging, odoo, [])


def push_all(bench: Bench, odoo: FakeOdoo, segments: Sequence[str]) -> dict[str, dict[str, int]]:
    """All of it, approved, without the lists of nobody."""
    wanted = dataclasses.replace(settings.load(), tagged_segments=tuple(segments), calls_per_second=10**6)
    with odoo_push.opened(warehouse_of(bench), odoo.login, wanted) as push:
        ids = [plan.plan_id for plan in push.plan_lists(DAY)]
        push.approve(ids, "a person")
        counts = push.apply_plans(ids)
        push.verify_plans(ids)
    return {name: of_list for name, of_list in counts.items() if of_list}


def warehouse_of(bench: Bench) -> str:
    return nights.as_login(f"{bench.admin.info.dsn} password={bench.admin.info.password}", "creamery_pipeline")


def test_a_segment_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "odoo.yaml"
    text = settings.FILE.read_text()
    file.write_text(text.replace("tags: []", "tags: [champions]"))
    assert settings.load(file).tagged_segments == ("champions",)
    file.write_text(text.replace("tags: []", "tags: [champion]"))
    with pytest.raises(ConfigError, match="there is no segment champion in"):
        settings.load(file)
    file.write_text(text.replace("tags: []", "tags: champions"))
    with pytest.raises(ConfigError, match="is not a list of segments"):
        settings.load(file)
