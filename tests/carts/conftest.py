"""A web shop for each module, as if new for each test."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.carts.web_shop import WebShop, look, open_shop


@pytest.fixture(scope="module")
def opened(new_database: Callable[[str], str]) -> WebShop:
    return open_shop(new_database)


@pytest.fixture
def web_shop(opened: WebShop) -> WebShop:
    opened.reset()
    return opened


@pytest.fixture
def started(web_shop: WebShop, tmp_path: Path) -> WebShop:
    """After the first run, with two customers."""
    web_shop.customer(10)
    web_shop.customer(11)
    look(web_shop, tmp_path)
    return web_shop
