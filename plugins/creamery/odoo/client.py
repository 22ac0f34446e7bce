"""The client: one interface over both transports, chosen by asking Odoo for its version."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

import httpx

from creamery.errors import ConfigError, PushError, RefusedError
from creamery.odoo import xmlrpc
from creamery.odoo.http import Channel, Pace
from creamery.odoo.json2 import Json2
from creamery.odoo.login import Login
from creamery.odoo.messages import without_addresses
from creamery.odoo.xmlrpc import XmlRpc

_OLDEST, _FIRST_JSON2 = 16, 19
_PAGE = 1000
Row = dict[str, Any]
Condition = tuple[str, str, Any] | str


class Transport(Protocol):
    def call(self, model: str, method: str, ids: Sequence[int] | None, named: Mapping[str, Any]) -> Any: ...


@dataclass(frozen=True, slots=True)
class OdooClient:
    """Odoo as one user sees it. Writes raise RefusedError, AccessRefusedError or UnknownOutcomeError (errors.py)."""

    transport: Transport
    series: int
    uid: int

    def call(
        self,
        model: str,
        method: str,
        ids: Sequence[int] | None = None,
        context: Mapping[str, Any] | None = None,
        **named: Any,
    ) -> Any:
        """One call, one transaction of Odoo's: all of it happens, or nothing."""
        return self.transport.call(model, method, ids, {**named, **({"context": dict(context)} if context else {})})

    def search_read(
        self, model: str, domain: Sequence[Condition], fields: Sequence[str], *, with_archived: bool = False
    ) -> Iterator[Row]:
        """Every record, in the order of ids, page after page."""
        last, context = 0, {"active_test": False} if with_archived else None
        while True:
            page: list[Row] = self.call(
                model,
                "search_read",
                context=context,
                domain=[*_conjunction(domain), ["id", ">", last]],
                fields=list(fields),
                limit=_PAGE,
                order="id",
            )
            yield from page
            if len(page) < _PAGE:
                return
            last = page[-1]["id"]

    def search_read_in(
        self,
        model: str,
        field: str,
        values: Sequence[Any],
        fields: Sequence[str],
        domain: Sequence[Condition] = (),
        *,
        with_archived: bool = False,
    ) -> Iterator[Row]:
        """Every record whose `field` is one of `values`, asked for some at a time."""
        for start in range(0, len(values), _PAGE):
            part = (field, "in", list(values[start : start + _PAGE]))
            yield from self.search_read(model, [part, *domain], fields, with_archived=with_archived)

    def load(self, model: str, fields: Sequence[str], rows: Sequence[Sequence[str]]) -> list[int]:
        """Create or update by external id (the column `id`); the records' ids. RefusedError where a row is bad: none
        is written then."""
        answer = self.call(
            model,
            "load",
            context={"tracking_disable": True},
            fields=list(fields),
            data=[list(row) for row in rows],
        )
        if not answer["ids"]:
            problems = "; ".join(str(message.get("message")) for message in answer["messages"][:3])
            raise RefusedError(f"{model}.load: {without_addresses(problems)}")
        return [int(each) for each in answer["ids"]]

    def identity(self) -> str:
        """database.uuid; where this user may not read it, what identifies the main company's contact."""
        try:
            for parameter in self.search_read("ir.config_parameter", [("key", "=", "database.uuid")], ["value"]):
                return str(parameter["value"])
        except RefusedError:
            pass  # administrators alone read parameters
        company = next(self.search_read("res.company", [], ["partner_id"]))
        contact = next(self.search_read("res.partner", [("id", "=", company["partner_id"][0])], ["create_date"]))
        return f"company {company['id']}, contact {contact['id']} of {contact['create_date']}"


@contextmanager
def connect(login: Login, pace: Pace | None = None) -> Iterator[OdooClient]:
    """The client for this login. ConfigError where its Odoo is too old, AccessRefusedError where it lets us not in."""
    with Channel(login.base_url, pace or Pace()) as channel:
        series = _series(channel)
        if series < _OLDEST:
            raise ConfigError(f"Odoo at {login.base_url} is version {series}; pushing needs {_OLDEST} or later.")
        transport: Transport = Json2(channel, login) if series >= _FIRST_JSON2 else XmlRpc(channel, login)
        yield OdooClient(transport, series, _own_id(transport, login))


def _series(channel: Channel) -> int:
    """19 from /web/version, which earlier ones do not have; those tell over XML-RPC."""
    response = channel.request("GET", "/web/version", None, {}, is_write=False)
    if response.status_code == httpx.codes.OK:
        answer = response.json()
        return _major(answer.get("version_info", [answer.get("version", "")])[0])
    answer = xmlrpc.post(channel, "common", "version", (), "version")
    return _major(answer["server_version_info"][0])


def _major(said: Any) -> int:
    """19 of 19, '19.0' and 'saas~19'."""
    found = re.search(r"\d+", str(said))
    if not found:
        raise PushError(f"Odoo calls its version {said!r}, of which nothing can be made.")
    return int(found.group())


def _own_id(transport: Transport, login: Login) -> int:
    found = transport.call(
        "res.users", "search_read", None, {"domain": [["login", "=", login.user]], "fields": ["id"], "limit": 1}
    )
    if not found:
        raise ConfigError(f"Odoo at {login.base_url} has no user {login.user}: correct the login of odoo_api.")
    return int(found[0]["id"])


def _conjunction(domain: Sequence[Condition]) -> list[Any]:
    return [list(condition) if isinstance(condition, tuple) else condition for condition in domain]
