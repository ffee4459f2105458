"""A cluster and its web page; tests of one file that change nothing in it share one."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from system.cluster import Cluster

from web.browser import WIDE, Browser
from web.house import House, Visitor
from web.lab import Lab


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    """A cluster of the test's own."""
    made = Cluster(tmp_path)
    try:
        yield made
    finally:
        made.close()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A server, and a page of it."""
    made = Cluster(tmp_path_factory.mktemp("house"))
    try:
        made.start_server()
        yield House(made)
    finally:
        made.close()


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """The same with a worker and jobs of all kinds."""
    made = Cluster(tmp_path_factory.mktemp("lab"))
    try:
        yield Lab(made)
    finally:
        made.close()


@pytest.fixture
def inside(lab: Lab, browser: Browser) -> Browser:
    """A browser that is logged in there."""
    browser.open(f"{lab.origin}/login/{lab.code()}")
    browser.sees("Overview", "nav")
    browser.complaints()
    return browser


@pytest.fixture
def visitor(house: House) -> Visitor:
    """Somebody who is logged in."""
    return house.visitor()


@pytest.fixture(scope="session")
def _window(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """One browser for all tests: it takes longest to start."""
    browser = Browser(tmp_path_factory.mktemp("browser"))
    yield browser
    browser.close()


@pytest.fixture
def browser(_window: Browser) -> Iterator[Browser]:
    """The browser as if it had just been opened."""
    _window.driver.execute_cdp_cmd("Network.clearBrowserCookies", {})
    _window.resize(WIDE)
    _window.scheme("light")
    _window.complaints()
    yield _window
    _window.open("about:blank")
