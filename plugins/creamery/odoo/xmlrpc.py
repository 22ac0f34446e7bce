"""XML-RPC, Odoo 16 to 18: execute_kw with the user's id and the API key in every call."""

from collections.abc import Mapping, Sequence
from typing import Any
from xmlrpc import client as marshalling

import httpx

from creamery.errors import AccessRefusedError, PushError, RefusedError
from creamery.odoo.http import Channel
from creamery.odoo.login import Login
from creamery.odoo.messages import without_addresses
from creamery.odoo.reading import is_read

_ACCESS_DENIED = 3
_HEADERS = {"Content-Type": "text/xml"}


class XmlRpc:
    def __init__(self, channel: Channel, login: Login) -> None:
        self._channel, self._login = channel, login
        self._uid: int | None = None

    def call(self, model: str, method: str, ids: Sequence[int] | None, named: Mapping[str, Any]) -> Any:
        positional: list[Any] = [] if ids is None else [list(ids)]
        rest = dict(named)
        if "vals_list" in rest:  # up to 18, Odoo looks for it among the positional arguments
            positional.append(rest.pop("vals_list"))
        arguments = (self._login.database, self._authenticate(), self._login.api_key, model, method, positional, rest)
        return post(self._channel, "object", "execute_kw", arguments, f"{model}.{method}", is_write=not is_read(method))

    def _authenticate(self) -> int:
        if self._uid is None:
            login = self._login
            uid = post(
                self._channel, "common", "authenticate", (login.database, login.user, login.api_key, {}), "authenticate"
            )
            if not uid:
                raise AccessRefusedError(
                    f"Odoo at {login.base_url} does not let {login.user} into database {login.database}. Make a new "
                    "API key for this user, and put it into the password of the connection odoo_api."
                )
            self._uid = int(uid)
        return self._uid


def post(
    channel: Channel, service: str, method: str, arguments: tuple[Any, ...], what: str, *, is_write: bool = False
) -> Any:
    """One call of a service. RefusedError for a fault: Odoo rolled the transaction back."""
    content = marshalling.dumps(arguments, method, allow_none=True).encode()
    response = channel.request("POST", f"/xmlrpc/2/{service}", content, _HEADERS, is_write=is_write)
    if response.status_code != httpx.codes.OK:
        raise PushError(f"Odoo does not speak XML-RPC at /xmlrpc/2/{service}: it answers {response.status_code}.")
    try:
        (answer,), _ = marshalling.loads(response.content)
    except marshalling.Fault as fault:
        if fault.faultCode == _ACCESS_DENIED:
            raise AccessRefusedError(
                f"Odoo refuses our API key on {what}. Make a new one, and put it into the connection odoo_api."
            ) from fault
        # Of an unforeseen fault Odoo sends its whole traceback; the last line says what happened.
        words = str(fault.faultString).strip().splitlines()[-1:]
        raise RefusedError(f"{what}: {without_addresses(''.join(words))}") from fault
    return answer
