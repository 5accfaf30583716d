"""The rich site, served as on the web, and the browser that looks at it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.chromium import open_chromium
from tests.site.builder import Built
from tests.site.rich import Served, served, shared_rich


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder that all processes of this test run share."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if base.name.startswith("popen-") else base


@pytest.fixture(scope="session")
def rich(shared_folder: Path) -> Built:
    """Return the rich site, built once however many processes test it."""
    return shared_rich(shared_folder)


@pytest.fixture(scope="session")
def site(rich: Built) -> Iterator[Served]:
    """Return the rich site as it is served."""
    with served(rich) as place:
        yield place


@pytest.fixture(scope="session")
def large(shared_folder: Path) -> Iterator[Served]:
    """Return the same site with 400 plugins, as it is served."""
    with served(shared_rich(shared_folder, ordinary=380)) as place:
        yield place


# For a module at a time: while the driver runs, its process can run no other event loop.
@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with open_chromium() as browser:
        yield browser
