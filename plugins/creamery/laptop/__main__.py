"""The commands behind the Makefile: python -m creamery.laptop <command>."""

import argparse
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path

from creamery.as_of import Every
from creamery.errors import CreameryError
from creamery.laptop import backtest, data_docs, demo, nightly, processes, sources, stack, status, tools
from creamery.laptop.environment import DEFAULT_WAREHOUSE, warehouse_database
from creamery.laptop.installation import Installation, load

_LOG_LINES = "40"


def main(arguments: Sequence[str]) -> int:
    """Exit code: 0 done, 1 something failed (said in one message), 2 wrong usage, 130 interrupted."""
    try:
        if arguments[:1] == ["exec"]:  # not for argparse: every further argument is the tool's
            tools.replace_process(load(), arguments[1], arguments[2:])
        options = _parser().parse_args(arguments)
        options.action(load(), options)
    except CreameryError as error:
        print(f"\n{type(error).__name__}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\ninterrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:  # whoever read our output has gone
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m creamery.laptop", allow_abbrev=False)
    commands = parser.add_subparsers(required=True)

    def add(name: str, action: object, text: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=text, allow_abbrev=False)
        command.set_defaults(action=action)
        return command

    command = add("demo", lambda here, given: demo.run(here, given.customers), "everything, on the demo shop")
    command.add_argument("--customers", type=int, default=demo.DEFAULT_CUSTOMERS)
    command = add("nightly", _nightly, "one night in the foreground")
    command.add_argument("--as-of", type=_day, metavar="YYYY-MM-DD", help="default: yesterday")
    command.add_argument("--warehouse", default=DEFAULT_WAREHOUSE)
    command = add("backfill", _backfill, "past days again, from what was extracted")
    command.add_argument("--from", dest="first", type=_day, metavar="YYYY-MM-DD", required=True)
    command.add_argument("--to", dest="last", type=_day, metavar="YYYY-MM-DD", required=True)
    command.add_argument("--every", choices=list(Every), default=Every.MONTH_END)
    command.add_argument("--warehouse", default=DEFAULT_WAREHOUSE)
    command = add("train", _train, "models again, and how they did on closed windows")
    command.add_argument("--as-of", type=_day, metavar="YYYY-MM-DD", help="default: the newest published day")
    command.add_argument("--warehouse", default=DEFAULT_WAREHOUSE)
    add("backtest", lambda here, given: backtest.run(here), "the scorecard of the demo shop, CDNOW and Online Retail")
    command = add("extract", _extract, "the extraction alone")
    command.add_argument("--warehouse", default=DEFAULT_WAREHOUSE)
    command.add_argument("--full", action="store_true", help="read every table whole and compare every row")
    command.add_argument("--accept-shrinking", nargs="+", default=[], metavar="TABLE")
    command = add("push-preview", _push_preview, "what a push into Odoo would change today")
    command.add_argument("--campaign", help="default: every list")
    command.add_argument("--warehouse", default=DEFAULT_WAREHOUSE)
    add("status", lambda here, given: status.print_status(here), "what runs, and where")
    command = add("docs", _docs, "the data model as one HTML page")
    command.add_argument("--warehouse", default=DEFAULT_WAREHOUSE)
    command = add("logs", _logs, "the last lines of the logs, or one log as it grows")
    command.add_argument("name", nargs="?", choices=processes.NAMES)
    add("down", lambda here, given: stack.stop(here), "stop everything")
    add("clean", lambda here, given: stack.remove(here), "stop and delete everything")
    command = add("psql", _psql, "the warehouse in psql")
    command.add_argument("--warehouse", default=DEFAULT_WAREHOUSE)
    command.add_argument("--sql", help="print the plain rows of this query instead")
    command = add("import-orders", _import_orders, "a source from one file of orders")
    command.add_argument("file", type=Path)
    command.add_argument("--name")
    command.add_argument("flags", nargs=argparse.REMAINDER, help="of creamery.demo_shop.importer")
    command = add("restore-odoo", _restore_odoo, "a source from an Odoo dump")
    command.add_argument("dump", type=Path)
    command.add_argument("--name", required=True)
    return parser


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text} is not a day; write it as YYYY-MM-DD") from error


def _nightly(here: Installation, given: argparse.Namespace) -> None:
    nightly.run(here, given.as_of, given.warehouse)


def _backfill(here: Installation, given: argparse.Namespace) -> None:
    nightly.backfill(here, given.first, given.last, given.every, given.warehouse)


def _train(here: Installation, given: argparse.Namespace) -> None:
    nightly.train(here, given.as_of, given.warehouse)


def _push_preview(here: Installation, given: argparse.Namespace) -> None:
    nightly.push_preview(here, given.campaign, given.warehouse)


def _extract(here: Installation, given: argparse.Namespace) -> None:
    nightly.extract(here, given.warehouse, given.full, given.accept_shrinking)


def _logs(here: Installation, given: argparse.Namespace) -> None:
    names = [given.name] if given.name else processes.NAMES
    files = [str(file) for name in names if (file := here.logs / f"{name}.log").exists()]
    if files:
        follow = ["-F"] if given.name else []
        os.execvp("tail", ["tail", "-n", _LOG_LINES, *follow, *files])  # noqa: S606


def _docs(here: Installation, given: argparse.Namespace) -> None:
    stack.start_postgres(here)
    print(data_docs.generate(here, given.warehouse).as_uri())


def _psql(here: Installation, given: argparse.Namespace) -> None:
    stack.start_postgres(here)
    options = ["-X", "-At", "-v", "ON_ERROR_STOP=1", "-c", given.sql] if given.sql else []
    psql = here.server.binaries / "psql"
    variables = {**os.environ, **here.server.client_variables}
    os.execve(psql, [str(psql), "-d", warehouse_database(given.warehouse), *options], variables)  # noqa: S606


def _import_orders(here: Installation, given: argparse.Namespace) -> None:
    stack.start_postgres(here)
    sources.import_orders(here, given.file, given.name, given.flags)


def _restore_odoo(here: Installation, given: argparse.Namespace) -> None:
    stack.start_postgres(here)
    sources.restore_odoo(here, given.dump, given.name)


if __name__ == "__main__":
    code = main(sys.argv[1:])
    with suppress(BrokenPipeError):
        sys.stdout.flush()
    os._exit(code)  # a failed demo does not wait for the threads that still start other parts
