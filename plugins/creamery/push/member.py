"""Who is on a list: in the audience, in the destination, and what became of an attempt to write."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Member:
    """A customer at one address: what a list should have. The address, normalised, is the key."""

    address: str
    customer_sk: int | None = None
    partner_id: int | None = None
    name: str | None = None
    payload: Mapping[str, Any] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Held:
    """An address that the destination has on a list."""

    address: str
    is_ours: bool  # written by us; what people added by hand is never touched
    is_opted_out: bool = False  # unsubscribed there: neither written again nor removed


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the destination answered about one member; done where there is no reason against it."""

    rejected_because: str | None = None
    is_by_hand: bool = False  # there already, added by a person: not ours

    @property
    def is_done(self) -> bool:
        return self.rejected_because is None


DONE = Outcome()
