"""Where an Odoo is and who we are there."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from creamery.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Login:
    """The dedicated user whose API key takes the place of a password."""

    base_url: str
    database: str
    user: str
    api_key: str = field(repr=False)

    def __post_init__(self) -> None:
        parts = urlsplit(self.base_url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ConfigError(f"Odoo's address {self.base_url!r} is not a URL. Write it as https://shop.example.com.")
        if missing := [name for name in ("database", "user", "api_key") if not getattr(self, name)]:
            raise ConfigError(f"The connection to Odoo at {self.base_url} lacks: {', '.join(missing)} (docs/push.md).")
