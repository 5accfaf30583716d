"""What all tests share."""

import gc
import os
from pathlib import Path

import pytest

pytest_plugins = ("tests.site.shared",)


TESTS = Path(__file__).parent
SITE_FOLDERS = {"site", "hostile", "quality", "workflows"}
SITE_FIXTURES = {"chromium", "share"}


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out the folders of which no test would run: collecting them takes seconds in each process."""
    left_out = "not site" in str(config.option.markexpr) and collection_path.parent == TESTS
    return True if left_out and collection_path.name in SITE_FOLDERS else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs Jekyll or a browser, for `make test-fast` to leave out."""
    for item in items:
        folder = item.path.relative_to(TESTS).parts[0]
        if folder in SITE_FOLDERS or SITE_FIXTURES.intersection(getattr(item, "fixturenames", ())):
            item.add_marker("site")


def pytest_collection_finish() -> None:
    """Take what is there for good, modules and tests, out of every later collection of garbage."""
    gc.collect()
    gc.freeze()


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Refuse skipped tests where asked to (CI): a test that does not run proves nothing."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("ALMANAC_REFUSE_SKIPS") and reporter and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
