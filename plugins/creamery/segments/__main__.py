"""python -m creamery.segments check FOLDER | fields"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from creamery.errors import InputError
from creamery.segments.catalogue import load_catalogue
from creamery.segments.definition import CustomerList, SegmentDefinition, count_conditions, load_segments
from creamery.segments.documentation import render


def main(arguments: Sequence[str] | None = None) -> int:
    """Gives 0; 1 where a definition is bad; 2 where nothing could be checked."""
    given = _parser().parse_args(arguments)
    try:
        if given.command == "fields":
            print(render(load_catalogue()), end="")
            return 0
        return _check(given.folder)
    except InputError as error:
        print(error, file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m creamery.segments", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    check = commands.add_parser("check", help="tell which definitions of a folder can be used")
    check.add_argument("folder", type=Path)
    commands.add_parser("fields", help="print docs/segment-fields.md")
    return parser


def _check(folder: Path) -> int:
    segments = load_segments(folder, load_catalogue())
    lines = [(definition.name, f"OK   {definition.name}: {_size(definition)}") for definition in segments.definitions]
    lines += [(error.file, f"BAD  {error}") for error in segments.errors]
    for _, line in sorted(lines):
        print(line)
    return 1 if segments.errors else 0


def _size(definition: SegmentDefinition) -> str:
    if isinstance(definition.rule, CustomerList):
        return f"{len(definition.rule.customer_ids)} customers"
    count = count_conditions(definition.rule)
    return f"{count} condition{'s' if count > 1 else ''}"


if __name__ == "__main__":
    sys.exit(main())
