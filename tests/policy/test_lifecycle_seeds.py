"""The lifecycle's seeds, which business users may edit, stay complete and sensible."""

import csv
import re
from collections import defaultdict
from itertools import pairwise, product
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2] / "dbt_project"
VOCABULARIES = {
    "stage": {"acquired", "onboarding", "active", "engaged", "at_risk", "dormant", "churned", "won_back"},
    "retention_state": {"LEAD", "CUSTOMER", "REPEAT", "VIP", "AT_RISK", "CHURNED", "REACTIVATED"},
    "clm_stage": {"acquisition", "onboarding", "growth", "retention", "win_back", "churn"},
}


def read(name: str) -> list[dict[str, str]]:
    with (PROJECT / "seeds" / "lifecycle" / f"{name}.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert all(None not in row and None not in row.values() for row in rows), "a comma too many or too few"
    return rows


def thresholds() -> dict[str, float]:
    return {row["threshold_code"]: float(row["threshold_value"]) for row in read("lifecycle_threshold")}


def test_thresholds_are_those_that_the_models_ask_for() -> None:
    files = [*(PROJECT / "models").rglob("*.sql"), *(PROJECT / "macros").glob("*.sql")]
    text = "\n".join(file.read_text() for file in files)
    asked = set(re.findall(r'(?:threshold|day_limit)\("(\w+)"', text))
    asked |= set(re.findall(r"threshold_code = '(\w+)'", text))
    measures = set(re.findall(r'score_level\("[^"]+", "(\w+)"\)', text))
    asked |= {f"{measure}_{level}_score" for measure, level in product(measures, ("high", "medium"))}
    assert asked == set(thresholds())


def test_thresholds_of_the_specification() -> None:
    assert thresholds() | {
        "at_risk_days": 30, "dormant_days": 60, "churned_days": 90, "won_back_days": 30, "onboarding_days": 30,
        "onboarding_orders": 3, "few_order_days": 4, "at_risk_rule_score": 60, "engaged_entry_score": 80,
        "engaged_entry_days": 14, "engaged_hold_score": 50, "value_high_score": 70, "value_medium_score": 40,
        "retention_at_risk_days": 90, "retention_churned_days": 180,
    } == thresholds()  # fmt: skip


def test_who_may_enter_engaged_is_also_held() -> None:
    """Otherwise a spell in which somebody enters would not begin a hold. 0.7 is the quickest rhythm's factor."""
    limits = thresholds()
    assert limits["engaged_hold_score"] <= limits["engaged_entry_score"]
    assert limits["engaged_entry_days"] <= limits["at_risk_days"] * 0.7
    assert limits["at_risk_days"] < limits["dormant_days"] < limits["churned_days"]
    assert limits["retention_at_risk_days"] < limits["retention_churned_days"]


def test_money_carries_its_currency_and_another_currency_a_quantile() -> None:
    for row in read("lifecycle_threshold"):
        is_money = row["threshold_code"].endswith("_spend")
        assert (row["currency_code"] != "") == is_money, row["threshold_code"]
        assert not is_money or 0 < thresholds()[f"{row['threshold_code']}_quantile"] < 1


def test_steps_of_points_begin_at_nothing_and_are_ordered() -> None:
    steps = defaultdict(list)
    for row in read("engagement_points"):
        steps[row["part"]].append((int(row["at_least"]), int(row["points"])))
    assert set(steps) == {"order_recency", "order_count", "subscription"}
    for part, rows in steps.items():
        assert rows[0][0] == 0, part
        assert all(earlier[0] < later[0] for earlier, later in pairwise(rows)), part
    # Within a spell the score must never rise (customer_spells).
    assert all(earlier[1] > later[1] for earlier, later in pairwise(steps["order_recency"]))


def test_points_of_the_source_document_add_up_to_100() -> None:
    highest: dict[str, int] = defaultdict(int)
    for row in read("engagement_points") + read("engagement_code_points"):
        highest[row["part"]] = max(highest[row["part"]], int(row["points"]))
    assert highest == {"order_recency": 30, "order_count": 25, "subscription": 25, "loyalty_tier": 10, "nps": 10}
    codes = {row["value_code"] for row in read("engagement_code_points") if row["part"] == "nps"}
    assert codes == {"promoter", "passive", "detractor"}


@pytest.mark.parametrize(
    ("score", "parts"),
    [
        ("value", {"predicted_clv", "margin", "frequency", "recency"}),
        ("health", {"engagement", "churn", "satisfaction"}),
    ],
)
def test_weights_are_complete_and_add_up(score: str, parts: set[str]) -> None:
    weights = {row["part"]: float(row["weight"]) for row in read("score_weight") if row["score_code"] == score}
    assert set(weights) == parts
    assert sum(weights.values()) == pytest.approx(1)


def test_tiers_rise_in_every_respect() -> None:
    base, *others = read("customer_tier_level")
    assert (base["min_annual_spend"], base["spend_quantile"], base["min_order_frequency"]) == ("", "", "")
    for column in ("tier_level", "min_annual_spend", "spend_quantile", "min_order_frequency", "discount_percentage"):
        values = [float(tier[column]) for tier in others]
        assert values == sorted(set(values)), column
    assert all(tier["currency_code"] for tier in others)


def test_stages_are_complete_and_ordered() -> None:
    stages = defaultdict(list)
    for row in read("lifecycle_stage"):
        stages[row["vocabulary"]].append((row["stage"], int(row["stage_position"])))
    assert {vocabulary: {stage for stage, _ in rows} for vocabulary, rows in stages.items()} == VOCABULARIES
    for rows in stages.values():
        assert [position for _, position in rows] == list(range(1, len(rows) + 1))


def test_every_customer_has_exactly_one_clm_stage() -> None:
    rows = read("clm_stage_map")
    for stage, trend, orders in product(VOCABULARIES["stage"], ("increasing", "stable", "decreasing"), range(60)):
        found = [
            row["clm_stage"]
            for row in rows
            if row["stage"] == stage
            and row["engagement_trend"] in ("any", trend)
            and int(row["min_orders"]) <= orders <= int(row["max_orders"])
        ]
        assert len(found) == 1, (stage, trend, orders)


def test_every_clm_stage_can_be_reached_and_says_what_to_do() -> None:
    rows = read("clm_stage_map")
    assert {row["clm_stage"] for row in rows} == VOCABULARIES["clm_stage"]
    assert all(row["recommended_actions"] for row in rows)
    assert max(int(row["max_orders"]) for row in rows) == 1_000_000


def test_kpis_are_those_that_are_counted() -> None:
    counted = (PROJECT / "models" / "marts" / "lifecycle" / "fact_kpi.sql").read_text()
    assert {row["kpi_code"] for row in read("kpi")} == set(re.findall(r"^        \('(\w+)',", counted, re.M))
    targets = {row["kpi_code"]: row["target_value"] for row in read("kpi") if row["target_value"]}
    assert targets == {
        "retention_rate": "90", "win_back_rate": "15", "onboarding_completion_rate": "80", "nps": "50",
        "loyalty_enrollment_rate": "70",
    }  # fmt: skip
