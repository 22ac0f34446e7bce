"""What can go wrong, by name.

Every message names the thing, the place and the fix; see docs/operations.md for the list.
"""

from enum import StrEnum


class CreameryError(Exception):
    """Base of everything that Creamery raises on purpose."""


class ConfigError(CreameryError):
    """A setting, a connection or the installation is wrong or missing."""


class SourceError(CreameryError):
    """The Odoo database cannot be read, or is not the one this warehouse belongs to."""


class ContractError(CreameryError):
    """The source lacks a table or column that the source contract requires."""


class InputError(CreameryError):
    """A file or value that a person supplied cannot be used."""


class WarehouseError(CreameryError):
    """The warehouse refuses: not prepared, locked by another run, or fenced off."""


class PushError(CreameryError):
    """Something cannot be written outside the warehouse; what was acknowledged stands, the rest waits for a re-run."""


class RefusedError(PushError):
    """The destination refused a call and changed nothing: the same call fails again."""


class AccessRefusedError(PushError):
    """The destination does not let us in. Nothing more is sent."""


class PushBusyError(PushError):
    """Another run is pushing into the destination."""


class UnknownOutcomeError(PushError):
    """A write may or may not have happened: read back before anything is sent again."""


class RunError(CreameryError):
    """A night or one of its parts failed; the published day stands."""


class SegmentError(InputError):
    """A segment definition or the field catalogue is refused; other definitions stand.

    `code` never changes its meaning (docs/segment-fields.md), `place` is the path within `file` (empty: the whole),
    `allowed` what would do there.
    """

    def __init__(self, code: StrEnum, file: str, place: str, problem: str, allowed: tuple[str, ...] = ()) -> None:
        super().__init__(code, file, place, problem, allowed)
        self.code, self.file, self.place, self.problem, self.allowed = code, file, place, problem, allowed

    def __str__(self) -> str:
        where = f"{self.file}, {self.place}" if self.place else self.file
        hint = f" Allowed: {', '.join(self.allowed)}." if self.allowed else ""
        return f"{where}: {self.code}: {self.problem}.{hint}"


class ScoringError(CreameryError):
    """A model cannot be fitted or read; the one in use stays."""


class NotConvergedError(ScoringError):
    """A fit did not converge, or its parameters are degenerate: keep the last good one."""


class DropoutNotIdentifiedError(NotConvergedError):
    """The purchases do not tell dropping out from buying seldom: NBD, which has no dropout, serves."""


class TooLittleHistoryError(ScoringError):
    """No past cut-off has a closed window to learn from."""
