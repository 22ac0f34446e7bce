"""The channels and the words that stand for them, which business users may edit, stay complete and unambiguous."""

import re

import pytest

from tests.policy.test_seeds import read

# What every other package builds its keys from.
AGREED = {
    "WEBSHOP", "POS", "SALES_TEAM", "SUBSCRIPTION", "EMAIL", "SMS", "SOCIAL", "SEARCH_PAID", "SEARCH_ORGANIC",
    "DISPLAY", "REFERRAL", "AFFILIATE", "EVENT", "PHONE", "WEBSITE", "SURVEY", "SUPPORT", "DIRECT", "OTHER", "UNKNOWN",
}  # fmt: skip


def words(text: str) -> str:
    return f" {re.sub(r'[^a-z0-9]+', ' ', text.lower()).strip()} "


def channel_of(name: str, field: str) -> str | None:
    rules = sorted(read("channels/utm_channel_rule"), key=lambda rule: int(rule["priority"]))
    found = (r["channel_code"] for r in rules if r["utm_field"] == field and words(r["pattern"]) in words(name))
    return next(found, None)


def test_the_agreed_channels_are_there() -> None:
    assert {row["channel_code"] for row in read("channels/interaction_channel")} >= AGREED


def test_no_rule_is_hidden_by_an_earlier_one() -> None:
    rules = read("channels/utm_channel_rule")
    assert len({(rule["utm_field"], words(rule["pattern"])) for rule in rules}) == len(rules)
    hidden = [r for r in rules if channel_of(r["pattern"], r["utm_field"]) != r["channel_code"]]
    assert hidden == []


@pytest.mark.parametrize(
    ("name", "field", "channel"),
    [
        ("Email", "medium", "EMAIL"),
        ("Google Adwords", "medium", "SEARCH_PAID"),
        ("Google Ads WH", "source", "SEARCH_PAID"),
        ("Google", "source", "SEARCH_ORGANIC"),
        ("X", "medium", "SOCIAL"),
        ("Xmas", "medium", None),
        ("Direct mail", "medium", "OTHER"),
        ("Television", "medium", None),
    ],
)
def test_names_that_odoo_comes_with(name: str, field: str, channel: str | None) -> None:
    assert channel_of(name, field) == channel


def test_a_domain_has_one_provider() -> None:
    patterns = {row["domain_pattern"]: row["provider"] for row in read("campaigns/mail_provider")}
    overlapping = [
        (exact, wild)
        for wild in patterns
        for exact in patterns
        if wild.endswith("%") and exact != wild and exact.startswith(wild[:-1]) and patterns[exact] != patterns[wild]
    ]
    assert overlapping == []


@pytest.mark.parametrize("seed", ["campaign_plan", "campaign_cost", "acquisition_cost"])
def test_no_cost_is_shipped(seed: str) -> None:
    """Nobody else's money: what is not known is NULL."""
    assert read(f"campaigns/{seed}") == []
