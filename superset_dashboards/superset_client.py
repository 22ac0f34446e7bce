"""Superset's REST API, as far as the importer needs it."""

import io
import time
import zipfile
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import requests
import yaml
from bundle import Spec

TIMEOUT = 120
PAGE = 100


class ImportFailedError(Exception):
    """Superset cannot be reached, refuses the user or refuses the bundle."""


class Superset:
    """A signed-in session; every method raises ImportFailedError with Superset's own words."""

    def __init__(self, url: str, user: str, password: str, patience: float = TIMEOUT) -> None:
        self.url = url.rstrip("/")
        # Where Superset serves https through a proxy, the pipeline beside it talks plain http. It then acts
        # as that proxy: says so, names the page that CSRF protection expects, and sends the secure cookie.
        self.session = requests.Session()
        self.session.headers["Accept"] = "application/json"  # else errors come as a page, without the reason
        self.session.headers["X-Forwarded-Proto"] = "https"
        self.session.headers["Referer"] = f"https://{urlsplit(self.url).netloc}/"
        self._credentials = {"username": user, "password": password, "provider": "db", "refresh": False}
        self._wait(patience)
        self._sign_in()

    def _wait(self, patience: float) -> None:
        deadline = time.monotonic() + patience
        while True:
            try:
                if self.session.get(f"{self.url}/health", timeout=10).ok:
                    return
                problem = "it answers, but not that it is healthy"
            except requests.RequestException as error:
                problem = str(error)
            if time.monotonic() > deadline:
                raise ImportFailedError(f"No Superset at {self.url} within {patience:.0f} s: {problem}")
            time.sleep(1)

    def _sign_in(self) -> None:
        self.session.headers.pop("Authorization", None)
        token = self.ask("POST", "security/login", "signing in", json=self._credentials).json()["access_token"]
        self.session.headers["Authorization"] = f"Bearer {token}"
        self.session.headers["X-CSRFToken"] = self.get("security/csrf_token/")["result"]

    def send(self, method: str, path: str, action: str, **request: Any) -> requests.Response:
        """Whatever Superset answers; a token that has expired (after 15 minutes) is renewed."""
        for cookie in self.session.cookies:
            cookie.secure = False  # or requests would not send it over plain http
        try:
            answer = self.session.request(method, f"{self.url}/api/v1/{path}", timeout=TIMEOUT, **request)
        except requests.RequestException as error:
            raise ImportFailedError(f"Superset at {self.url} broke off when {action}: {error}") from error
        if answer.status_code == requests.codes.unauthorized and "Authorization" in self.session.headers:
            self._sign_in()
            answer = self.session.request(method, f"{self.url}/api/v1/{path}", timeout=TIMEOUT, **request)
        return answer

    def ask(self, method: str, path: str, action: str, **request: Any) -> requests.Response:
        """What Superset answers when it is content; else ImportFailedError."""
        answer = self.send(method, path, action, **request)
        if answer.status_code == requests.codes.unauthorized:
            raise ImportFailedError(
                f"Superset at {self.url} refuses the user: check SUPERSET_USER and SUPERSET_PASSWORD"
            )
        if not answer.ok:
            raise ImportFailedError(
                f"Superset at {self.url} answers {answer.status_code} when {action}:\n{_messages(answer)}"
            )
        return answer

    def get(self, path: str, **params: str) -> dict[str, Any]:
        document: dict[str, Any] = self.ask("GET", path, f"reading {path}", params=params).json()
        return document

    def every(self, kind: str) -> Iterator[dict[str, Any]]:
        """All objects of a kind that the user may see."""
        page = 0
        order = f"order_column:{'id' if kind.startswith('security/') else 'changed_on_delta_humanized'}"
        while True:
            found = self.get(f"{kind}/", q=f"({order},page:{page},page_size:{PAGE})")
            yield from found["result"]
            page += 1
            if page * PAGE >= found["count"]:
                return

    def delete(self, kind: str, number: int) -> None:
        self.ask("DELETE", f"{kind}/{number}", f"deleting {kind} {number}")

    def import_assets(self, documents: dict[str, Spec]) -> None:
        files = {"bundle": ("bundle.zip", _zip(documents), "application/zip")}
        self.ask("POST", "assets/import/", "importing the bundle", files=files)

    def forget_cached(self, datasets: list[int]) -> None:
        """Drop cached chart data, so that a newly published day shows at once."""
        body = {"datasource_uids": [f"{number}__table" for number in datasets]}
        self.ask("POST", "cachekey/invalidate", "dropping cached data", json=body)


def _messages(answer: requests.Response) -> str:
    """Superset's errors, one a line: for an invalid bundle the file and what is wrong with it."""
    try:
        document = answer.json()
    except requests.JSONDecodeError:
        return answer.text[:500]
    errors = document.get("errors") or [document]
    lines = []
    for error in errors:
        details = {key: value for key, value in (error.get("extra") or {}).items() if key != "issue_codes"}
        lines.append(str(error.get("message", error)))
        lines.extend(f"  {key}: {value}" for key, value in details.items())
    return "\n".join(lines)


def _zip(documents: dict[str, Spec]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, document in documents.items():
            archive.writestr(f"bundle/{path}", yaml.safe_dump(document, allow_unicode=True))
    return buffer.getvalue()
