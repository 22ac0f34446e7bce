"""A PostgreSQL server that dies on its client at a chosen statement: before it hears it, or before it answers."""

import contextlib
import socket
import threading
from enum import StrEnum
from types import TracebackType

from psycopg.conninfo import conninfo_to_dict, make_conninfo

_QUERY, _PARSE, _BIND = b"Q", b"P", b"B"


class When(StrEnum):
    UNHEARD = "before the server hears the statement"
    UNANSWERED = "after the server has done it"


class CuttingProxy:
    """Between a client and a server. Statement `cut_at` (from 1, over all connections; or the first that has this text)
    ends its connection, and all later ones where it `stays_down`."""

    def __init__(self, dsn: str, cut_at: int | bytes, when: When, *, stays_down: bool) -> None:
        self._target, self._cut_at, self._when, self._stays_down = conninfo_to_dict(dsn), cut_at, when, stays_down
        self._lock = threading.Lock()
        self.statements = 0
        self.has_cut = False
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.dsn = make_conninfo(
            dsn, host="127.0.0.1", port=self._listener.getsockname()[1], sslmode="disable", gssencmode="disable"
        )

    def __enter__(self) -> "CuttingProxy":
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):  # the listener is closed
            while True:
                client, _ = self._listener.accept()
                if self.has_cut and self._stays_down:
                    client.close()
                    continue
                server = socket.create_connection((str(self._target["host"]), int(str(self._target["port"]))))
                cut = threading.Event()
                threading.Thread(target=self._forward_statements, args=(client, server, cut), daemon=True).start()
                threading.Thread(target=self._forward_answers, args=(server, client, cut), daemon=True).start()

    def _forward_statements(self, client: socket.socket, server: socket.socket, cut: threading.Event) -> None:
        # The client waits for each answer, so that what arrives at once is one statement.
        with contextlib.suppress(OSError):
            while message := client.recv(1 << 20):
                if self._is_cut(message):
                    if self._when == When.UNANSWERED:
                        cut.set()
                        server.sendall(message)
                        return  # the answer ends it
                    break
                server.sendall(message)
        _close(client, server)

    def _forward_answers(self, server: socket.socket, client: socket.socket, cut: threading.Event) -> None:
        with contextlib.suppress(OSError):
            while (message := server.recv(1 << 20)) and not cut.is_set():
                client.sendall(message)
        _close(client, server)

    def _is_cut(self, message: bytes) -> bool:
        if message[:1] not in (_QUERY, _PARSE, _BIND):
            return False
        with self._lock:
            self.statements += 1
            is_it = self._cut_at in message if isinstance(self._cut_at, bytes) else self.statements == self._cut_at
            if is_it and not self.has_cut:
                self.has_cut = True
                return True
        return False


def _close(*ends: socket.socket) -> None:
    for end in ends:
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()
