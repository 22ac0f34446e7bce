"""python -m creamery.audiences check FOLDER: which campaigns of a folder can be run."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from creamery.audiences.definition import load_campaigns
from creamery.errors import InputError
from creamery.segments.catalogue import load_catalogue


def main(arguments: Sequence[str] | None = None) -> int:
    """Gives 0; 1 where a campaign is bad; 2 where nothing could be checked."""
    parser = argparse.ArgumentParser(prog="python -m creamery.audiences", description=__doc__)
    check = parser.add_subparsers(dest="command", required=True).add_parser("check", help="check a folder of campaigns")
    check.add_argument("folder", type=Path)
    given = parser.parse_args(arguments)
    try:
        campaigns = load_campaigns(given.folder, load_catalogue())
    except InputError as error:
        print(error, file=sys.stderr)
        return 2
    lines = [(each.name, f"OK   {each.name}: {len(each.steps)} steps") for each in campaigns.definitions]
    lines += [(error.file, f"BAD  {error}") for error in campaigns.errors]
    for _, line in sorted(lines):
        print(line)
    return 1 if campaigns.errors else 0


if __name__ == "__main__":
    sys.exit(main())
