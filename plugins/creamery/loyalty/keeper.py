"""What applying a plan needs to know of a system that keeps balances of points."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from creamery.loyalty.amounts import Card, Deferral
from creamery.loyalty.awards import Account


class SourceKind(StrEnum):
    """Whose points they are."""

    ODOO = "odoo"
    ADDON = "addon"


@dataclass(frozen=True, slots=True)
class Written:
    """An expiry or an award as it stands in the system, less what was taken back of it."""

    points: Decimal
    written_at: datetime


# By its key; a lot whose points were all used before is not among them, nor an award that was given before.
Expired = dict[str, Written]


class Proofs(Protocol):
    """A system that tells what was written into it."""

    source_kind: SourceKind

    def database_uuid(self) -> str | None:
        """Of the Odoo behind it; None where nothing there tells."""

    def written(self, card_id: int, keys: Sequence[str]) -> Expired:
        """Those of the entries that stand in the system, once no interrupted write can come any more."""

    def read_back(self, keys: Sequence[str]) -> Expired:
        """The same for many cards at once, as it stands."""


class AwardKeeper(Proofs, Protocol):
    """A system in which points are awarded; `award` may be called again at any time, as `expire` below."""

    def award(self, account: Account) -> Expired | Deferral:
        """Give the account what it was not given yet, and the tier that its points reach then."""


class PointsKeeper(Proofs, Protocol):
    """A system in which points expire.

    `expire` may be called again at any time, also after it was interrupted: what it wrote before it finds, and does
    not write twice. It raises RefusedError (nothing was written of this card, the next one may do), AccessRefusedError
    (nothing more can be written) or UnknownOutcomeError (call it again).
    """

    def why_only_reporting(self) -> str | None:
        """Why no points may be taken here by us; None where they may."""

    def expire(self, card: Card, known_at: datetime) -> Expired | Deferral:
        """Take what is left of the card's lots off its balance, as entries of its log that name the lots."""
