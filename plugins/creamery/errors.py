"""What can go wrong, by name.

Every message names the thing, the place and the fix; see docs/operations.md for the list.
"""


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


class RunError(CreameryError):
    """A night or one of its parts failed; the published day stands."""
