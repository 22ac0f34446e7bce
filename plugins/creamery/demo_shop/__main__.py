"""python -m creamery.demo_shop: make the demonstration shop in an empty database and print what it holds."""

import argparse
import datetime as dt
import logging
import sys
from dataclasses import asdict

from creamery.demo_shop.shop import create_shop
from creamery.errors import CreameryError


def main() -> int:
    """Exit code 0, or 1 with the reason on standard error."""
    parser = argparse.ArgumentParser(prog="python -m creamery.demo_shop", description=__doc__)
    parser.add_argument("--dsn", required=True, help="PostgreSQL URI of an empty database")
    parser.add_argument("--customers", type=int, default=5000)
    parser.add_argument("--as-of", type=dt.date.fromisoformat, required=True, help="last day, YYYY-MM-DD")
    parser.add_argument("--years", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        summary = create_shop(
            arguments.dsn,
            customers=arguments.customers,
            as_of=arguments.as_of,
            years=arguments.years,
            seed=arguments.seed,
        )
    except CreameryError as error:
        print(error, file=sys.stderr)
        return 1
    for name, value in asdict(summary).items():
        shown = f"{value:,}" if isinstance(value, int) else str(value)
        print(f"{name.replace('_', ' '):>16}  {shown}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
