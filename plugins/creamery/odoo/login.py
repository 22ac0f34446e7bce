"""Where an Odoo is and who we are there."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import parse_qsl, unquote, urlsplit

from creamery.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Login:
    """The dedicated user whose API key takes the place of a password."""

    base_url: str
    database: str
    user: str
    api_key: str = field(repr=False)

    @classmethod
    def of_connection(
        cls,
        kind: str | None,
        host: str | None,
        port: int | None,
        user: str | None,
        api_key: str | None,
        extra: Mapping[str, Any],
    ) -> Self:
        """Of an Airflow connection: host is the base URL, or the type http or https goes before it."""
        address = host or ""
        if "://" not in address:
            address = f"{'http' if kind == 'http' else 'https'}://{address}"
        if port:
            address = f"{address.rstrip('/')}:{port}"
        return cls(address, str(extra.get("database") or ""), user or "", api_key or "")

    @classmethod
    def of_text(cls, connection: str) -> Self:
        """Of an Airflow connection as its environment variable has it, URI or JSON."""
        if connection.lstrip().startswith("{"):
            given = json.loads(connection)
            extra = given.get("extra") or {}
            extra = json.loads(extra) if isinstance(extra, str) else extra
            kind, host, port, user, key = map(given.get, ("conn_type", "host", "port", "login", "password"))
            return cls.of_connection(kind, host, port, user, key, extra)
        parts = urlsplit(connection)
        password = parts.password and unquote(parts.password)
        user = parts.username and unquote(parts.username)
        return cls.of_connection(parts.scheme, parts.hostname, parts.port, user, password, dict(parse_qsl(parts.query)))

    def __post_init__(self) -> None:
        parts = urlsplit(self.base_url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ConfigError(f"Odoo's address {self.base_url!r} is not a URL. Write it as https://shop.example.com.")
        if missing := [name for name in ("database", "user", "api_key") if not getattr(self, name)]:
            raise ConfigError(f"The connection to Odoo at {self.base_url} lacks: {', '.join(missing)} (docs/push.md).")
