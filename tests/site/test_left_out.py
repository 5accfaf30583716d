"""One page that fails costs that page: a real build of many broken plugins, checked by the command."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from registry.quarantine.left_out import LeftOut
from registry.site_check.feeds import json_faults
from registry.site_check.page import Site, read_page
from registry.site_check.short_page import is_short
from tests.quality.validity import faults
from tests.site.broken import BODIES, FAULTS, GENERATED, WHOLE, broken, write_copy
from tests.site.builder import ROOT, Built, build, make_source
from tests.site.shared import Share

pytestmark = pytest.mark.xdist_group("site")

ERRORS = "api/v1/errors.json"
UNREAD = LeftOut(
    plugin="Unread <b>",
    stage="registration",
    code="yaml-syntax",
    message="this line is no YAML",
    slug="unread",
    source="https://github.com/example/unread",
)
TOO_LARGE = "its text becomes more than 1000000 bytes of HTML; shorten it, or repeat less in it"
DIED = "the process that makes its page died, or did not end"
CURE = "; mend the registration, or report it if the fault is the site's"


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What the command made of a copy of the site."""

    status: int
    told: str
    site: Path
    report: dict[str, Any]
    summary: str

    def page(self, slug: str) -> str:
        return (self.site / "plugins" / slug / "index.html").read_text(encoding="utf-8")

    def errors(self) -> Any:
        return json.loads((self.site / ERRORS).read_bytes())


Check = Callable[..., Checked]


@pytest.fixture(scope="module")
def built(share: Share) -> Built:
    return share("broken/site", broken)


@pytest.fixture
def check(built: Built, tmp_path: Path) -> Check:
    """Return a function that checks a copy of the site, the same one each time."""
    shutil.copytree(built.site, tmp_path / "_site")
    shutil.copytree(built.source / "build", tmp_path / "build")
    earlier = [
        UNREAD,
        LeftOut(**{**asdict(UNREAD), "slug": "former"}),
        LeftOut(**{**asdict(UNREAD), "slug": "../x"}),
    ]
    report = tmp_path / "build" / "report.json"
    report.write_text(json.dumps({"version": "1", "errors": list(map(asdict, earlier))}), encoding="utf-8")

    def run(*flags: str, limits: dict[str, int] | None = None, **environment: str) -> Checked:
        over = tmp_path / "over.yml"
        over.write_text(yaml.safe_dump({"registry": {"limits": limits or {}}}), encoding="utf-8")
        command = [
            sys.executable, str(ROOT / "scripts" / "check_site.py"), "_site", "--build", "build",
            "--config", f"{ROOT / '_config.yml'},over.yml", "--report", "build/report.json", *flags,
        ]  # fmt: skip
        summary = tmp_path / "summary.md"
        process = subprocess.run(
            command,
            cwd=tmp_path,
            env={**os.environ, "GITHUB_ACTIONS": "", "GITHUB_STEP_SUMMARY": str(summary), **environment},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert process.stdout == ""
        return Checked(
            status=process.returncode,
            told=process.stderr,
            site=tmp_path / "_site",
            report=json.loads(report.read_bytes()),
            summary=summary.read_text(encoding="utf-8") if summary.exists() else "",
        )

    return run


def test_jekyll_builds_all_but_what_it_cannot(built: Built) -> None:
    made = {path.parent.name for path in (built.site / "plugins").glob("*/index.html")}
    assert made == {*WHOLE, "together-a", "former", "smuggles", "twice", "impostor"}
    assert "Left out: _plugins/raises.md: RuntimeError: a fault [2J#\\x23[error]forged" in built.output
    assert "Traceback" not in built.output


def test_each_has_a_short_page_and_all_else_is_published(built: Built, check: Check) -> None:
    done = check()
    assert done.status == 0, done.told
    assert "Traceback" not in done.told
    for slug in WHOLE:
        assert done.page(slug) == built.plugin(slug)
    for slug in (*BODIES, *FAULTS, "no-place", "together-b"):
        page = done.page(slug)
        read = read_page(page, Site(url="https://plugins.example.org"), f"/plugins/{slug}/")
        assert (is_short(page), read.faults, read.heading) == (True, [], f"The {slug} plugin")
        assert '<meta name="robots" content="noindex">' in page
        assert (
            f'<a href="https://github.com/example/{slug}" rel="nofollow noopener ugc">Its source</a>' in page
        )
        assert f'href="https://github.com/example/plugins/blob/main/_plugins/{slug}.md"' in page
        assert len(page) < 10_000
    names = {entry["page"].split("/")[-2] for entry in json.loads((done.site / "plugins.json").read_bytes())}
    assert names == {*WHOLE, *BODIES, *FAULTS, *GENERATED}


def test_a_registration_without_a_copy_has_a_short_page_where_nobody_else_has_one(
    built: Built, check: Check
) -> None:
    done = check()
    assert read_page(done.page("unread"), Site()).heading == "Unread <b>"
    assert done.page("former") == built.plugin("former")
    assert not (done.site / "x").exists()
    assert not (invalid := faults(done.site / "plugins" / "unread")), "\n".join(invalid)


def test_what_is_left_out_is_told_everywhere(check: Check) -> None:
    done = check()
    said = {entry["plugin"]: (entry["stage"], entry["code"], entry["message"]) for entry in done.errors()}
    assert said == {
        "Unread <b>": ("registration", "yaml-syntax", "this line is no YAML"),
        **{slug.title(): ("page", "too-large", TOO_LARGE) for slug in BODIES},
        "Raises": ("page", "not-built", "RuntimeError: a fault [2J#\\x23[error]forged"),
        "Raises-In-Reading": ("page", "not-built", "ArgumentError: not today"),
        "Dies": ("page", "not-built", DIED),
        "Dies-In-Reading": ("page", "not-built", DIED),
        **{
            plugin: (
                "page",
                "not-built",
                f"the lists fail with it (KeyError: {why}); mend the registration, or report it",
            )
            for plugin, why in (("No-Place", "no place"), ("Together-B", "too close"))
        },
        "": said[""],
        "Starves": ("page", "not-built", DIED),
        "Recurses": ("page", "not-built", "SystemStackError: stack level too deep"),
        "Grows": said["Grows"],
        "Smuggles": (
            "check",
            "unsafe",
            f"its page is left out: a script that is not ours: 'alert(1)'{CURE}",
        ),
        "Twice": (
            "check",
            "markup",
            f"its page is left out: has 2 <h1>, not one (and 1 more){CURE}",
        ),
        "Impostor": (
            "check",
            "other-text",
            "its page is left out: its heading is 'Plain and simple', not the title 'The impostor plugin'"
            + CURE,
        ),
    }
    assert said["Grows"][:2] == ("page", "too-large")
    assert json_faults((done.site / ERRORS).read_bytes(), ERRORS) == []
    assert {entry["plugin"] for entry in done.report["errors"]} == set(said)
    assert done.report["version"] == "1"
    for slug in (*BODIES, *FAULTS, "no-place", "together-b"):
        assert f"_plugins/{slug}.md:1: error: {slug.title()}: " in done.told
    assert "### Left out (20)" in done.summary
    assert "- `Dies`, page: the process that makes its page died, or did not end" in done.summary


def test_dead_links_are_warnings(check: Check) -> None:
    done = check()
    assert "plugins/plain/index.html:1: warning: links to" not in done.told  # Jekyll made them text
    (page := done.site / "plugins/plain/index.html").write_text(
        done.page("plain").replace("<p>", '<p><a href="/plugins/nobody/">x</a>', 1), encoding="utf-8"
    )
    again = check()
    assert again.status == 0
    warning = "plugins/plain/index.html:1: warning: links to /plugins/nobody/, which is not there [dead-link]"
    assert warning in again.told
    assert "/plugins/nobody/" in page.read_text(encoding="utf-8")


def test_checking_twice_changes_nothing(check: Check) -> None:
    first = check()
    files = {path: path.read_bytes() for path in first.site.rglob("*") if path.is_file()}
    again = check()
    assert (again.status, again.report) == (0, first.report)
    assert sorted(again.told.splitlines()) == sorted(first.told.splitlines())
    assert {path: path.read_bytes() for path in first.site.rglob("*") if path.is_file()} == files


def test_a_feed_file_of_one_plugin_is_taken_out_and_the_feeds_themselves_stay(
    built: Built, check: Check
) -> None:
    site = check().site
    badge = site / "badges" / "Plain" / "usage.json"
    badge.unlink()
    badge.write_bytes(b"{}")
    done = check()
    assert done.status == 0
    assert not badge.exists()
    assert (built.source / "build/feeds/badges/Plain/usage.json").exists()
    fault = 'the whole: "cacheSeconds" is a required property (and 4 more)'
    message = f"badges/Plain/usage.json is left out: {fault}{CURE}"
    assert {"plugin": "Plain", "stage": "check", "code": "data", "message": message} in done.errors()
    assert done.page("plain") == built.plugin("plain")


def test_our_own_faults_are_reported_and_published(check: Check) -> None:
    page = check().site / "by_name" / "index.html"
    page.write_text(
        page.read_text(encoding="utf-8").replace("</main>", '<p id="main"></p></main>'), encoding="utf-8"
    )
    done = check()
    assert done.status == 0
    message = "by_name/index.html the id 'main' stands twice"
    assert {"plugin": "", "stage": "check", "code": "markup", "message": message} in done.errors()
    assert f"the site:1: error: {message} [markup]" in done.told


def test_what_was_smuggled_into_our_own_pages_refuses_the_whole(built: Built, check: Check) -> None:
    site = check().site
    shutil.copy(built.site / "plugins/smuggles/index.html", site / "plugins/smuggles/index.html")
    page = site / "by_tag" / "index.html"
    page.write_text(
        page.read_text(encoding="utf-8").replace("</main>", "<iframe></iframe></main>"), encoding="utf-8"
    )
    done = check()
    assert done.status == 1
    assert "the site must not be published: by_tag/index.html <iframe> may not stand in a page\n" in done.told
    assert done.report["check"] == {"refused": ["by_tag/index.html <iframe> may not stand in a page"]}
    assert "**Nothing is published:**" in done.summary
    assert "<script>alert" in done.page("smuggles")  # nothing is touched of what nobody publishes


def test_too_many_are_refused_unless_that_is_accepted(check: Check) -> None:
    limits = {"max_loss_count": 16}
    done = check(limits=limits)
    assert done.status == 1
    assert (
        "check_site: the site must not be published: 17 of 21 plugins are missing (abbreviations, "
        in done.told
    )
    assert not (done.site / "plugins/dies/index.html").exists()
    assert len(done.report["errors"]) == 23
    assert check("--accept-loss", limits=limits).status == 0


def test_a_workflow_gets_annotations_and_no_command_of_a_strangers(check: Check) -> None:
    done = check(GITHUB_ACTIONS="true")
    lines = done.told.splitlines()
    assert "::error file=_plugins/dies.md,line=1,title=not-built::Dies: " + DIED in lines
    assert all(line.startswith(("::error file=", "::warning file=")) for line in lines)
    assert "##[" not in done.told


def test_two_letters_that_differ_in_case_alone_make_one_heading(built: Built) -> None:
    assert read_page(built.text("by_tag/index.html"), Site()).faults == []


def test_without_jekylls_short_page_what_fails_has_none(check: Check, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "build" / "left_out")
    done = check()
    assert done.status == 0
    assert not (done.site / "plugins" / "smuggles" / "index.html").exists()
    said = {entry["plugin"]: entry["message"] for entry in done.errors()}
    assert said["Dies"] == "its page is left out: is missing: _plugins/dies.md has no page" + CURE


def test_a_list_that_cannot_be_made_is_left_out_and_said(built: Built, check: Check) -> None:
    assert not (built.site / "by_tag" / "spoiled").exists()
    assert "Left out: /by_tag/spoiled/: IndexError: no such tag" in built.output
    done = check()
    about_us = [entry["message"] for entry in done.errors() if entry["plugin"] == ""]
    assert f"/by_tag/spoiled/ is left out: IndexError: no such tag{CURE}" in about_us
    assert f"/plugins/spoiled-redirect/ is left out: {DIED}{CURE}" in about_us


def test_each_page_that_hangs_shortens_the_patience_with_the_next() -> None:
    """Twenty that hang for two minutes each would be most of an hour."""
    ruby = """
      seen = []
      Almanac::Workers.define_singleton_method(:in_child) { |_, _, _, patience| seen << patience && 0 }
      Almanac::Workers.collect([1] * 8, (0...8).to_a, [], [120], nil, nil) { nil }
      print seen.join(" ")
    """
    command = ["ruby", "-r", str(ROOT / "_jekyll" / "build" / "workers.rb"), "-e", ruby]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == "120 60.0 30.0 15.0 7.5 5 5 5"


@pytest.mark.parametrize(("count", "is_built"), [(20, True), (21, False)])
def test_where_the_lists_fail_with_too_many_plugins_there_is_no_site(
    tmp_path: Path, count: int, is_built: bool
) -> None:
    """The fault is not theirs, and each try takes its time."""
    plugins = make_source(tmp_path)
    for number in range(24):
        write_copy(plugins, f"{'odd' if number < count else 'even'}-{number}", "Hello.")
    (tmp_path / "_jekyll" / "faults.rb").write_text(
        """
        require_relative "lists/list_feed"

        module NoPlace
          def by_popularity(docs)
            docs.any? { |doc| doc.slug.start_with?("odd") } ? raise(KeyError, "no place") : super
          end
        end

        Almanac::ListFeed.prepend(NoPlace)
        """,
        encoding="utf-8",
    )
    if is_built:
        made = {path.parent.name for path in (build(tmp_path).site / "plugins").glob("*/index.html")}
        assert made == {"even-20", "even-21", "even-22", "even-23"}
    else:
        with pytest.raises(AssertionError, match=r"no place \(KeyError\)"):
            build(tmp_path)
