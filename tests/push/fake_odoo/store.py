"""Odoo's records and the rules that pushing depends on (odoo/schema.md, section 9)."""

import pickle
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from tests.push.fake_odoo.faults import AccessError, CrashError, OdooError, UnknownModelError, ValidationError

ADMIN_UID, API_UID = 2, 7
Row = dict[str, Any]
_HAS_ACTIVE = {"mailing.list", "res.partner", "mail.blacklist", "phone.blacklist", "loyalty.card", "res.users"}
_UNSET: dict[str, Any] = {"category_id": []}  # of what is not False
_MODELS = {
    "res.users", "res.partner", "res.partner.category", "res.company", "ir.config_parameter", "ir.model",
    "mailing.list", "mailing.contact", "mailing.mailing", "mailing.trace", "mail.blacklist", "phone.blacklist",
    "loyalty.card", "loyalty.program",
}  # fmt: skip


def normalised(email: str | None) -> str | None:
    return email.strip().lower() if email else None


class Store:
    """Records by model and id. Every public method is one transaction: all of it, or nothing."""

    def __init__(self, series: int, uuid: str) -> None:
        self.series = series
        self.subscription = "mailing.contact.subscription" if series == 16 else "mailing.subscription"
        self.opted_out_at = "unsubscription_date" if series == 16 else "opt_out_datetime"
        self.models = _MODELS | {self.subscription} | ({"loyalty.history"} if series >= 18 else set())
        self.records: dict[str, dict[int, Row]] = {model: {} for model in self.models}
        self.external_ids: dict[str, tuple[str, int]] = {}
        self.sequences: dict[str, int] = defaultdict(int)
        self.refused: set[str] = set()  # addresses that a constraint of some add-on does not like
        self.fields: dict[str, set[str]] = defaultdict(set)  # of models whose fields somebody asks for
        self.crashing: set[str] = set()  # addresses on which some add-on fails
        self.clock = 0
        self.uid = ADMIN_UID
        self.api_user_is_admin = True
        for uid, login in ((ADMIN_UID, "admin"), (API_UID, "creamery")):
            self.records["res.users"][uid] = {"id": uid, "login": login, "active": True}
        self.create("res.partner", [{"name": "The shop"}])
        self.create("res.company", [{"name": "The shop", "partner_id": 1}])
        self.create("ir.config_parameter", [{"key": "database.uuid", "value": uuid}])
        for model in ("res.partner", "mailing.contact", "mailing.list"):
            self.create("ir.model", [{"model": model}])

    # What people do in the user interface.

    def subscribe(self, email: str, list_id: int, uid: int = ADMIN_UID) -> int:
        contact = self.find("mailing.contact", email_normalized=normalised(email))
        contact_id = contact["id"] if contact else self.as_user(uid, "create", "mailing.contact", [{"email": email}])[0]
        values = {"contact_id": contact_id, "list_id": list_id}
        return int(self.as_user(uid, "create", self.subscription, [values])[0])

    def opt_out(self, email: str, list_id: int) -> None:
        for row in self.subscriptions(list_id):
            if self.address(row) == normalised(email):
                self.as_user(ADMIN_UID, "write", self.subscription, [row["id"]], {"opt_out": True})

    def find(self, model: str, **values: Any) -> Row | None:
        return next((row for row in self.records[model].values() if values.items() <= row.items()), None)

    def subscriptions(self, list_id: int) -> list[Row]:
        return [row for row in self.records[self.subscription].values() if row["list_id"] == list_id]

    def address(self, subscription: Row) -> str:
        return str(self.records["mailing.contact"][subscription["contact_id"]]["email_normalized"])

    def as_user(self, uid: int, method: str, *arguments: Any) -> Any:
        before, self.uid = self.uid, uid
        try:
            return self.transaction(lambda: getattr(self, method)(*arguments))
        finally:
            self.uid = before

    def transaction(self, work: Callable[[], Any]) -> Any:
        saved = pickle.dumps((self.records, self.external_ids))  # ten times as fast as a deep copy
        self.clock += 1
        try:
            return work()
        except (OdooError, CrashError):
            self.records, self.external_ids = pickle.loads(saved)  # noqa: S301 -- ours of a moment ago
            raise

    def call(self, model: str, method: str, ids: list[int] | None, named: Row) -> Any:
        """What a client of the API may do."""
        if model not in self.models:
            raise UnknownModelError(f"the model {model!r} does not exist")
        if method.startswith("_"):
            raise AccessError(f"Private methods (such as {model}.{method}) cannot be called remotely.")
        if method not in ("search_read", "search_count", "read", "create", "write", "unlink", "load", "fields_get"):
            raise UnknownModelError(f"the method {model}.{method} does not exist")
        if model == "ir.config_parameter" and not self.api_user_is_admin:
            raise AccessError("You are not allowed to access 'System Parameter' records.")
        context = named.pop("context", {})
        first = [model] if ids is None else [model, ids]
        if method in ("search_read", "search_count"):
            named["active_test"] = context.get("active_test", True)
        return self.as_user(API_UID, method, *first, *(named[name] for name in _ORDER[method] if name in named))

    # The ORM.

    def search(self, model: str, domain: list[Any], active_test: bool = True) -> list[Row]:
        named = {condition[0] for condition in domain}
        rows = [row for row in self.records[model].values() if all(self._matches(row, each) for each in domain)]
        if active_test and model in _HAS_ACTIVE and "active" not in named:
            rows = [row for row in rows if row.get("active", True)]
        return sorted(rows, key=lambda row: int(row["id"]))

    def search_count(self, model: str, domain: list[Any], active_test: bool = True) -> int:
        return len(self.search(model, domain, active_test))

    def search_read(
        self, model: str, domain: list[Any], fields: list[str], active_test: bool = True, limit: int | None = None
    ) -> list[Row]:
        return [self._shown(row, fields) for row in self.search(model, domain, active_test)[:limit]]

    def read(self, model: str, ids: list[int], fields: list[str]) -> list[Row]:
        return [self._shown(self.records[model][each], fields) for each in ids if each in self.records[model]]

    def fields_get(self, model: str, attributes: list[str]) -> dict[str, Row]:
        return {field: dict.fromkeys(attributes, "char") for field in self.fields[model]}

    def create(self, model: str, vals_list: list[Row]) -> list[int]:
        return [self._create(model, dict(values)) for values in vals_list]

    def write(self, model: str, ids: list[int], vals: Row) -> bool:
        for each in ids:
            self._write(model, each, dict(vals))
        return True

    def unlink(self, model: str, ids: list[int]) -> bool:
        if model == "loyalty.history":
            raise AccessError("You are not allowed to delete 'History for Loyalty cards' records.")
        for each in ids:
            self.records[model].pop(each, None)
            if model == "res.partner.category":
                for partner in self.records["res.partner"].values():
                    partner["category_id"] = [tag for tag in partner.get("category_id", []) if tag != each]
            if model == "mailing.contact":
                gone = [key for key, row in self.records[self.subscription].items() if row["contact_id"] == each]
                for key in gone:
                    self.records[self.subscription].pop(key)
        return True

    def load(self, model: str, fields: list[str], data: list[list[str]]) -> Row:
        """Records by external id. A many2many is set to what the row says, as Odoo's import does."""
        ids = []
        try:
            for cells in data:
                values: Row = dict(zip(fields, cells, strict=True))
                external_id = values.pop("id")
                if "list_ids/.id" in values:
                    values["list_ids"] = [[6, 0, [int(values.pop("list_ids/.id"))]]]
                if "contact_list_ids/.id" in values:
                    values |= {"contact_list_ids": [int(values.pop("contact_list_ids/.id"))]}
                known = self.external_ids.get(external_id)
                if known and known[1] in self.records[model]:
                    self._write(model, known[1], values)
                else:
                    self.external_ids[external_id] = (model, self._create(model, values))
                ids.append(self.external_ids[external_id][1])
        except OdooError as error:
            raise _LoadRefusedError([{"type": "error", "message": str(error)}]) from error
        return {"ids": ids, "messages": [], "nextrow": 0}

    def _create(self, model: str, values: Row) -> int:
        if model == "mail.blacklist" and (old := self.find(model, email=normalised(values["email"]))):
            return int(old["id"])  # as it is, even un-blacklisted
        if model == "mailing.mailing" and not values.get("email_from"):
            raise ValidationError("The user has no e-mail: set email_from.")
        if model == "mailing.mailing":
            values = {"state": "draft", **values}
        self.sequences[model] += 1
        key = self.sequences[model]
        stamp = {"id": key, "create_uid": self.uid, "create_date": self._now()}
        self.records[model][key] = {**({"active": True} if model in _HAS_ACTIVE else {}), **stamp}
        if model == self.subscription:
            values = {"opt_out": False, self.opted_out_at: False, **values}
        try:
            self._write(model, key, values)
        except (OdooError, CrashError):
            del self.records[model][key]
            raise
        return key

    def _write(self, model: str, key: int, values: Row) -> None:
        if key not in self.records[model]:
            raise ValidationError(f"Record {model}({key}) does not exist or has been deleted.")
        row = self.records[model][key]
        lists, members = values.pop("list_ids", None), values.pop("subscription_ids", [])
        histories, tags = values.pop("history_ids", []), values.pop("category_id", [])
        if "email" in values:
            address = normalised(values["email"]) or ""
            if model == "mailing.contact" and address in self.refused:
                raise ValidationError(f"{values['email']} is not welcome")
            if model == "mailing.contact" and address in self.crashing:
                raise CrashError(address)
            values["email" if model == "mail.blacklist" else "email_normalized"] = address
        if model == "res.partner" and tags and row.get("partner_share") is False:
            raise AccessError("You are not allowed to modify 'User' (res.users) records.")
        if model == self.subscription and values.get("opt_out") and not row.get("opt_out"):
            values[self.opted_out_at] = self._now()
        row.update(values, write_uid=self.uid, write_date=self._now())
        if model == self.subscription:
            self._require_unique(row)
        for _, _, linked in members:
            self._create(self.subscription, {"contact_id": key, **linked})
        for _, _, entry in histories:
            self._create("loyalty.history", {"card_id": key, **entry})
        for command, tag in tags:
            others = {*row.get("category_id", [])} - {tag}
            row["category_id"] = sorted({4: {*others, tag}, 3: others}[command])
        if lists is not None:
            self._set_lists(key, lists[0][2])

    def _require_unique(self, row: Row) -> None:
        pair = {"contact_id": row["contact_id"], "list_id": row["list_id"]}
        if sum(pair.items() <= other.items() for other in self.records[self.subscription].values()) > 1:
            raise ValidationError("A mailing contact cannot subscribe to the same mailing list multiple times.")

    def _set_lists(self, contact_id: int, lists: list[int]) -> None:
        rows = [row for row in self.records[self.subscription].values() if row["contact_id"] == contact_id]
        for row in rows:
            if row["list_id"] not in lists:
                del self.records[self.subscription][row["id"]]
        for missing in set(lists) - {row["list_id"] for row in rows}:
            key = self._create(self.subscription, {"contact_id": contact_id, "list_id": missing})
            # A link of a many2many is no record of its own: nobody is noted as its author.
            self.records[self.subscription][key].update(create_uid=False, create_date=False)

    def _matches(self, row: Row, condition: list[Any]) -> bool:
        field, operator, value = condition
        held = row.get(field, False)
        if isinstance(held, list):  # many records: any of them
            return operator == "in" and bool(set(held) & set(value))
        comparisons: dict[str, Callable[[], bool]] = {
            "=": lambda: held == value,
            "!=": lambda: held != value,
            "in": lambda: held in value,
            "not in": lambda: held not in value,
            ">": lambda: held is not False and held > value,
            ">=": lambda: held is not False and held >= value,
        }
        return comparisons[operator]()

    def _shown(self, row: Row, fields: list[str]) -> Row:
        return {
            "id": row["id"],
            **{field: self._value(row.get(field, _UNSET.get(field, False)), field) for field in fields},
        }

    def _value(self, value: Any, field: str) -> Any:
        is_reference = field.endswith(("_id", "_uid")) and isinstance(value, int) and not isinstance(value, bool)
        return [value, f"#{value}"] if is_reference else (False if value is None else value)

    def _now(self) -> str:
        return f"2026-11-20 {self.clock // 3600:02}:{self.clock // 60 % 60:02}:{self.clock % 60:02}"


class _LoadRefusedError(OdooError):
    """load() answers instead of raising, but its rows are rolled back all the same."""

    def __init__(self, messages: list[Row]) -> None:
        super().__init__()
        self.answer = {"ids": False, "messages": messages, "nextrow": 0}


_ORDER = {
    "search_read": ("domain", "fields", "active_test", "limit"),
    "search_count": ("domain", "active_test"),
    "read": ("fields",),
    "fields_get": ("attributes",),
    "create": ("vals_list",),
    "write": ("vals",),
    "unlink": (),
    "load": ("fields", "data"),
}
