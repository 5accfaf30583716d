"""What is left out bears the plugin's id, and Ruby keeps to the bounds that Python has for it."""

from pathlib import Path

import pytest

from registry.quarantine.left_out import MAX_MESSAGE
from registry.settings import load_settings
from registry.site_check.check import MAX_PAGE_BYTES, Fault
from registry.site_check.leaving_out import FromJekyll, in_words
from registry.site_check.verdict import Verdict
from tests.site.builder import ROOT


@pytest.mark.parametrize(
    ("file", "plugin"),
    [
        ("api/v1/plugins/old_name.json", "lamp"),
        ("api/v1/plugins/gone.json", "gone"),
        ("api/v1/history/old_name.json", "old_name"),
        ("badges/lamp/usage.svg", "lamp"),
        ("plugins/former/index.html", "former"),
    ],
)
def test_a_file_that_is_taken_out_is_reported_under_its_plugins_id(
    file: str, plugin: str, tmp_path: Path
) -> None:
    (tmp_path / "old_name.md").write_text('---\nid: "lamp"\n---\n')
    verdict = Verdict(files={file: [Fault(file=file, message="is broken", kind="data")]})
    settings = load_settings(str(ROOT / "_config.yml"))
    (entry,) = in_words(verdict, tmp_path, FromJekyll(pages={}), (), settings)
    assert (entry.plugin, entry.slug) == (plugin, "")
    assert entry.message == (
        f"{file} is left out: is broken; mend the registration, or report it if the fault is the site's"
    )


@pytest.mark.parametrize(
    ("file", "words"),
    [
        ("parallel_rendering", f"    MAX_BYTES = {MAX_PAGE_BYTES:_}\n"),
        ("left_out", f"    MAX_MESSAGE = {MAX_MESSAGE}\n"),
    ],
)
def test_jekyll_keeps_to_the_bounds_of_the_check(file: str, words: str) -> None:
    assert words in (ROOT / "_jekyll" / "build" / f"{file}.rb").read_text(encoding="utf-8")
