"""Whatever customers do, and wherever a run stops: nobody is reminded twice or wrongly, and nobody is lost."""

import datetime as dt
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from creamery.carts import run as carts
from creamery.push.export_folder import LocalFolder
from tests.carts.web_shop import RULES, WebShop, look, members

HANDED_OVER = "handed over"
_CARTS, _CUSTOMERS = st.integers(1, 4), {1: 10, 2: 11, 3: 12, 4: 10}
_EVENTS = st.one_of(
    st.tuples(st.just("fill"), _CARTS),
    st.tuples(st.just("confirm"), _CARTS),
    st.tuples(st.just("cancel"), _CARTS),
    st.tuples(st.just("order"), st.sampled_from([10, 11, 12])),
    st.tuples(st.just("block"), st.sampled_from([10, 11, 12])),
    st.tuples(st.just("allow"), st.sampled_from([10, 11, 12])),
    st.tuples(st.just("wait"), st.sampled_from([0.25, 0.75, 1, 6, 23, 24, 72, 800])),
    st.tuples(st.just("crash"), st.sampled_from(["_settle", "_give_files", "_unfinished_lists", "_acknowledge"])),
    st.tuples(st.just("run"), st.none()),
)


class Model:
    """What the shop's customers did, told apart from how the library looks at it."""

    def __init__(self, shop: WebShop) -> None:
        self.shop = shop
        self.touched: dict[int, dt.datetime] = {}
        self.drafts: set[int] = set()
        self.orders: dict[int, dt.datetime] = {}
        self.blocked: set[int] = set()
        self.numbers = iter(range(1_000, 10_000))

    def happen(self, kind: str, what: int | float) -> None:
        shop, now = self.shop, self.shop.now
        if kind == "wait":
            shop.pass_time(hours=what)
        elif kind == "fill" and (what in self.drafts or what not in self.touched):
            shop.line(int(what)) if what in self.drafts else shop.cart(int(what), _CUSTOMERS[int(what)])
            self.drafts.add(int(what))
            self.touched[int(what)] = now
        elif kind in ("confirm", "cancel") and what in self.drafts:
            shop.confirm(int(what), "sale" if kind == "confirm" else "cancel")
            self.drafts.discard(int(what))
            if kind == "confirm":
                self.orders[_CUSTOMERS[int(what)]] = now
        elif kind == "order":
            shop.ordered(next(self.numbers), int(what))
            self.orders[int(what)] = now
        elif kind == "block" and what not in self.blocked:
            shop.do("insert into mail_blacklist (email, active) values (%s, true)", f"person{what}@example.com")
            self.blocked.add(int(what))
        elif kind == "allow":
            shop.do("delete from mail_blacklist where email = %s", f"person{what}@example.com")
            self.blocked.discard(int(what))

    def may_be_reminded(self, cart: int) -> bool:
        customer = _CUSTOMERS[cart]
        return (
            cart in self.drafts
            and customer not in self.blocked
            and not (customer in self.orders and self.orders[customer] > self.touched[cart])
            and self.shop.now - self.touched[cart] < dt.timedelta(days=30)
        )

    def due(self, cart: int, step: int) -> bool:
        return self.shop.now - self.touched[cart] >= dt.timedelta(hours=RULES.steps[step - 1].delay_hours)

    def is_newest(self, cart: int) -> bool:
        others = [other for other in self.drafts if _CUSTOMERS[other] == _CUSTOMERS[cart] and other != cart]
        return all(self.touched[other] < self.touched[cart] for other in others)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(_EVENTS, min_size=4, max_size=25))
def test_nobody_is_reminded_twice_or_wrongly_and_nobody_is_lost(
    opened: WebShop, tmp_path_factory: pytest.TempPathFactory, events: list[tuple[str, int | float | str | None]]
) -> None:
    opened.reset()
    folder = tmp_path_factory.mktemp("lists")
    for partner in (10, 11, 12):
        opened.customer(partner)
    look(opened, folder)
    model, before = Model(opened), set[tuple[int, int]]()
    for kind, what in [*events, ("run", None)]:
        if kind == "crash":
            crash(opened, folder, str(what))
        elif kind == "run":
            look(opened, folder)
            before = check(opened, folder, model, before)
        else:
            model.happen(kind, what)  # type: ignore[arg-type]


def crash(shop: WebShop, folder: Path, place: str) -> None:
    """A run that dies where `place` would begin."""

    class Killed(Exception):  # noqa: N818
        pass

    def die(*_: object) -> None:
        raise Killed

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(carts, place, die)
        try:
            look(shop, folder)
        except Killed:
            return


def check(shop: WebShop, folder: Path, model: Model, before: set[tuple[int, int]]) -> set[tuple[int, int]]:
    outcomes = shop.steps()
    listed = [(int(row["order_name"][1:]), int(row["list"][-1])) for row in members(folder)]
    handed_over = {key for key, outcome in outcomes.items() if outcome == HANDED_OVER}
    assert sorted(listed) == sorted(handed_over)  # nobody twice, nobody lost
    for cart, step in handed_over - before:
        assert model.may_be_reminded(cart), (cart, step)
    for cart in model.drafts:
        wanted = [step for step in (1, 2, 3) if model.due(cart, step)]
        if wanted and model.may_be_reminded(cart) and model.is_newest(cart):
            assert (cart, wanted[-1]) in outcomes
            assert all(outcomes[cart, step] != "due" for step in wanted)
    everything = {path: path.read_bytes() for path in folder.rglob("*.csv")}
    assert shop.runs().run(LocalFolder(folder)).is_idle  # once more changes nothing
    assert shop.steps() == outcomes
    assert {path: path.read_bytes() for path in folder.rglob("*.csv")} == everything
    return handed_over
