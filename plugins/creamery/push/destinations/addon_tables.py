"""The add-on's own tables in the Odoo database (sql/operational), over SQL: segments with their members, and campaigns
with recipients that wait for the add-on's sender.

A segment or campaign of ours names our list; a member of ours says that we wrote it, and what people or the add-on
added is never touched. What was sent stays as it is: a recipient who leaves a list is marked, or deleted while it
waits. Each call is one transaction.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

import psycopg
from psycopg.types.json import Jsonb

from creamery.errors import AccessRefusedError, ConfigError, RefusedError, UnknownOutcomeError
from creamery.push.member import DONE, Held, Member, Outcome

NAME = "addon_tables"
_LIST_KEY = "creamery_list"  # in segments' criteria and campaigns' settings
_SOURCE = "creamery"  # of a segment's member
_BY_US = "_creamery"  # in a recipient's data
_LIMITS = "-c lock_timeout=10s -c statement_timeout=5min"
_ROLE_HINT = "Run sql/odoo_campaign_writer.sql in the Odoo database (docs/push.md)."


@dataclass(frozen=True, slots=True)
class AddonTables:
    """A Destination (destinations/__init__.py). `warehouse` tells what a list is called and whether it is a segment."""

    dsn: str
    warehouse: psycopg.Connection
    name: str = NAME
    first_plan_needs_approval: bool = True
    is_source: bool = True
    _kinds: dict[str, "_Kind"] = field(default_factory=dict)

    def identity(self) -> str:
        with self._session() as session:
            row = session.execute("select value from creamery.database_uuid").fetchone()
        if row is None:
            raise ConfigError(f"This Odoo has no database.uuid. {_ROLE_HINT}")
        return str(row[0])

    def held(self, list_name: str) -> Iterator[Held]:
        with self._session() as session:
            parent = self._kind(list_name).parent(session, list_name)
            if parent is not None:
                yield from self._kind(list_name).held(session, parent, None)

    def add(self, list_name: str, batch: Sequence[Member]) -> Mapping[str, Outcome]:
        kind = self._kind(list_name)
        with self._session(is_writing=True) as session:
            # Two at once would make two segments of one list.
            session.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"creamery {list_name}",))
            parent = kind.parent(session, list_name) or kind.make(session, list_name, self._title(list_name))
            known = [member for member in batch if member.partner_id is not None]
            kind.insert(session, parent, known)
            kind.count(session, parent)
            held = {each.address: each for each in kind.held(session, parent, [member.address for member in known])}
        return {member.address: _outcome(member, held.get(member.address)) for member in batch}

    def remove(self, list_name: str, batch: Sequence[str]) -> Mapping[str, Outcome]:
        kind = self._kind(list_name)
        with self._session(is_writing=True) as session:
            parent = kind.parent(session, list_name)
            if parent is not None:
                kind.delete(session, parent, batch)
                kind.count(session, parent)
        return dict.fromkeys(batch, DONE)

    def find(self, list_name: str, addresses: Sequence[str]) -> Mapping[str, Held]:
        with self._session() as session:
            kind = self._kind(list_name)
            parent = kind.parent(session, list_name)
            found = kind.held(session, parent, addresses) if parent is not None else ()
            return {each.address: each for each in found}

    def sent(self, list_name: str, since: datetime) -> Iterator[tuple[str, datetime]]:
        with self._session() as session:
            kind = self._kind(list_name)
            parent = kind.parent(session, list_name)
            if parent is not None:
                yield from kind.sent(session, parent, since)

    @contextmanager
    def _session(self, is_writing: bool = False) -> Iterator[psycopg.Connection]:
        """One transaction. What goes wrong says whether anything can have been written."""
        try:
            session = psycopg.connect(self.dsn, application_name="creamery push", options=_LIMITS, connect_timeout=15)
        except psycopg.OperationalError as error:
            raise AccessRefusedError(
                f"The Odoo database cannot be opened: {' '.join(str(error).split())}. Check the connection "
                "odoo_campaign_writer."
            ) from error
        try:
            with session:
                session.read_only = not is_writing
                yield session
        except (psycopg.errors.InsufficientPrivilege, psycopg.errors.UndefinedTable) as error:
            raise AccessRefusedError(f"{str(error).splitlines()[0]}. {_ROLE_HINT}") from error
        except (psycopg.DataError, psycopg.IntegrityError) as error:
            raise RefusedError(str(error).splitlines()[0]) from error
        except (psycopg.OperationalError, psycopg.InterfaceError) as error:
            problem = f"The Odoo database broke off: {' '.join(str(error).split()) or type(error).__name__}."
            raise UnknownOutcomeError(problem) from error

    def _kind(self, list_name: str) -> "_Kind":
        if list_name not in self._kinds:
            row = self.warehouse.execute(
                "select kind from audiences.list_definition where list_name = %s", (list_name,)
            ).fetchone()
            # A list that is gone is known by its name.
            is_segment = row[0] == "segment" if row else list_name.startswith("segment_")
            self._kinds[list_name] = _Segments() if is_segment else _Campaigns()
        return self._kinds[list_name]

    def _title(self, list_name: str) -> str:
        row = self.warehouse.execute(
            "select title from audiences.list_definition where list_name = %s", (list_name,)
        ).fetchone()
        return str(row[0]) if row and row[0] else list_name


class _Kind(Protocol):
    """One kind of list: a row that stands for it, the parent, and rows of its members."""

    def parent(self, session: psycopg.Connection, list_name: str) -> int | None: ...

    def make(self, session: psycopg.Connection, list_name: str, title: str) -> int: ...

    def held(self, session: psycopg.Connection, parent: int, addresses: Sequence[str] | None) -> Iterator[Held]: ...

    def insert(self, session: psycopg.Connection, parent: int, members: Sequence[Member]) -> None: ...

    def delete(self, session: psycopg.Connection, parent: int, addresses: Sequence[str]) -> None: ...

    def count(self, session: psycopg.Connection, parent: int) -> None: ...

    def sent(self, session: psycopg.Connection, parent: int, since: datetime) -> Iterator[tuple[str, datetime]]: ...


class _Segments:
    """operational.customer_segment and segment_membership: by customer, so that addresses are asked of res_partner."""

    def parent(self, session: psycopg.Connection, list_name: str) -> int | None:
        return _only_id(
            session,
            "select min(id) from operational.customer_segment where filter_criteria ->> %s = %s",
            (_LIST_KEY, list_name),
        )

    def make(self, session: psycopg.Connection, list_name: str, title: str) -> int:
        made = _only_id(
            session,
            "insert into operational.customer_segment"
            " (name, description, segment_type, filter_criteria, is_active, auto_refresh)"
            " values (left(%s, 200), %s, 'static', %s, true, false) returning id",
            (title, "Kept by Creamery every night.", Jsonb({_LIST_KEY: list_name})),
        )
        assert made is not None  # an insert returns its row
        return made

    def held(self, session: psycopg.Connection, parent: int, addresses: Sequence[str] | None) -> Iterator[Held]:
        rows = session.execute(
            "select address, bool_or(source = %(source)s) from ("
            " select coalesce(partner.email_normalized, lower(partner.email), 'partner ' || member.customer_id)"
            " as address, member.source from operational.segment_membership as member"
            " left join public.res_partner as partner on member.customer_id = partner.id"
            " where member.segment_id = %(parent)s"
            ") as members where %(addresses)s::text[] is null or address = any(%(addresses)s) group by address",
            {"source": _SOURCE, "parent": parent, "addresses": _listed(addresses)},
        )
        for address, is_ours in rows:
            yield Held(address, bool(is_ours))

    def insert(self, session: psycopg.Connection, parent: int, members: Sequence[Member]) -> None:
        # Whose address changed since would be held under another one, and never found again.
        session.execute(
            "insert into operational.segment_membership (segment_id, customer_id, source)"
            " select distinct %s::integer, partner.id, %s"
            " from unnest(%s::integer[], %s::text[]) as given (partner_id, address)"
            " inner join public.res_partner as partner on given.partner_id = partner.id"
            " and given.address = coalesce(partner.email_normalized, lower(partner.email))"
            " on conflict (segment_id, customer_id) do nothing",
            (parent, _SOURCE, [member.partner_id for member in members], [member.address for member in members]),
        )

    def delete(self, session: psycopg.Connection, parent: int, addresses: Sequence[str]) -> None:
        session.execute(
            "delete from operational.segment_membership as member"
            " where member.segment_id = %s and member.source = %s and exists ("
            " select from (select member.customer_id as id) as own"
            " left join public.res_partner as partner using (id)"
            " where coalesce(partner.email_normalized, lower(partner.email), 'partner ' || own.id) = any(%s))",
            (parent, _SOURCE, list(addresses)),
        )

    def count(self, session: psycopg.Connection, parent: int) -> None:
        session.execute(
            "update operational.customer_segment set customer_count = ("
            " select count(*) from operational.segment_membership where segment_id = %(parent)s"
            "), last_calculated_at = clock_timestamp(), updated_at = clock_timestamp() where id = %(parent)s",
            {"parent": parent},
        )

    def sent(self, session: psycopg.Connection, parent: int, since: datetime) -> Iterator[tuple[str, datetime]]:
        yield from ()  # a segment is written to by the campaigns that use it


class _Campaigns:
    """operational.email_campaign and campaign_recipient. The campaign is a draft until a person starts it."""

    def parent(self, session: psycopg.Connection, list_name: str) -> int | None:
        return _only_id(
            session,
            "select min(id) from operational.email_campaign where settings ->> %s = %s",
            (_LIST_KEY, list_name),
        )

    def make(self, session: psycopg.Connection, list_name: str, title: str) -> int:
        made = _only_id(
            session,
            "insert into operational.email_campaign (name, description, campaign_type, settings)"
            " values (left(%s, 200), %s, 'triggered', %s) returning id",
            (title, "Recipients are kept by Creamery every night.", Jsonb({_LIST_KEY: list_name})),
        )
        assert made is not None  # an insert returns its row
        return made

    def held(self, session: psycopg.Connection, parent: int, addresses: Sequence[str] | None) -> Iterator[Held]:
        rows = session.execute(
            "with recipients as ("
            " select id, lower(email_address) as address, status, personalization_data -> %(by_us)s as by_us"
            " from operational.campaign_recipient where campaign_id = %(parent)s"
            "), opted_out as ("
            " select recipients.address from operational.email_engagement as engagement"
            " inner join recipients on engagement.recipient_id = recipients.id"
            " where engagement.campaign_id = %(parent)s and engagement.engagement_type in ('unsubscribe', 'complaint')"
            ") select address, bool_or(by_us is not null), address in (select address from opted_out) from recipients"
            # What others sent, and what we sent to somebody who left the list since, is history.
            " where (status = 'pending' or by_us ->> 'left' = 'false')"
            " and (%(addresses)s::text[] is null or address = any(%(addresses)s)) group by address",
            {"by_us": _BY_US, "parent": parent, "addresses": _listed(addresses)},
        )
        for address, is_ours, is_opted_out in rows:
            yield Held(address, bool(is_ours), bool(is_opted_out))

    def sent(self, session: psycopg.Connection, parent: int, since: datetime) -> Iterator[tuple[str, datetime]]:
        yield from session.execute(
            "select lower(email_address), sent_at from operational.campaign_recipient"
            " where campaign_id = %s and sent_at >= %s and personalization_data ? %s",
            (parent, since, _BY_US),
        )

    def insert(self, session: psycopg.Connection, parent: int, members: Sequence[Member]) -> None:
        held = {each.address for each in self.held(session, parent, [member.address for member in members])}
        missing = [member for member in members if member.address not in held]
        session.cursor().executemany(
            "insert into operational.campaign_recipient"
            " (campaign_id, customer_id, email_address, personalization_data, queued_at)"
            " values (%s, %s, %s, %s, clock_timestamp())"
            " on conflict (campaign_id, lower(email_address)) where status = 'pending' do nothing",
            [(parent, member.partner_id, member.address, Jsonb(_merge_data(member))) for member in missing],
        )

    def delete(self, session: psycopg.Connection, parent: int, addresses: Sequence[str]) -> None:
        given = {"by_us": _BY_US, "parent": parent, "addresses": list(addresses)}
        session.execute(
            "delete from operational.campaign_recipient where campaign_id = %(parent)s and status = 'pending'"
            " and personalization_data ? %(by_us)s and lower(email_address) = any(%(addresses)s)",
            given,
        )
        session.execute(
            "update operational.campaign_recipient"
            " set personalization_data = jsonb_set(personalization_data, array[%(by_us)s::text, 'left'], 'true')"
            " where campaign_id = %(parent)s and personalization_data -> %(by_us)s ->> 'left' = 'false'"
            " and lower(email_address) = any(%(addresses)s)",
            given,
        )

    def count(self, session: psycopg.Connection, parent: int) -> None:
        session.execute(
            "update operational.email_campaign set total_recipients = ("
            " select count(*) from operational.campaign_recipient where campaign_id = %(parent)s"
            "), updated_at = clock_timestamp() where id = %(parent)s",
            {"parent": parent},
        )


def _outcome(member: Member, held: Held | None) -> Outcome:
    if member.partner_id is None:
        return Outcome(rejected_because="no contact in Odoo")
    if held is None:
        return Outcome(rejected_because="the contact has another address by now")
    if held.is_opted_out:
        return Outcome(rejected_because="unsubscribed from the list")
    return DONE if held.is_ours else Outcome(is_by_hand=True)


def _merge_data(member: Member) -> dict[str, Any]:
    return {"customer_name": member.name, **member.payload, _BY_US: {"left": False}}


def _only_id(session: psycopg.Connection, statement: str, values: Sequence[object]) -> int | None:
    row = session.execute(statement.encode(), values).fetchone()
    return int(row[0]) if row and row[0] is not None else None


def _listed(addresses: Sequence[str] | None) -> list[str] | None:
    return None if addresses is None else list(addresses)
