"""One HTTP call to Odoo, and what its failure means for the data behind it.

What was not sent, or cannot have changed anything, is tried again; a write whose answer never came is unknown, and only
reading back can tell. Redirects are never followed: to a route it does not know, Odoo 18 answers with its login page.
"""

import functools
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

import httpx

from creamery.errors import AccessRefusedError, PushError, UnknownOutcomeError

_UNAUTHORIZED, _TOO_MANY_REQUESTS, _SERVER_ERRORS = 401, 429, 500
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)

# Read once: a tenth of a second each time otherwise.
_certificates = functools.cache(httpx.create_ssl_context)


@dataclass(frozen=True, slots=True)
class Pace:
    """How hard we may press, and how patient we are."""

    calls_per_second: float = 5
    attempts: int = 5
    first_pause_seconds: float = 1  # doubled with every further attempt
    timeout_seconds: float = 150  # Odoo's workers give up after 120
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False)


class Channel:
    """HTTP to one server, at our pace."""

    def __init__(self, base_url: str, pace: Pace) -> None:
        self._base_url, self._pace = base_url.rstrip("/"), pace
        self._client = httpx.Client(follow_redirects=False, timeout=pace.timeout_seconds, verify=_certificates())
        self._free_at = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def request(
        self, method: str, path: str, content: bytes | None, headers: Mapping[str, str], *, is_write: bool
    ) -> httpx.Response:
        """The answer, whatever its status below 500, 401 and 429 aside. Raises AccessRefusedError at once, PushError
        where the server stays away, UnknownOutcomeError for a write that was sent and not answered."""
        problem = ""
        for attempt in range(self._pace.attempts):
            if attempt:
                self._pace.sleep(self._pace.first_pause_seconds * 2 ** (attempt - 1))
            self._wait_for_turn()
            try:
                response = self._client.request(method, self._base_url + path, content=content, headers=dict(headers))
            except _NOT_SENT as error:
                problem = f"cannot be reached ({type(error).__name__})"
            except httpx.TransportError as error:
                problem = f"did not answer ({type(error).__name__})"
                if is_write:
                    raise UnknownOutcomeError(f"Odoo at {self._base_url} {problem} on {path}.") from error
            else:
                if response.status_code == _UNAUTHORIZED:
                    raise AccessRefusedError(self._refused())
                if response.status_code < _SERVER_ERRORS and response.status_code != _TOO_MANY_REQUESTS:
                    return response
                problem = f"answers {response.status_code}"
                if is_write and response.status_code != _TOO_MANY_REQUESTS:
                    raise UnknownOutcomeError(f"Odoo at {self._base_url} {problem} on {path}.")
        raise PushError(
            f"Odoo at {self._base_url} {problem} on {path}, {self._pace.attempts} times over. "
            "Check that it runs and that the connection odoo_api is right; then clear the task."
        )

    def _wait_for_turn(self) -> None:
        pause = self._free_at - time.monotonic()
        if pause > 0:
            self._pace.sleep(pause)
        self._free_at = time.monotonic() + 1 / self._pace.calls_per_second

    def _refused(self) -> str:
        return (
            f"Odoo at {self._base_url} refuses our API key (401). Keys expire after 90 days unless an administrator "
            "made them: make a new one, and put it into the password of the connection odoo_api."
        )
