"""The fake Odoo as an HTTP server in a thread."""

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from xmlrpc import client as marshalling

from creamery.odoo import Login
from tests.push.fake_odoo.faults import CrashError, Fault, OdooError
from tests.push.fake_odoo.store import API_UID, Store

DATABASE, LOGIN, API_KEY = "shop", "creamery", "key-of-the-api"


class FakeOdoo:
    """Serves `store` as the version `series` would. `plan_fault(model, method)` says what happens to each call."""

    def __init__(self, series: int = 19, uuid: str = "11111111-2222-3333-4444-555555555555") -> None:
        self.store = Store(series, uuid)
        self.series = series
        self.plan_fault: Callable[[str, str], Fault] = lambda model, method: Fault.NONE
        self.calls: list[tuple[str, str]] = []
        self.released = threading.Event()  # lets go what is SLOW
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def login(self) -> Login:
        return Login(self.url, DATABASE, LOGIN, API_KEY)

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.released.set()
        self._server.shutdown()
        self._server.server_close()

    def writes(self) -> list[tuple[str, str]]:
        return [call for call in self.calls if call[1] in ("create", "write", "unlink", "load")]

    def work(self, model: str, method: str, ids: list[int] | None, named: dict[str, Any]) -> Any:
        """One call: its answer, or the fault planned for it as an exception."""
        with self._lock:
            self.calls.append((model, method))
            fault = self.plan_fault(model, method)
            if fault in (Fault.DROPPED, Fault.SERVER_ERROR, Fault.UNAUTHORIZED):
                raise PlannedFault(fault)
            try:
                answer = self.store.call(model, method, ids, named)
            except OdooError as error:
                if not hasattr(error, "answer"):
                    raise
                answer = error.answer
        if fault == Fault.SLOW:
            self.released.wait()
        if fault in (Fault.LOST_RESPONSE, Fault.SLOW):
            raise PlannedFault(fault)
        return answer


class PlannedFault(Exception):  # noqa: N818  it is none of the code's errors
    def __init__(self, fault: Fault) -> None:
        super().__init__(fault)
        self.fault = fault


def _handler(odoo: FakeOdoo) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Head and body in one packet, at once.
        wbufsize, disable_nagle_algorithm = -1, True

        def log_message(self, *_: Any) -> None:
            """Quiet: what was called is in FakeOdoo.calls."""

        def do_GET(self) -> None:
            if self.path == "/web/version" and odoo.series >= 19:
                self._answer(200, {"version": f"{odoo.series}.0", "version_info": [odoo.series, 0, 0, "final", 0, ""]})
            else:
                self._answer(404, "<h1>Not Found</h1>")

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            try:
                if self.path.startswith("/xmlrpc/2/"):
                    self._xmlrpc(body)
                elif self.path.startswith("/json/2/") and odoo.series >= 19:
                    self._json2(body)
                elif odoo.series == 18:
                    self.send_response(303)
                    self.send_header("Location", "/web/login")
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                else:
                    self._answer(404, "<h1>Not Found</h1>")
            except PlannedFault as planned:
                self._fail(planned.fault)
            except CrashError:
                self._fail(Fault.SERVER_ERROR)

        def _json2(self, body: bytes) -> None:
            _, _, _, model, method = self.path.split("/")
            is_known = self.headers["Authorization"] == f"bearer {API_KEY}"
            if not is_known or self.headers["X-Odoo-Database"] != DATABASE:
                return self._fail(Fault.UNAUTHORIZED)
            named = json.loads(body)
            try:
                return self._answer(200, odoo.work(model, method, named.pop("ids", None), named))
            except OdooError as error:
                return self._answer(error.status, {"name": error.name, "message": str(error), "arguments": []})

        def _xmlrpc(self, body: bytes) -> None:
            arguments, method = marshalling.loads(body)
            try:
                self._marshal((_SERVICES[method](odoo, *arguments),), methodresponse=True)
            except OdooError as error:
                self._marshal(marshalling.Fault(error.fault_code, str(error)))
            except CrashError as error:
                self._marshal(marshalling.Fault(1, f"Traceback (most recent call last):\nCrashError: {error}"))
            except PermissionError:
                self._marshal(marshalling.Fault(3, "Access Denied"))

        def _marshal(self, answer: Any, methodresponse: bool = False) -> None:
            self._answer(200, marshalling.dumps(answer, methodresponse=methodresponse or None))

        def _answer(self, status: int, content: Any) -> None:
            data = (content if isinstance(content, str) else json.dumps(content)).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def _fail(self, fault: Fault) -> None:
            if fault == Fault.UNAUTHORIZED:
                self._answer(401, {"name": "werkzeug.exceptions.Unauthorized", "message": "Invalid apikey"})
            elif fault == Fault.SERVER_ERROR:
                self._answer(500, {"name": "builtins.Exception", "message": "Internal Server Error"})
            else:
                self.close_connection = True

    return Handler


def _authenticate(_: FakeOdoo, database: str, login: str, key: str, __: Any) -> Any:
    return API_UID if (database, login, key) == (DATABASE, LOGIN, API_KEY) else False


def _execute(
    odoo: FakeOdoo, database: str, uid: int, key: str, model: str, method: str, given: list[Any], named: Any
) -> Any:
    if (database, uid, key) != (DATABASE, API_UID, API_KEY):
        raise PermissionError
    rest = list(given)
    if method == "create":
        if not rest:
            raise CrashError("IndexError: tuple index out of range")
        named["vals_list"] = rest.pop(0)
    ids = rest.pop(0) if rest else None
    return odoo.work(model, method, ids, named)


def _version(odoo: FakeOdoo) -> Any:
    return {"server_version": f"{odoo.series}.0", "server_version_info": [odoo.series, 0, 0, "final", 0, ""]}


_SERVICES: dict[str, Callable[..., Any]] = {
    "authenticate": _authenticate,
    "execute_kw": _execute,
    "version": _version,
}
