"""The containers' health check against a small web server."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from docker.healthy import is_healthy

PARTS = {
    "scheduler": {"status": "healthy"},
    "triggerer": {"status": "unhealthy"},
    "dag_processor": {"status": None},
}


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        is_from_proxy = self.headers["X-Forwarded-Proto"] == "https"
        self.send_response(200 if self.path == "/health" and is_from_proxy else 503)
        self.end_headers()
        self.wfile.write(json.dumps(PARTS).encode())

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Handler) as listening:
        thread = threading.Thread(target=listening.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{listening.server_port}"
        listening.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("path", "part", "expected"),
    [
        ("/health", None, True),
        ("/broken", None, False),
        ("/health", "scheduler", True),
        ("/health", "triggerer", False),
        ("/health", "dag_processor", False),
    ],
)
def test_answer_decides(server: str, path: str, part: str | None, expected: bool) -> None:
    assert is_healthy(server + path, part) is expected


def test_nobody_listening_is_unhealthy(capsys: pytest.CaptureFixture[str]) -> None:
    assert not is_healthy("http://127.0.0.1:1/health", None)
    assert "http://127.0.0.1:1/health" in capsys.readouterr().err
