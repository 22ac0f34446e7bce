"""Expiry in Odoo 16 to 19.0 over SQL: the one write into Odoo's tables that Creamery allows itself.

Per card one transaction: the row is locked, what is left of the lots is worked out anew, the balance is lowered by it,
and each expiry leaves its proof and, where this Odoo has a log, a row of loyalty_history whose description is its key.
An Odoo that wanted the card at the same moment waits for the lock, or its transaction fails to serialise and is
repeated by Odoo: neither side's change is lost.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

import psycopg

from creamery.loyalty import proofs
from creamery.loyalty.amounts import Card, Deferral, Log, Standing, still_expiring
from creamery.loyalty.keeper import Expired, SourceKind, Written
from creamery.loyalty.session import Session

# After 19 Odoo expires points itself, and a balance is the sum of its log.
_OWN_EXPIRY = """
select string_agg(format('%I.%I', class.relname, attribute.attname), ', ' order by class.relname, attribute.attname)
from pg_attribute as attribute
join pg_class as class on attribute.attrelid = class.oid
where class.relnamespace = to_regnamespace('public') and attribute.attnum > 0 and not attribute.attisdropped
and (
    (class.relname = 'loyalty_program' and attribute.attname = 'expire_after')
    or (class.relname = 'loyalty_history' and attribute.attname ~ 'expir|available_issued')
)
"""

_LOCK = """
select coalesce(card.points, 0)::numeric, card.program_id, program.program_type
from public.loyalty_card as card
join public.loyalty_program as program on card.program_id = program.id
where card.id = %(card)s
for update of card
"""

_LOG = """
select
    count(*) filter (where entry.is_known),
    coalesce(sum(entry.issued) filter (where entry.is_known), 0),
    coalesce(sum(entry.used) filter (where entry.is_known), 0),
    coalesce(sum(entry.issued) filter (where not entry.is_known and not entry.is_ours), 0),
    coalesce(sum(entry.used) filter (where not entry.is_known and not entry.is_ours), 0),
    coalesce(sum(entry.used - entry.issued) filter (where not entry.is_known and entry.is_ours), 0)
from (
    select
        coalesce(history.issued, 0)::numeric as issued,
        coalesce(history.used, 0)::numeric as used,
        history.id <= %(last_id)s as is_known,
        history.description = any(%(ours)s) as is_ours
    from public.loyalty_history as history
    where history.card_id = %(card)s
) as entry
"""

_LOGGED = """
select history.description, sum(history.used - history.issued)::numeric, min(history.create_date at time zone 'UTC')
from public.loyalty_history as history
where history.description = any(%(keys)s)
group by history.description
"""

_EXPIRED_SINCE = """
select coalesce(sum(points), 0) from creamery.points_expired
where source_kind = 'odoo' and card_id = %(card)s and written_at > %(known_at)s
"""

_WRITE_LOG = """
insert into public.loyalty_history (card_id, description, issued, used, create_date, write_date)
select
    %(card)s, expired.expiry_key, 0, expired.points::double precision,
    now() at time zone 'UTC', now() at time zone 'UTC'
from unnest(%(keys)s::text[], %(points)s::numeric[]) as expired (expiry_key, points)
"""

# By numeric and back: a difference of two double precision numbers has digits that neither had.
_LOWER = """
update public.loyalty_card
set points = (points::numeric - %(total)s)::double precision, write_date = now() at time zone 'UTC'
where id = %(card)s
"""


class OdooCards:
    """Loyalty cards of an Odoo, as a PointsKeeper."""

    source_kind = SourceKind.ODOO

    def __init__(self, session: Session) -> None:
        self._session = session

    def database_uuid(self) -> str | None:
        return self._session.run(proofs.database_uuid)

    def why_only_reporting(self) -> str | None:
        row = self._session.run(lambda connection: connection.execute(_OWN_EXPIRY).fetchone())
        return f"this Odoo expires points itself ({row[0]})" if row and row[0] else None

    def expire(self, card: Card, known_at: datetime) -> Expired | Deferral:
        return self._session.run(lambda connection: _expire(connection, card, known_at))

    def written(self, card_id: int, keys: Sequence[str]) -> Expired:
        def read(connection: psycopg.Connection) -> Expired:
            # Whoever holds the card may be our own session of before, about to commit.
            connection.execute(_LOCK, {"card": card_id})
            return _found(connection, keys, has_log=_has_log(connection))

        return self._session.run(read)

    def read_back(self, keys: Sequence[str]) -> Expired:
        return self._session.run(lambda connection: _found(connection, keys, has_log=_has_log(connection)))


def _expire(connection: psycopg.Connection, card: Card, known_at: datetime) -> Expired | Deferral:
    locked = connection.execute(_LOCK, {"card": card.card_id}).fetchone()
    if locked is None:
        return Deferral("the card is gone")
    balance, program_id, program_type = locked
    if program_id != card.program_id or program_type != "loyalty":
        return Deferral("the card belongs to another program by now, or to one that is not of type loyalty")
    has_log = _has_log(connection)
    if written := _found(connection, [lot.expiry_key for lot in card.lots], has_log=has_log):
        return written
    points = still_expiring(card, _standing(connection, card, balance, known_at, has_log=has_log))
    if isinstance(points, Deferral):
        return points
    left = {key: each for key, each in points.items() if each > 0}
    return _write(connection, card, balance, left) if left else {}


def _has_log(connection: psycopg.Connection) -> bool:
    return connection.execute("select to_regclass('public.loyalty_history') is not null").fetchone() == (True,)


def _found(connection: psycopg.Connection, keys: Sequence[str], *, has_log: bool) -> Expired:
    """What was written before: by us, or over the API while that was the way."""
    written = proofs.read(connection, keys)
    if has_log:
        rows = connection.execute(_LOGGED, {"keys": [key for key in keys if key not in written]}).fetchall()
        written |= {key: Written(points, written_at) for key, points, written_at in rows}
    return written


def _standing(
    connection: psycopg.Connection, card: Card, balance: Decimal, known_at: datetime, *, has_log: bool
) -> Standing:
    last_id = card.log.last_id if card.log else 0
    asked = {"card": card.card_id, "known_at": known_at, "last_id": last_id, "ours": list(card.expired_keys)}
    if not has_log:
        (expired_since,) = connection.execute(_EXPIRED_SINCE, asked).fetchone() or (Decimal(0),)
        return Standing(balance, expired_since)
    row = connection.execute(_LOG, asked).fetchone()
    assert row is not None  # an aggregate has one row
    count, issued, used, issued_since, used_since, expired_since = row
    return Standing(balance, expired_since, Log(count, last_id, issued, used), issued_since, used_since)


def _write(connection: psycopg.Connection, card: Card, balance: Decimal, points: Mapping[str, Decimal]) -> Expired:
    written = proofs.write(connection, SourceKind.ODOO, card.card_id, balance, points)
    if card.log is not None:
        entries = {"card": card.card_id, "keys": list(points), "points": list(points.values())}
        connection.execute(_WRITE_LOG, entries)
    connection.execute(_LOWER, {"card": card.card_id, "total": sum(points.values())})
    return written
