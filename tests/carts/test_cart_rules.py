"""Discount codes, and the rules of campaigns/carts.yaml."""

from collections import Counter
from pathlib import Path

import pytest

from creamery.carts.codes import offer_code
from creamery.carts.rules import load_rules
from creamery.errors import InputError
from tests import nights


def test_codes_are_stable_unique_and_not_to_be_guessed() -> None:
    codes = {offer_code("secret", "CART", cart, 3) for cart in range(20_000)}
    assert len(codes) == 20_000
    assert offer_code("secret", "CART", 7, 3) in codes
    assert offer_code("other", "CART", 7, 3) not in codes
    places = list(zip(*(code.removeprefix("CART-").replace("-", "") for code in codes), strict=True))
    assert len(places) == 12
    for letters in places:  # each letter is as likely at each place: nothing of the cart shows
        assert max(Counter(letters).values()) < 20_000 / 32 * 1.25


def test_shipped_rules_can_be_read() -> None:
    assert [step.delay_hours for step in load_rules().steps] == [1, 24, 72]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("idle_minuts: 3", "unknown key idle_minuts"),
        ("minimum_value: -1", "minimum_value: -1 is not a number"),
        ("control_percent: 100", "nobody would be reminded"),
        ("steps: []", "give at least one"),
        ("steps: [{delay_hours: 24}, {delay_hours: 1}]", "longer than the one before"),
        ("steps: [{delay_hours: 0.25}]", "not abandoned yet"),
        ("steps: [{delay_hours: 1}, {delay_hours: 720}]", "has expired"),
        ("steps: [{hours: 1}]", "unknown key hours"),
    ],
)
def test_rules_that_cannot_be_are_refused(tmp_path: Path, change: str, message: str) -> None:
    name = change.partition(":")[0]
    shipped = (nights.ROOT / "campaigns" / "carts.yaml").read_text().split("\n")
    kept = [line for line in shipped if not line.startswith(name) and not (name == "steps" and line.startswith("  -"))]
    file = tmp_path / "carts.yaml"
    file.write_text("\n".join([*kept, change]))
    with pytest.raises(InputError, match=message):
        load_rules(file)


def test_missing_rules_are_named(tmp_path: Path) -> None:
    (tmp_path / "carts.yaml").write_text("idle_minutes: 30")
    with pytest.raises(InputError, match="control_percent is missing"):
        load_rules(tmp_path / "carts.yaml")
