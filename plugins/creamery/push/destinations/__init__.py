"""Where audiences go, one module per kind of destination."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from creamery.push.member import Held, Member, Outcome


class Destination(Protocol):
    """What the engine needs to know of a place that keeps lists of members.

    A call takes a whole batch. It answers for each address, or raises RefusedError (nothing of the batch was written:
    the engine splits it until the bad member is alone), UnknownOutcomeError (the engine reads back with `find`), or
    AccessRefusedError (the engine stops).
    """

    @property
    def name(self) -> str:
        """Key of the destination in the ledger."""

    @property
    def first_plan_needs_approval(self) -> bool:
        """Whether a person looks at a list's first plan, whatever its size."""

    @property
    def is_source(self) -> bool:
        """Whether the system behind it is the Odoo that the warehouse was extracted from."""

    def identity(self) -> str:
        """The system behind it, asked of the system itself. Pinned at first sight, compared ever after."""

    def held(self, list_name: str) -> Iterator[Held]:
        """Everybody whom the destination has on the list; nobody where there is no such list yet."""

    def add(self, list_name: str, batch: Sequence[Member]) -> Mapping[str, Outcome]:
        """Put members on the list; one who is there already is done, and keeps what the destination knows of them."""

    def remove(self, list_name: str, batch: Sequence[str]) -> Mapping[str, Outcome]:
        """Take addresses that we added off the list; one who is not there is done."""

    def find(self, list_name: str, addresses: Sequence[str]) -> Mapping[str, Held]:
        """Those of the addresses that are on the list now."""

    def sent(self, list_name: str, since: datetime) -> Iterator[tuple[str, datetime]]:
        """Address and moment of each message that was sent to the list since."""
