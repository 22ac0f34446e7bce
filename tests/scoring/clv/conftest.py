"""Data sets that several tests read; none changes them."""

from pathlib import Path

import pandas as pd
import pytest

from creamery.scoring.clv import PastCutoff
from tests.scoring.clv import transactions


@pytest.fixture(scope="session")
def cdnow() -> PastCutoff:
    """CDNOW after 39 weeks, and the 39 weeks that followed."""
    return transactions.cutoff(transactions.cdnow(), "1997-09-30", "1998-06-30", (30, 90, 273))


@pytest.fixture(scope="session")
def retail(shared_data: Path) -> pd.DataFrame:
    return transactions.online_retail(shared_data)


@pytest.fixture(scope="session")
def days() -> pd.DataFrame:
    """Three years of a shop of 3,000 customers who buy as BG/NBD and Gamma-Gamma say."""
    return transactions.simulated(3_000)


@pytest.fixture(scope="session")
def purchases(days: pd.DataFrame) -> pd.DataFrame:
    """That shop on its last day."""
    return transactions.purchases_at(days, "2025-12-30")


@pytest.fixture(scope="session")
def history(days: pd.DataFrame) -> list[PastCutoff]:
    """The same shop at four past cut-offs."""
    cutoffs = ("2024-12-30", "2025-03-30", "2025-06-30", "2025-09-20")
    return [transactions.cutoff(days, at, "2025-12-30") for at in cutoffs]
