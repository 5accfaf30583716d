"""Sites that several tests look at, each built once for a test run, and the browser that opens them.

A plugin of pytest (see tests/conftest.py). Whoever changes a shared site copies it first.
"""

import fcntl
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.chromium import open_chromium
from tests.hostile.site import hostile
from tests.site.attacks import write_attacks
from tests.site.builder import Built, build, make_source, small
from tests.site.pages_server import serve_files
from tests.site.rich import make_rich
from tests.site.rich_plugins import SPECIAL

Share = Callable[[str, Callable[[Path], Built]], Built]


@pytest.fixture(scope="session")
def share(tmp_path_factory: pytest.TempPathFactory) -> Share:
    """Return a function that builds the site `name`, once however many processes ask for it."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if base.name.startswith("popen-") else base

    def build_once(name: str, make: Callable[[Path], Built]) -> Built:
        folder, output, lock_file = (shared / f"{name}{ending}" for ending in ("", ".output", ".lock"))
        folder.parent.mkdir(parents=True, exist_ok=True)
        with lock_file.open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not output.exists():
                shutil.rmtree(folder, ignore_errors=True)
                output.write_text(make(folder).output, encoding="utf-8")
        return Built(source=folder, site=folder / "_site", output=output.read_text(encoding="utf-8"))

    return build_once


@pytest.fixture(scope="session")
def small_site(share: Share) -> Built:
    """Return three enriched plugins: everything known, nothing known, everything bad."""
    return share("small", small)


def attacks(folder: Path) -> Built:
    """Build every attack of attacks.py beside one innocent plugin."""
    write_attacks(make_source(folder), folder / "_data")
    return build(folder)


@pytest.fixture(scope="session")
def hostile_site(share: Share) -> Built:
    """Return every attack of attacks.py beside one innocent plugin."""
    return share("attacks/site", attacks)


@pytest.fixture(scope="session")
def attacked(share: Share) -> Built:
    """Return the site of every attack of the catalogue of tests/hostile."""
    return share("attacked/site", hostile)


@pytest.fixture(scope="session")
def rich(share: Share) -> Built:
    """Return the rich site."""
    return share("rich", make_rich)


@pytest.fixture(scope="session")
def large(share: Share) -> Built:
    """Return the rich site with 400 plugins."""
    return share("rich-400", partial(make_rich, ordinary=400 - SPECIAL))


# For a module at a time: while the driver runs, its process can run no other event loop.
@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with open_chromium() as browser:
        yield browser


@pytest.fixture
def serve() -> Iterator[Callable[[Path], str]]:
    """Return a function that serves a folder and returns its address."""
    with ExitStack() as servers:
        yield lambda folder: servers.enter_context(serve_files(folder))
