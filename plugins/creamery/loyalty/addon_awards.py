"""Awards in the add-on's tables (sql/operational/10_loyalty.sql) over SQL.

Per account one transaction: the account is locked; what the shop's own engine gave in the meantime is left out; each
award becomes a transaction of type earn that carries its key, beside its proof; the account's totals and tier follow.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import psycopg

from creamery.loyalty import proofs
from creamery.loyalty.amounts import Deferral
from creamery.loyalty.awards import TIER, Account, Award, Standing, read_tiers, standing
from creamery.loyalty.keeper import Expired, SourceKind, Written
from creamery.loyalty.session import Session

_PROOFS = "creamery.points_awarded"

_LOCK = """
select
    account.points_balance, coalesce(account.points_lifetime, 0), account.current_tier, account.program_id,
    account.customer_id
from operational.customer_loyalty as account
where account.id = %(card)s
for update of account
"""

_PROGRAM = """
select program.tiers, program.points_expiry_months
from operational.loyalty_program as program
where program.id = %(program)s and program.is_active
"""

# An order earns once, on whichever account of the customer.
_WAS_GIVEN = """
select
    coalesce(bool_or(entry.source_id = %(source)s), false)
    or coalesce(count(*) filter (where entry.loyalty_id = %(card)s) >= %(limit)s, false)
from operational.loyalty_transaction as entry
where entry.transaction_type = 'earn' and lower(entry.source_type) = %(type)s
and (entry.loyalty_id = %(card)s or (%(type)s = 'order' and entry.customer_id = %(customer)s))
"""

_PROVE = """
insert into creamery.points_awarded (award_key, card_id, points, balance_before, balance_after, tier)
values (%(key)s, %(card)s, %(points)s, %(before)s, %(after)s, %(tier)s)
returning points::numeric, written_at
"""

_WRITE = """
insert into operational.loyalty_transaction (
    loyalty_id, customer_id, transaction_type, points, balance_after, source_type, source_id, source_description,
    expires_at
)
values (
    %(card)s, %(customer)s, 'earn', %(points)s, %(after)s, %(type)s, %(source)s, %(key)s,
    now() + make_interval(months => %(months)s)
)
"""

_RAISE = """
update operational.customer_loyalty
set
    points_balance = points_balance + %(total)s,
    points_lifetime = coalesce(points_lifetime, 0) + %(total)s,
    current_tier = %(tier)s::varchar,
    tier_qualified_at = case when %(tier)s::varchar is distinct from current_tier then now() else tier_qualified_at end,
    next_tier_points = %(to_next)s
where id = %(card)s
"""

_READ = "select award_key, points::numeric, written_at from creamery.points_awarded where award_key = any(%s)"

# The proof alone does not say that the entry is still there.
_READ_BACK = """
select proof.award_key, proof.points::numeric, proof.written_at
from creamery.points_awarded as proof
where proof.award_key = any(%s)
and (
    proof.points = 0
    or exists (
        select from operational.loyalty_transaction as entry
        where entry.loyalty_id = proof.card_id and entry.transaction_type = 'earn'
        and entry.source_description = proof.award_key and entry.points = proof.points
    )
)
"""


class AddonAwards:
    """Accounts of the lifecycle add-on, as an AwardKeeper."""

    source_kind = SourceKind.ADDON

    def __init__(self, session: Session) -> None:
        self._session = session

    def database_uuid(self) -> str | None:
        return self._session.run(lambda connection: proofs.database_uuid(connection, _PROOFS))

    def award(self, account: Account) -> Expired | Deferral:
        return self._session.run(lambda connection: _award(connection, account))

    def written(self, card_id: int, keys: Sequence[str]) -> Expired:
        def read(connection: psycopg.Connection) -> Expired:
            # Whoever holds the account may be our own session of before, about to commit.
            connection.execute(_LOCK, {"card": card_id})
            return _read(connection, _READ, keys)

        return self._session.run(read)

    def read_back(self, keys: Sequence[str]) -> Expired:
        return self._session.run(lambda connection: _read(connection, _READ_BACK, keys))


def _read(connection: psycopg.Connection, query: str, keys: Sequence[str]) -> Expired:
    rows = connection.execute(query.encode(), (list(keys),)).fetchall()
    return {key: Written(points, written_at) for key, points, written_at in rows}


def _award(connection: psycopg.Connection, account: Account) -> Expired | Deferral:
    locked = connection.execute(_LOCK, {"card": account.card_id}).fetchone()
    if locked is None:
        return Deferral("the account is gone")
    balance, lifetime, tier_code, program_id, customer_id = locked
    if program_id != account.program_id:
        return Deferral("the account belongs to another program by now")
    program = connection.execute(_PROGRAM, {"program": program_id}).fetchone()
    if program is None:
        return Deferral("the program is not active any more")
    tiers, months = program
    written = _read(connection, _READ, [award.award_key for award in account.awards])
    due = [award for award in account.awards if award.award_key not in written]
    after = balance
    for award in due:
        if award.award_type != TIER and not _was_given(connection, account, award, customer_id):
            entry = _entry(account, award, after) | {"customer": customer_id, "months": months}
            written[award.award_key] = _prove(connection, entry)
            connection.execute(_WRITE, entry)
            after += award.points
    reached = standing(
        read_tiers(tiers), tier_code, lifetime + after - balance, allow_downgrade=account.allow_downgrade
    )
    if reached.tier_code != tier_code:
        for award in due:
            if award.award_type == TIER:
                written[award.award_key] = _prove(
                    connection, _entry(account, award, after) | {"tier": reached.tier_code}
                )
    if after != balance or reached.tier_code != tier_code:
        _raise(connection, account.card_id, after - balance, reached)
    return written


def _was_given(connection: psycopg.Connection, account: Account, award: Award, customer_id: int) -> bool:
    row = connection.execute(
        _WAS_GIVEN,
        {
            "card": account.card_id,
            "customer": customer_id,
            "type": award.award_type,
            "source": award.source_id,
            "limit": award.entry_limit,
        },
    ).fetchone()
    return bool(row and row[0])


def _entry(account: Account, award: Award, balance: int) -> dict[str, Any]:
    return {
        "key": award.award_key,
        "card": account.card_id,
        "type": award.award_type,
        "source": award.source_id,
        "points": award.points,
        "before": balance,
        "after": balance + award.points,
        "tier": None,
    }


def _prove(connection: psycopg.Connection, entry: dict[str, Any]) -> Written:
    points, written_at = connection.execute(_PROVE, entry).fetchone() or (Decimal(0), None)
    assert written_at is not None  # returned by the insert
    return Written(points, written_at)


def _raise(connection: psycopg.Connection, card_id: int, total: int, reached: Standing) -> None:
    connection.execute(
        _RAISE, {"card": card_id, "total": total, "tier": reached.tier_code, "to_next": reached.points_to_next}
    )
