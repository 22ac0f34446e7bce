"""Seeds that business users may edit stay complete and sensible."""

import csv
from itertools import pairwise, product
from pathlib import Path

SEEDS = Path(__file__).resolve().parents[2] / "dbt_project" / "seeds"


def read(name: str) -> list[dict[str, str]]:
    with (SEEDS / f"{name}.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def segment_map() -> dict[tuple[int, int, int], str]:
    return {
        (int(row["recency_score"]), int(row["frequency_score"]), int(row["monetary_score"])): row["segment_code"]
        for row in read("rfm_segment_map")
    }


def test_every_combination_of_scores_has_one_segment() -> None:
    assert len(read("rfm_segment_map")) == 125
    assert set(segment_map()) == set(product(range(1, 6), repeat=3))


def test_every_segment_can_be_reached_and_none_is_unknown() -> None:
    rfm = {row["segment_code"] for row in read("customer_segment") if row["segment_type"] == "rfm"}
    assert set(segment_map().values()) == rfm


def test_no_one_time_buyer_is_a_champion() -> None:
    caps = [row for row in read("rfm_score_cap") if row["score"] == "frequency"]
    highest = next(int(row["highest_score"]) for row in caps if int(row["at_least"]) <= 1 <= int(row["at_most"]))
    reachable = {segment for (_, frequency, _), segment in segment_map().items() if frequency <= highest}
    assert "CHAMPIONS" not in reachable


def test_published_examples_of_the_rule() -> None:
    """One cell per rule of the specification, chosen where two rules compete."""
    expected = {
        (5, 5, 5): "CHAMPIONS", (4, 4, 4): "CHAMPIONS", (2, 4, 4): "CANT_LOSE", (1, 5, 5): "CANT_LOSE",
        (2, 3, 3): "AT_RISK", (1, 4, 3): "AT_RISK", (3, 4, 4): "LOYAL", (5, 3, 4): "LOYAL",
        (3, 3, 3): "POTENTIAL_LOYALIST", (5, 5, 1): "POTENTIAL_LOYALIST", (4, 2, 5): "RECENT", (5, 1, 1): "RECENT",
        (3, 1, 3): "PROMISING", (3, 2, 5): "PROMISING", (1, 1, 1): "LOST", (2, 2, 2): "HIBERNATING",
        (1, 2, 1): "HIBERNATING", (3, 2, 2): "NEEDS_ATTENTION", (2, 2, 3): "NEEDS_ATTENTION",
        (3, 1, 2): "ABOUT_TO_SLEEP", (2, 5, 1): "ABOUT_TO_SLEEP", (1, 3, 2): "HIBERNATING", (1, 1, 5): "HIBERNATING",
    }  # fmt: skip
    cells = segment_map()
    assert {cell: cells[cell] for cell in expected} == expected


def test_caps_do_not_overlap() -> None:
    for score in ("recency", "frequency"):
        ranges = sorted((int(r["at_least"]), int(r["at_most"])) for r in read("rfm_score_cap") if r["score"] == score)
        assert all(low <= high for low, high in ranges)
        assert all(earlier[1] < later[0] for earlier, later in pairwise(ranges))
