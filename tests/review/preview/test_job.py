"""The changed plugins' pages are built by the base's own code and photographed; nothing else runs."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import preview
from registry.feeds import build
from registry.review.faults.image_headers import read_image
from registry.review.preview import job, rendering, screenshots, trial
from registry.review.preview.rendering import BuildError, environment, run
from registry.site_check.check import Fault
from registry.text.json_schemas import validator
from tests.chromium import chromium_path
from tests.review.builders import Files, Origin, png, registration

ROOT = Path(__file__).resolve().parents[3]
CURE = "mend the registration, or report it if the fault is the site's"
FRESH = "_plugins/fresh.md"
SHOT = (
    "\n- url: /assets/img/plugins/fresh/a.png\n  alt: Its tab"
    "\n- url: https://elsewhere.example/b.png\n  alt: Far"
)

pytestmark = [pytest.mark.site, pytest.mark.xdist_group("preview")]


@pytest.fixture(autouse=True)
def checkout_of_the_base(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("GITHUB_TOKEN", "secret-token")
    monkeypatch.setenv("CHROMIUM", chromium_path())


def made(folder: Path, files: Files, *arguments: str) -> tuple[int, dict[str, Any]]:
    """Run the command on a pull request; return its exit code and preview.json."""
    origin = Origin(folder)
    pull = origin.propose(files)
    checkout = origin.checkout(pull)
    options = ["--repository", str(checkout), "--out", str(folder / "out"), *arguments]
    status = preview.main([pull.merge, *options])
    document = json.loads((folder / "out/preview.json").read_bytes())
    assert [error.message for error in validator("preview").iter_errors(document)] == []
    return status, document


HOSTILE = registration(
    "hostile",
    title="'<script>alert(1)</script>'",
    description="'<img src=x onerror=alert(2)> {{ site.pages }}'",
    body=(
        "<script>alert(3)</script><img src='/assets/img/plugins/fresh/a.png' onload='alert(4)'>\n\n"
        "<meta http-equiv=refresh content='0; url=https://elsewhere.example/'>\n\n"
        "<iframe src='https://elsewhere.example/frame'></iframe>\n\n"
        "<link rel=stylesheet href='https://elsewhere.example/x.css'><style>@import 'https://e.example/y';</style>\n\n"
        "{% raw %}{{ 'x' | evil }}{% endraw %} ![far](https://elsewhere.example/c.png)\n"
    ),
)


Whole = tuple[Path, int, dict[str, Any]]
"""Folder, exit code and preview.json of one run."""


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Whole:
    folder = tmp_path_factory.mktemp("preview")
    canary = folder / "canary"
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        patch.setenv("CHROMIUM", chromium_path())
        status, document = made(
            folder,
            {
                FRESH: registration("fresh", screenshots=SHOT),
                "assets/img/plugins/fresh/a.png": png(200, 100),
                "assets/img/plugins/fresh/b.png": b"<svg>",
                "_plugins/hostile.md": HOSTILE,
                "_plugins/unread.md": "nothing",
                "_plugins/evil.rb": f"`touch {canary}`",
                "_jekyll/evil.rb": f"`touch {canary}`",
                "_layouts/plugin.html": "mine",
                "_config.yml": f"plugins_dir: _plugins\nevil: '`touch {canary}`'\n",
                "_plugins/plugin1.md": None,
            },
        )
    return folder, status, document


class TestPages:
    def test_built_pages_are_told_with_title_and_headings(self, whole: Whole) -> None:
        folder, status, document = whole
        assert document["problems"] == []
        assert (status, document["built"], document["message"]) == (0, True, "")
        fresh = document["plugins"][0]
        assert (fresh["slug"], fresh["path"], fresh["status"], fresh["built"], fresh["reason"]) == (
            "fresh", FRESH, "added", True, "",
        )  # fmt: skip
        assert fresh["title"] == "The fresh"
        assert "Screenshots" in fresh["headings"]
        assert fresh["faults"] == fresh["errors"] == []
        assert fresh["page"] == "pages/fresh.html"
        page = (folder / "out/pages/fresh.html").read_text(encoding="utf-8")
        assert "Does what fresh says." in page
        assert "mine" not in page

    def test_what_cannot_be_built_is_named_with_the_reason(self, whole: Whole) -> None:
        assert [(item["slug"], item["built"], item["reason"]) for item in whole[2]["plugins"]] == [
            ("fresh", True, ""),
            ("hostile", True, ""),
            ("unread", False,
             "the file does not begin with front matter; write '---' alone on the first line"),
        ]  # fmt: skip

    def test_each_page_is_photographed_at_both_widths(self, whole: Whole) -> None:
        folder, _, document = whole
        for plugin in document["plugins"][:2]:
            shots = plugin["screenshots"]
            assert [(shot["view"], shot["width"]) for shot in shots] == [("phone", 390), ("desktop", 1280)]
            for shot in shots:
                raw = (folder / "out" / shot["file"]).read_bytes()
                facts = read_image(raw)
                assert (facts.kind, facts.width, facts.height, len(raw)) == (
                    "PNG", shot["width"], shot["height"], shot["bytes"],
                )  # fmt: skip
                assert 300 < shot["height"] < 8_000
                assert not shot["cut"]

    def test_the_images_of_the_merge_are_shown_and_no_broken_one(self, whole: Whole) -> None:
        images = whole[0] / "out/build/site/assets/img/plugins"
        assert [path.name for path in images.rglob("*.*") if path.is_file()] == ["a.png"]

    def test_other_sites_are_named_and_never_asked(self, whole: Whole) -> None:
        assert [item["requests"] for item in whole[2]["plugins"]] == [[], [], []]
        for slug, name in (("fresh", "b.png"), ("hostile", "c.png")):
            page = (whole[0] / "out" / "pages" / f"{slug}.html").read_text(encoding="utf-8")
            assert f'<a href="https://elsewhere.example/{name}"' in page

    def test_a_hostile_registration_is_text_and_tries_nothing(self, whole: Whole) -> None:
        hostile = whole[2]["plugins"][1]
        assert hostile["title"] == "<script>alert(1)</script>"
        assert hostile["errors"] == hostile["faults"] == []

    def test_nothing_is_run_and_nothing_written_outside_of_the_folder(self, whole: Whole) -> None:
        folder = whole[0]
        assert {path.name for path in folder.iterdir()} == {"origin.git", "checkout", "index", "out"}
        assert {path.name for path in (folder / "out").iterdir()} == {
            ".almanac-review", "build", "pages", "preview.json", "screenshots",
        }  # fmt: skip


def test_nothing_to_build_is_no_failure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, document = made(tmp_path, {"docs/x.md": "x", "_plugins/plugin1.md": None})
    assert (status, document["built"], document["message"], document["plugins"]) == (0, False, "", [])
    assert capsys.readouterr().err == "preview: 0 of 0 changed plugins built\n"


def test_a_failing_build_is_told_and_exits_1(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    program = tmp_path / "jekyll"
    program.write_text("#!/bin/sh\necho '::error::it ##[x] broke' >&2\nexit 3\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("JEKYLL", str(program))
    status, document = made(tmp_path, {FRESH: registration("fresh")})
    assert (status, document["built"]) == (1, False)
    assert document["message"] == "jekyll failed:\n  \\x3a:error::it #\\x23[x] broke"
    assert "preview: jekyll failed:\n" in capsys.readouterr().err


def test_a_page_that_the_build_leaves_out_is_told_with_its_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "jekyll"
    said = json.dumps({"fresh": {"code": "not-built", "message": "it ::is odd"}})
    program.write_text(
        f"#!/bin/sh\nmkdir build/left_out; echo page > build/left_out/page.html\n"
        f"echo '{said}' > build/left_out/pages.json\n",
        encoding="utf-8",
    )
    program.chmod(0o755)
    monkeypatch.setenv("JEKYLL", str(program))
    status, document = made(tmp_path, {FRESH: registration("fresh")})
    assert (status, document["plugins"][0]["built"]) == (1, False)
    assert document["plugins"][0]["reason"] == "it ::is odd"
    assert [(item["file"], item["line"], item["code"], item["message"]) for item in document["problems"]] == [
        (FRESH, 1, "not-built", "the build would put a short page in the place of this plugin's: it ::is odd")
    ]


def test_without_a_browser_the_pages_are_there_and_the_lack_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHROMIUM", "no-such-browser")
    status, document = made(tmp_path, {FRESH: registration("fresh")})
    assert (status, document["built"]) == (1, True)
    assert document["message"] == (
        "there is no Chromium; install Debian's package 'chromium', or name it in CHROMIUM"
    )
    assert (tmp_path / "out/pages/fresh.html").is_file()


def test_no_screenshots_need_no_browser_and_what_is_built_has_an_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHROMIUM", "no-such-browser")
    monkeypatch.setattr(job, "MAX_PLUGINS", 10)
    files = {f"_plugins/p{number:02}.md": registration(f"p{number:02}") for number in range(12)}
    status, document = made(tmp_path, files, "--no-screenshots")
    assert status == 0
    assert [plugin["built"] for plugin in document["plugins"]] == [True] * 10 + [False] * 2
    assert document["plugins"][11]["reason"] == "at most 10 plugins are built"


def test_the_last_known_figures_stand_in_the_page(tmp_path: Path) -> None:
    made(tmp_path, {"_plugins/mqtt.md": registration("mqtt")}, "--no-screenshots")
    page = (tmp_path / "out/pages/mqtt.html").read_text(encoding="utf-8")
    assert "sage figures from " in page


# What the build would leave out is an error of the change


@pytest.fixture
def quick(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let Jekyll and the check be quick: a page of each copy, in which nothing is wrong."""
    program = tmp_path / "jekyll"
    program.write_text(
        "#!/bin/sh\nwhile [ $# -gt 1 ]; do\n"
        "case $1 in --source) source=$2;; --destination) site=$2;; esac; shift; done\n"
        'for copy in "$source"/build/_plugins/*.md; do name=$(basename "$copy" .md)\n'
        'mkdir -p "$site/plugins/$name"; echo "<h1>$name</h1>" > "$site/plugins/$name/index.html"; done\n',
        encoding="utf-8",
    )
    program.chmod(0o755)
    monkeypatch.setenv("JEKYLL", str(program))
    monkeypatch.setattr(trial, "check_site", lambda *_: [])


def spoilt(slug: str, beside: str = "") -> Any:
    """Return a part of the feeds that fails for one plugin, or for it beside another one."""

    def part(published: Any) -> dict[str, bytes]:
        there = published.documents
        if slug in there and (not beside or beside in there):
            raise ValueError
        return {}

    return part


def problems(document: dict[str, Any]) -> list[tuple[str, int, str, str]]:
    return [(item["file"], item["line"], item["code"], item["message"]) for item in document["problems"]]


@pytest.mark.usefixtures("quick")
def test_what_the_feeds_leave_out_is_an_error_of_the_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    summary = tmp_path / "summary.md"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    monkeypatch.setattr(build, "PARTS", (*build.PARTS, spoilt("fresh"), spoilt("plugin0")))
    options = ("--no-screenshots", "--format", "github")
    status, document = made(tmp_path, {FRESH: registration("fresh")}, *options)
    assert status == 1
    ((file, line, code, message),) = problems(document)
    assert (file, line, code) == (FRESH, 1, "internal-error")
    assert message.startswith(
        "the build would leave this out of the feeds: no feed can be made of it: ValueError"
    )
    out = capsys.readouterr().out
    assert out.startswith(f"::error file={FRESH},line=1,title=internal-error::the build would leave")
    assert summary.read_text(encoding="utf-8").startswith(
        "### The build would not take it as it is: 1 error\n\n| where |"
    )
    assert document["plugins"][0]["built"]


@pytest.mark.usefixtures("quick")
def test_what_the_check_finds_is_an_error_at_the_line_that_it_speaks_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    faults = [
        Fault(file="plugins/fresh/index.html", message="the id 'it' stands twice", kind="markup"),
        Fault(file="plugins/fresh/index.html", message="links to /x/, which is not there", kind="dead-link"),
        Fault(file="plugins/plugin1/index.html", message="is missing: of old", kind="missing"),
        Fault(file="by_tag/index.html", message="of old", kind="markup"),
    ]
    monkeypatch.setattr(trial, "check_site", lambda *_: faults)
    status, document = made(tmp_path, {FRESH: registration("fresh")}, "--no-screenshots")
    assert status == 1
    fault = f"its page is left out: the id 'it' stands twice; {CURE}"
    assert problems(document) == [
        (FRESH, 1, "markup", f"the build would put a short page in the place of this plugin's: {fault}"),
    ]
    assert document["plugins"][0]["faults"] == [fault, "links to /x/, which is not there"]


@pytest.mark.usefixtures("quick")
def test_a_fault_of_another_plugin_is_the_changes_when_it_is_not_there_without_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build, "PARTS", (*build.PARTS, spoilt("plugin2")))

    def check(site: Path, *_: object) -> list[Fault]:
        found = [Fault(file="plugins/plugin0/index.html", message="is odd", kind="markup")]
        if (site / "plugins/fresh").is_dir():
            found += [
                Fault(file="by_tag/index.html", message="has the id 'θ' twice", kind="markup"),
                Fault(file="plugins/plugin1/index.html", message="is broken", kind="markup"),
            ]
        return found

    monkeypatch.setattr(trial, "check_site", check)
    status, document = made(tmp_path, {FRESH: registration("fresh")}, "--no-screenshots")
    assert status == 1
    begin = "with this change, and not without it, the build finds a fault in"
    assert problems(document) == [
        (FRESH, 1, "markup", f"{begin} 'plugin1': its page is left out: is broken; {CURE}"),
        (FRESH, 1, "markup", f"{begin} a page of the site: by_tag/index.html has the id 'θ' twice"),
    ]


@pytest.mark.usefixtures("quick")
def test_a_change_of_what_stands_is_held_against_how_it_stood(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        trial, "check_site", lambda *_: [Fault(file="404.html", message="is missing", kind="missing")]
    )
    kept = registration("plugin0", title="Another title")
    status, document = made(tmp_path, {"_plugins/plugin0.md": kept}, "--no-screenshots")
    assert (status, document["problems"]) == (0, [])
    before = tmp_path / "out/build/before/registrations/_plugins"
    assert "Another title" not in (before / "plugin0.md").read_text(encoding="utf-8")


@pytest.mark.usefixtures("quick")
def test_a_bad_entry_of_data_that_a_change_brings_is_its_own_when_it_is_about_its_plugin(
    tmp_path: Path,
) -> None:
    blocks = "- plugin: fresh\n  pluginversions: [x]\n- plugin: other\n"
    files = {FRESH: registration("fresh"), "_data/blocklist.yml": blocks}
    status, document = made(tmp_path, files, "--no-screenshots")
    assert status == 1
    ((file, line, code, message),) = problems(document)
    assert (file, line, code) == (FRESH, 1, "bad-value")
    assert message.startswith(
        "the build would leave this out of the feeds: _data/blocklist.yml, line 2: [0].pluginversions[0]: 'x'"
    )


@pytest.mark.usefixtures("quick")
def test_what_the_rules_said_of_a_line_is_not_said_again(tmp_path: Path) -> None:
    bad = registration("fresh", compatibility="{os: [Mac OS X]}")
    status, document = made(tmp_path, {FRESH: bad}, "--no-screenshots")
    assert (status, document["problems"]) == (0, [])
    assert document["plugins"][0]["built"]


@pytest.mark.usefixtures("quick")
def test_what_the_rules_said_of_a_file_in_the_same_word_is_not_said_again(tmp_path: Path) -> None:
    files = {FRESH: registration("fresh"), "_data/blocklist.yml": "- plugin: Fresh\n"}
    status, document = made(tmp_path, files, "--no-screenshots")
    assert (status, document["problems"]) == (0, [])


@pytest.mark.usefixtures("quick")
def test_the_only_plugin_of_a_registry_that_no_feed_takes_is_an_error_of_its_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build, "PARTS", (*build.PARTS, spoilt("fresh")))
    files = {FRESH: registration("fresh")} | {f"_plugins/plugin{number}.md": None for number in range(3)}
    status, document = made(tmp_path, files, "--no-screenshots")
    assert status == 1
    assert [item[2] for item in problems(document)] == ["internal-error"]
    assert document["notes"][-1] == (
        "the plugins are in no feed: no plugin can be listed, and an empty list would clear every "
        "installation's; mend the registrations first"
    )


def test_the_small_site_lies_where_the_registrys_own_does(tmp_path: Path) -> None:
    config = tmp_path / "base.yml"
    config.write_text("url: https://ada.example\nbaseurl: /registry\n", encoding="utf-8")
    body = "[Other](/plugins/plugin0/) and [again](https://ada.example/registry/plugins/plugin1/)\n"
    options = ("--config", f"_config.yml,{config}")
    status, document = made(tmp_path, {FRESH: registration("fresh", body)}, *options)
    assert (status, document["message"], document["problems"]) == (0, "", [])
    page = (tmp_path / "out/pages/fresh.html").read_text(encoding="utf-8")
    assert page.count('href="/registry/plugins/plugin') == 2
    (plugin,) = document["plugins"]
    assert (plugin["errors"], len(plugin["screenshots"])) == ([], 2)


def test_an_output_folder_of_somebody_else_is_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    origin = Origin(tmp_path)
    pull = origin.propose({FRESH: registration("fresh")})
    kept = tmp_path / "mine/pages/index.html"
    kept.parent.mkdir(parents=True)
    kept.write_text("mine", encoding="utf-8")
    out = str(tmp_path / "mine")
    assert preview.main([pull.merge, "--repository", str(origin.bare), "--out", out]) == 2
    assert capsys.readouterr().err == (
        f"preview: --out {out}: its folder 'pages' was not made here; name another folder\n"
    )
    assert kept.read_text(encoding="utf-8") == "mine"


def test_programs_get_no_token_and_end_in_time(tmp_path: Path) -> None:
    said = run(["sh", "-c", "env"], environment(os.environ), tmp_path, 10).decode()
    assert "secret-token" not in said
    assert {line.partition("=")[0] for line in said.splitlines()} <= {
        *rendering._KEPT,
        "LANG",
        "PWD",
        "SHLVL",
        "_",
    }
    started = datetime.now(UTC)
    with pytest.raises(BuildError) as caught:
        run(["sh", "-c", "sleep 30 & sleep 30"], environment(os.environ), tmp_path, 0.2)
    assert str(caught.value) == "sh took longer than 0.2 s"
    assert (datetime.now(UTC) - started).total_seconds() < 10


class TestPhotographs:
    """What a page tries is told. The site's own policy would stop it all, so these pages have none."""

    def photographed(self, folder: Path, html: str) -> dict[str, Any]:
        page = folder / "site/plugins/x/index.html"
        page.parent.mkdir(parents=True)
        page.write_text(f"<!doctype html><title>x</title>{html}", encoding="utf-8")
        task = {"site": str(folder / "site"), "out": str(folder / "out/screenshots"), "slugs": ["x"],
                "chromium": chromium_path()}  # fmt: skip
        library = str(ROOT / "scripts")
        answer = run(
            [preview.sys.executable, "-m", "registry.review.preview.screenshots"],
            environment(os.environ) | {"PYTHONPATH": library},
            folder,
            60,
            given=json.dumps(task).encode(),
        )
        found: dict[str, Any] = json.loads(answer)["x"]
        return found

    def test_dialogs_scripts_windows_and_requests_are_told(self, tmp_path: Path) -> None:
        found = self.photographed(
            tmp_path,
            "<script>alert('hello'); fetch('http://127.0.0.1:1/metadata'); console.error('oh');"
            "new WebSocket('wss://elsewhere.example/'); open('https://elsewhere.example/w'); nothing();"
            "</script>"
            "<img src='https://elsewhere.example/i.png'><img src='http://169.254.169.254/i.png'>",
        )
        assert {"opens a dialog: hello", "console: oh", "script fails: nothing is not defined"} <= set(
            found["errors"]
        )
        urls = {(item["url"], item["type"]) for item in found["requests"]}
        assert {
            ("http://127.0.0.1:1/metadata", "fetch"),
            ("https://elsewhere.example/i.png", "image"),
            ("http://169.254.169.254/i.png", "image"),
            ("wss://elsewhere.example/", "websocket"),
        } <= urls
        assert len(found["screenshots"]) == 2

    def test_a_page_that_leads_elsewhere_is_told(self, tmp_path: Path) -> None:
        found = self.photographed(tmp_path, "<script>location = 'https://elsewhere.example/'</script>")
        assert "leads to another page: https://elsewhere.example/" in found["errors"]

    def test_an_endless_page_is_cut(self, tmp_path: Path) -> None:
        found = self.photographed(
            tmp_path, "<div style='height:200000px;background:linear-gradient(red,blue)'>"
        )
        assert [(shot["height"], shot["cut"]) for shot in found["screenshots"]] == [(8_000, True)] * 2

    def test_what_is_told_has_an_end(self, tmp_path: Path) -> None:
        found = self.photographed(
            tmp_path, "<script>for (let i = 0; i < 100; i++) console.error(i + 'x'.repeat(5000))</script>"
        )
        assert len(found["errors"]) == screenshots.MAX_FINDINGS
        assert {len(text) for text in found["errors"]} == {screenshots.LONGEST}
