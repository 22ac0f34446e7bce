"""make backtest: the scorecard of the demo shop, CDNOW and Online Retail, each trained on its last day."""

import importlib.util
import os
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from creamery.errors import RunError
from creamery.laptop import nightly, sources, stack
from creamery.laptop.environment import DEFAULT_WAREHOUSE
from creamery.laptop.installation import Installation

_SHARED = Path(__file__).resolve().parents[4] / "shared"


@dataclass(frozen=True, slots=True)
class _Shop:
    """A source made from one file of orders, and its last complete day."""

    name: str
    file: Path | None
    flags: tuple[str, ...]
    last_day: date


def run(installation: Installation) -> None:
    """Make the shops that are missing, train on each, and print how models and baselines did."""
    stack.start_postgres(installation)
    if DEFAULT_WAREHOUSE in sources.names(installation):
        _train(installation, DEFAULT_WAREHOUSE, None)
    else:
        print("The demo shop is left out: make it with make demo.")
    for shop in _shops():
        if shop.file is None or not shop.file.exists():
            print(f"{shop.name} is left out: its file of orders is not here ({shop.file}).")
            continue
        if shop.name not in sources.names(installation):
            sources.import_orders(installation, shop.file, shop.name, shop.flags)
        _train(installation, shop.name, shop.last_day)


def _train(installation: Installation, name: str, last_day: date | None) -> None:
    if not nightly.has_published(installation, name):
        if last_day is None:
            raise RunError(f"Nothing is published in {name} yet. Run make nightly WAREHOUSE={name} first.")
        nightly.run(installation, last_day, name)
    nightly.train(installation, None, name)


def _shops() -> tuple[_Shop, ...]:
    package = importlib.util.find_spec("lifetimes")
    cdnow = Path(package.origin).parent / "datasets" / "CDNOW_master.txt" if package and package.origin else None
    shared = Path(os.environ.get("CREAMERY_SHARED", _SHARED))
    retail = shared / "data" / "online_retail.parquet"
    return (
        _Shop("cdnow", cdnow, (), date(1998, 6, 30)),
        _Shop(
            "online_retail",
            retail,
            ("--currency", "GBP", "--time-zone", "Europe/London", "--adjustment-prefix", "A"),
            date(2011, 12, 9),
        ),
    )
