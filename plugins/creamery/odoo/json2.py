"""JSON-2, from Odoo 19 on: POST /json/2/<model>/<method> with named arguments."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import httpx

from creamery.errors import PushError, RefusedError
from creamery.odoo.http import Channel
from creamery.odoo.login import Login
from creamery.odoo.messages import without_addresses
from creamery.odoo.reading import is_read

# Odoo's answer to what a row of the call is to blame for: access to a record, a value, a constraint.
_ROW_REFUSED = (403, 422)


class Json2:
    def __init__(self, channel: Channel, login: Login) -> None:
        self._channel = channel
        self._headers = {
            "Authorization": f"bearer {login.api_key}",
            "X-Odoo-Database": login.database,
            "Content-Type": "application/json",
        }

    def call(self, model: str, method: str, ids: Sequence[int] | None, named: Mapping[str, Any]) -> Any:
        body = {**named, **({} if ids is None else {"ids": list(ids)})}
        path = f"/json/2/{model}/{method}"
        response = self._channel.request(
            "POST", path, json.dumps(body).encode(), self._headers, is_write=not is_read(method)
        )
        if response.status_code == httpx.codes.OK:
            return response.json()
        problem = f"{model}.{method}: {response.status_code} {_message(response)}"
        if response.status_code in _ROW_REFUSED:
            raise RefusedError(problem)
        raise PushError(f"Odoo does not know how to do {problem}. Is the module installed, and its version 16 to 19?")


def _message(response: httpx.Response) -> str:
    if response.is_redirect:
        return "a redirect, as of a route that does not exist"
    try:
        answer = response.json()
    except ValueError:
        return "(no JSON)"
    return without_addresses(f"{answer.get('name')}: {answer.get('message')}" if isinstance(answer, dict) else "")
