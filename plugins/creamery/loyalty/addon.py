"""Expiry in the add-on's tables (sql/operational/10_loyalty.sql) over SQL.

Per account one transaction: the account is locked, what is left of the lots is worked out anew, and each expiry becomes
a transaction of type expire that names its lot and carries its key, beside its proof and the account's totals.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

import psycopg

from creamery.loyalty import proofs
from creamery.loyalty.amounts import Card, Deferral, Log, Lot, Standing, still_expiring
from creamery.loyalty.keeper import Expired, SourceKind
from creamery.loyalty.session import Session

_LOCK = """
select account.points_balance::numeric, account.program_id, account.customer_id
from operational.customer_loyalty as account
where account.id = %(card)s
for update of account
"""

# An expiry that the add-on made itself is a use like any other.
_LOG = """
select
    count(*) filter (where entry.is_known),
    coalesce(sum(entry.points) filter (where entry.is_known and entry.points > 0), 0)::numeric,
    coalesce(sum(-entry.points) filter (where entry.is_known and entry.points < 0), 0)::numeric,
    coalesce(sum(entry.points) filter (where not entry.is_known and entry.points > 0), 0)::numeric,
    coalesce(sum(-entry.points) filter (where not entry.is_known and entry.points < 0 and not entry.is_ours), 0)
    ::numeric,
    coalesce(sum(-entry.points) filter (where not entry.is_known and entry.is_ours), 0)::numeric
from (
    select
        held.points,
        held.id <= %(last_id)s as is_known,
        held.transaction_type = 'expire' and coalesce(held.source_description = any(%(ours)s), false) as is_ours
    from operational.loyalty_transaction as held
    where held.loyalty_id = %(card)s
) as entry
"""

_WRITE = """
insert into operational.loyalty_transaction (
    loyalty_id, customer_id, transaction_type, points, balance_after, source_type, source_id, source_description
)
values (
    %(card)s, %(customer)s, 'expire', -%(points)s::integer, %(after)s, 'loyalty_transaction', %(earned_by)s, %(key)s
)
"""

_LOWER = """
update operational.customer_loyalty
set points_balance = points_balance - %(total)s::integer, points_expired = points_expired + %(total)s::integer
where id = %(card)s
"""


class AddonAccounts:
    """Accounts of the lifecycle add-on, as a PointsKeeper."""

    source_kind = SourceKind.ADDON

    def __init__(self, session: Session) -> None:
        self._session = session

    def database_uuid(self) -> str | None:
        return self._session.run(proofs.database_uuid)

    def why_only_reporting(self) -> str | None:
        return None

    def expire(self, card: Card, known_at: datetime) -> Expired | Deferral:
        return self._session.run(lambda connection: _expire(connection, card))

    def written(self, card_id: int, keys: Sequence[str]) -> Expired:
        def read(connection: psycopg.Connection) -> Expired:
            # Whoever holds the account may be our own session of before, about to commit.
            connection.execute(_LOCK, {"card": card_id})
            return proofs.read(connection, keys)

        return self._session.run(read)

    def read_back(self, keys: Sequence[str]) -> Expired:
        return self._session.run(lambda connection: proofs.read(connection, keys))


def _expire(connection: psycopg.Connection, card: Card) -> Expired | Deferral:
    locked = connection.execute(_LOCK, {"card": card.card_id}).fetchone()
    if locked is None:
        return Deferral("the account is gone")
    balance, program_id, customer_id = locked
    if program_id != card.program_id:
        return Deferral("the account belongs to another program by now")
    if written := proofs.read(connection, [lot.expiry_key for lot in card.lots]):
        return written
    points = still_expiring(card, _standing(connection, card, balance))
    if isinstance(points, Deferral):
        return points
    # The add-on knows whole points alone.
    left = {key: Decimal(int(each)) for key, each in points.items() if each >= 1}
    return _write(connection, card, customer_id, balance, left) if left else {}


def _standing(connection: psycopg.Connection, card: Card, balance: Decimal) -> Standing:
    last_id = card.log.last_id if card.log else 0
    asked = {"card": card.card_id, "last_id": last_id, "ours": list(card.expired_keys)}
    row = connection.execute(_LOG, asked).fetchone()
    assert row is not None  # an aggregate has one row
    count, issued, used, issued_since, used_since, expired_since = row
    return Standing(balance, expired_since, Log(count, last_id, issued, used), issued_since, used_since)


def _write(
    connection: psycopg.Connection, card: Card, customer_id: int, balance: Decimal, points: Mapping[str, Decimal]
) -> Expired:
    written = proofs.write(connection, SourceKind.ADDON, card.card_id, balance, points)
    after = balance
    for lot in card.lots:
        if lot.expiry_key in points:
            after -= points[lot.expiry_key]
            entry = {
                "card": card.card_id,
                "customer": customer_id,
                "points": points[lot.expiry_key],
                "after": after,
                "earned_by": _earning_transaction(lot),
                "key": lot.expiry_key,
            }
            connection.execute(_WRITE, entry)
    connection.execute(_LOWER, {"card": card.card_id, "total": sum(points.values())})
    return written


def _earning_transaction(lot: Lot) -> int | None:
    """Id of the transaction that earned the lot, which its key ends with (addon-t<id>); None for an opening lot."""
    earning = re.search(r"-t(\d+)$", lot.lot_key)
    return int(earning[1]) if earning else None
