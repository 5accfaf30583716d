"""The command: feeds of a whole set of registrations, hostile ones among them."""

import gzip
import json
import re
import shutil
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

import build_api
from registry.feeds import build
from registry.feeds import plugins as plugins_feed
from registry.host.notices_and_blocklist import ABANDONED

ROOT = Path(__file__).resolve().parents[2]
FIXTURES = ROOT / "tests/data/feeds"
ERRORS = "api/v1/errors.json"
SCHEMAS = {
    "plugins": "plugins",
    "notices": "notices",
    "blocklist": "blocklist",
    "blacklist": "blocklist",
    "update_check_overlay": "update_check_overlay",
    "update_check_overlay_py2": "update_check_overlay",
    "api/v1/index": "api-index",
}


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1600000000")


def run(tmp_path: Path, *more: str, plugins: Path | None = None, data: Path | None = None) -> int:
    arguments = ["--plugins", str(plugins or FIXTURES / "plugins"), "--data", str(data or FIXTURES / "data")]
    arguments += ["--out", str(tmp_path / "feeds"), "--config", str(FIXTURES / "_config.yml")]
    return build_api.main([*arguments, "--report", str(tmp_path / "report.json"), *more])


def feed(tmp_path: Path, name: str) -> Any:
    return json.loads((tmp_path / "feeds" / name).read_bytes())


def copy(tmp_path: Path, name: str) -> Path:
    return Path(shutil.copytree(FIXTURES / name, tmp_path / name))


@pytest.mark.parametrize("source", ["fixtures", "ours"])
def test_every_feed_fits_its_schema(tmp_path: Path, source: str) -> None:
    ours = {"plugins": ROOT / "_plugins", "data": ROOT / "_data"} if source == "ours" else {}
    assert run(tmp_path, **ours) == 0
    for name, schema in SCHEMAS.items():
        content = json.loads((ROOT / f"docs/schemas/{schema}.schema.json").read_bytes())
        jsonschema_rs.meta.validate(content)
        jsonschema_rs.validator_for(content).validate(feed(tmp_path, f"{name}.json"))


def test_our_own_registrations_are_all_listed(tmp_path: Path) -> None:
    assert run(tmp_path, plugins=ROOT / "_plugins", data=ROOT / "_data") == 0
    pages = {entry["page"].split("/")[-2] for entry in feed(tmp_path, "plugins.json")}
    assert pages == {path.stem for path in (ROOT / "_plugins").glob("*.md")}
    assert json.loads((tmp_path / "report.json").read_bytes())["feeds"]["problems"] == []


def test_a_bad_plugin_is_left_out_and_the_rest_goes_on(tmp_path: Path) -> None:
    assert run(tmp_path) == 0
    listed = [entry["id"] for entry in feed(tmp_path, "plugins.json")]
    left_out = json.loads((tmp_path / "report.json").read_bytes())["feeds"]["left_out"]
    assert left_out == {
        "another_plain": "id: plain.md has the same id 'plain'; keep one of the two",
        "nameless": "id: '' is no identifier",
        "no_system": "compatibility.os: 'Mac OS X' means nothing to an installation, "
        "and nothing else is given; write e.g. 'linux' or '!windows'",
        "nowhere": "archive: must not be empty",
        "unclosed": "the front matter does not end; write '---' alone on the line after its last key",
        "undated": "date: 'someday' is no day of the calendar; write e.g. 2026-11-20",
    }
    files = {path.stem for path in (FIXTURES / "plugins").glob("*.md")}
    assert sorted(listed) == sorted(files - set(left_out))
    assert listed[0] == "groups"  # the first that was registered


def test_what_was_left_out_is_told_with_file_line_and_key(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path) == 0
    out, err = capsys.readouterr()
    folder = FIXTURES / "plugins"
    assert out == ""
    assert (
        f"{folder}/bare_python.md:12: warning: compatibility.python: '3' is not a PEP 440 specifier, so the "
        "feed says '>=2.7,<3'; write e.g. '>=3.7,<4' [bad-specifier]"
    ) in err.splitlines()
    assert err.splitlines()[-1] == (
        "feeds: 14 plugins, 4 notices, 4 blocklist, 4 update_check_overlay, 6 update_check_overlay_py2; "
        "6 left out"
    )


def test_blocklist_and_blacklist_are_the_same(tmp_path: Path) -> None:
    assert run(tmp_path) == 0
    folder = tmp_path / "feeds"
    assert (folder / "blocklist.json").read_bytes() == (folder / "blacklist.json").read_bytes()


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        assert run(tmp_path / name) == 0
    one, two = tmp_path / "one/feeds", tmp_path / "two/feeds"
    files = sorted(path.relative_to(one) for path in one.rglob("*") if path.is_file())
    assert files == sorted(path.relative_to(two) for path in two.rglob("*") if path.is_file())
    assert all((one / name).read_bytes() == (two / name).read_bytes() for name in files)


def test_a_second_run_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path) == 0
    before = (tmp_path / "feeds").stat().st_ino
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1600003600")
    assert run(tmp_path) == 0
    assert (tmp_path / "feeds").stat().st_ino == before
    assert capsys.readouterr().err.splitlines()[-1].endswith("; nothing changed")
    assert feed(tmp_path, "api/v1/index.json")["generated_at"] == "2020-09-13T12:26:40Z"


def test_no_feed_holds_nan_null_or_a_byte_order_mark(tmp_path: Path) -> None:
    assert run(tmp_path) == 0
    for path in (tmp_path / "feeds").glob("*.json"):
        raw = path.read_bytes()
        assert b"\xef\xbb\xbf" not in raw
        assert not re.search(rb"\b(NaN|Infinity|null)\b", raw), path.name


def test_without_any_plugin_nothing_is_published(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path) == 0
    before = (tmp_path / "feeds/plugins.json").read_bytes()
    capsys.readouterr()
    (tmp_path / "none").mkdir()
    assert run(tmp_path, plugins=tmp_path / "none") == 1
    assert capsys.readouterr().err == (
        f"{tmp_path}/none:1: error: no plugin can be listed, and an empty list would clear every "
        "installation's; mend the registrations first [empty-feed]\n"
        "build_api: nothing is published; the last feeds stay\n"
    )
    assert (tmp_path / "feeds/plugins.json").read_bytes() == before
    assert json.loads((tmp_path / "report.json").read_bytes())["feeds"]["published"] is False


def test_a_bad_entry_of_hand_written_data_is_left_out_and_all_else_is_published(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = copy(tmp_path, "data")
    (data / "notices.yml").write_text("- plugin: plain\n  text: x\n- &a {}\n")
    (data / "blocklist.yml").write_text(
        "- plugin: plain\n  pluginversions: 0.1.0\n- plugin: GROUPS\n- plugin: nobody\n  versions: [\n"
    )
    (data / "update_check_overlays.yml").write_text("- no\n- mapping\n")
    assert run(tmp_path, data=data) == 0
    assert feed(tmp_path, "blocklist.json") == [{"plugin": "GROUPS"}, {"plugin": "groups"}]
    assert [notice["plugin"] for notice in feed(tmp_path, "notices.json")] == ["left_behind"]
    assert feed(tmp_path, "update_check_overlay.json") == {}
    assert len(feed(tmp_path, "plugins.json")) == 14
    entries = [
        entry for entry in feed(tmp_path, "api/v1/errors.json") if entry["message"].startswith("data/")
    ]
    assert [(entry["plugin"], entry["code"], entry["message"]) for entry in entries] == [
        ("", "alias", "data/notices.yml, line 3: anchors (&name) and aliases (*name) are not read; write the "
         "value out, or quote the text"),
        ("", "wrong-type", "data/update_check_overlays.yml, line 1: must map plugin identifiers to keys; see "
         "the head of the file"),
        ("groups", "wrong-case", "data/blocklist.yml, line 3: [1].plugin: 'GROUPS' is registered as "
         "'groups', and upper and lower case count; write 'groups'; until then the entry holds for both"),
        ("nobody", "yaml-syntax", "data/blocklist.yml, line 6: the YAML cannot be read (did not find "
         "expected node content); a text that begins with a special character goes in quotes"),
        ("plain", "bad-value", "data/blocklist.yml, line 2: [0].pluginversions[0]: '0.1.0' is not a PEP 440 "
         "specifier; write e.g. '==0.1.0'"),
        ("plain", "missing-key", "data/notices.yml, line 1: [0].date: is missing"),
    ]  # fmt: skip
    assert f"{data}/notices.yml:1: error: [0].date: is missing [missing-key]" in capsys.readouterr().err


@pytest.mark.parametrize(
    "blocks", ["- plugin: plain\n  versions: [x]\n", "- plugin: plain\n  versions: [\n", "{"]
)
def test_a_blocklist_of_which_nothing_can_be_read_stops_the_build(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], blocks: str
) -> None:
    data = copy(tmp_path, "data")
    (data / "blocklist.yml").write_text(blocks)
    assert run(tmp_path, data=data) == 1
    assert capsys.readouterr().err.splitlines()[-2:] == [
        f"{data}/blocklist.yml:1: error: no block can be read, and an empty blocklist would lift every "
        "block; mend the file [empty-feed]",
        "build_api: nothing is published; the last feeds stay",
    ]
    assert not (tmp_path / "feeds").exists()


def test_without_hand_written_data_the_feeds_are_empty_and_not_null(tmp_path: Path) -> None:
    plugins = copy(tmp_path, "plugins")
    (plugins / "left_behind.md").unlink()  # of which a notice is made
    assert run(tmp_path, data=tmp_path / "nothing", plugins=plugins) == 0
    assert feed(tmp_path, "notices.json") == []
    assert feed(tmp_path, "blocklist.json") == []
    assert feed(tmp_path, "update_check_overlay.json") == {}


def test_a_file_whose_name_can_be_no_address_is_left_out(tmp_path: Path) -> None:
    plugins = copy(tmp_path, "plugins")
    (plugins / "plain.md").rename(plugins / "a b.md")
    assert run(tmp_path, plugins=plugins) == 0
    report = json.loads((tmp_path / "report.json").read_bytes())["feeds"]
    assert report["left_out"]["a b"] == "'a b' cannot be part of an address; rename the file"
    assert not (tmp_path / "feeds/api/v1/plugins/a b.json").exists()


def test_the_state_is_published_for_the_next_build(tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    state.write_text('{"schema_version": 1, "listed": [], "plugins": {}}')
    assert run(tmp_path, "--state", str(state)) == 0
    packed = (tmp_path / "feeds/api/v1/state.json.gz").read_bytes()
    assert gzip.decompress(packed) == state.read_bytes()
    addresses = feed(tmp_path, "api/v1/index.json")["feeds"]
    assert addresses["state"] == "https://plugins.example.org/api/v1/state.json.gz"
    assert run(tmp_path, "--state", str(tmp_path / "none.json")) == 0
    assert not (tmp_path / "feeds/api/v1/state.json.gz").exists()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (
            '{"schema_version": 1, "listed": ["a',
            "is not JSON: Unterminated string starting at: line 1 column 34 (char 33); "
            "write it anew (make enrich)",
        ),
        (
            '{"schema_version": 99}',
            "is of schema_version 99, and this Almanac reads 2: a newer one wrote it; "
            "update the checkout (git pull)",
        ),
    ],
    ids=["cut in half", "of a newer Almanac"],
)
def test_a_state_that_cannot_be_read_is_refused_and_the_last_feeds_stay(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, why: str
) -> None:
    state = tmp_path / "state.json"
    state.write_text('{"schema_version": 1, "listed": [], "plugins": {}}')
    assert run(tmp_path, "--state", str(state)) == 0
    before = {path: path.read_bytes() for path in (tmp_path / "feeds").rglob("*.*")}
    capsys.readouterr()
    state.write_text(text)
    assert run(tmp_path, "--state", str(state), "--accept-loss") == 1
    assert capsys.readouterr().err.splitlines() == [
        f"{state}:1: error: the state: {why} [state]",
        "build_api: nothing is published; the last feeds stay",
    ]
    assert {path: path.read_bytes() for path in (tmp_path / "feeds").rglob("*.*")} == before
    report = json.loads((tmp_path / "report.json").read_bytes())["feeds"]
    assert report["published"] is False


def test_settings_that_cannot_be_used_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path, "--config", str(tmp_path / "_config.yml")) == 1
    path = tmp_path / "_config.yml"
    assert capsys.readouterr().err == f"build_api: {path}: cannot be read: No such file or directory\n"


def test_a_folder_that_is_not_there_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as caught:
        run(tmp_path, plugins=tmp_path / "nowhere")
    assert caught.value.code == 2


def test_the_samples_of_the_documentation_are_cut_from_real_feeds(tmp_path: Path) -> None:
    assert run(tmp_path) == 0
    text = (ROOT / "docs/API.md").read_text(encoding="utf-8")
    samples = re.findall(r"<!-- sample: (\S+?)(?:#(\S+))? -->\n```(\w+)\n(.*?)```\n", text, re.DOTALL)
    assert {name for name, *_ in samples} >= {f"{name}.json" for name in SCHEMAS if name != "blacklist"}
    for name, key, language, sample in samples:
        if language == "xml":
            assert sample in (tmp_path / "feeds" / name).read_text(encoding="utf-8")
            continue
        content = feed(tmp_path, name)
        if key:
            keyed = {entry.get("id", entry.get("plugin")): entry for entry in content}
            content = keyed[key]
        assert json.loads(sample) == content, name


def test_the_documentation_tells_of_every_feed_and_key(tmp_path: Path) -> None:
    assert run(tmp_path) == 0
    text = (ROOT / "docs/API.md").read_text(encoding="utf-8")
    published = {str(path.relative_to(tmp_path / "feeds")) for path in (tmp_path / "feeds").glob("*.*")}
    assert [name for name in sorted(published) if f"/{name}" not in text] == []
    for schema in sorted(set(SCHEMAS.values())):
        keys = _keys(json.loads((ROOT / f"docs/schemas/{schema}.schema.json").read_bytes()))
        assert [key for key in sorted(keys) if f"`{key}`" not in text] == [], schema


def _keys(schema: Any) -> set[str]:
    if isinstance(schema, list):
        return set().union(*map(_keys, schema)) if schema else set()
    if not isinstance(schema, dict):
        return set()
    properties = schema.get("properties")
    own = set(properties) if isinstance(properties, dict) else set()
    return own.union(*(_keys(part) for part in schema.values()))


ISSUE = "https://github.com/example/registry/issues/7"


def test_a_notice_is_made_of_every_abandoned_plugin_even_of_one_that_is_disabled(tmp_path: Path) -> None:
    plugins = copy(tmp_path, "plugins")
    path = plugins / "left_behind.md"
    path.write_text(path.read_text().replace("attributes:", "disabled: It is broken.\nattributes:"))
    assert run(tmp_path, plugins=plugins) == 0
    assert [notice for notice in feed(tmp_path, "notices.json") if notice["plugin"] == "left_behind"] == [
        {
            "plugin": "left_behind",
            "date": "2020-09-03 10:11:12 +0000",
            "text": ABANDONED,
            "link": ISSUE,
        }
    ]


def test_what_people_wrote_of_an_abandoned_plugin_stands_instead(tmp_path: Path) -> None:
    data = copy(tmp_path, "data")
    own = f"- plugin: left_behind\n  date: 2021-01-01\n  text: Use Known instead.\n  link: {ISSUE}\n"
    (data / "notices.yml").write_text(own)
    assert run(tmp_path, data=data) == 0
    assert [notice["text"] for notice in feed(tmp_path, "notices.json")] == ["Use Known instead."]


# One plugin's fault is one plugin's


def test_what_is_left_out_is_published_by_plugin_and_step(tmp_path: Path) -> None:
    earlier = {
        "plugin": "broken",
        "stage": "registration",
        "code": "tab",
        "message": "A tab.",
        "slug": "broken",
    }
    later = {
        "plugin": "plain",
        "stage": "page",
        "code": "x",
        "message": "Of the last build.",
        "slug": "plain",
    }
    (tmp_path / "report.json").write_text(json.dumps({"sources": 1, "check": 1, "errors": [later, earlier]}))
    plugins = copy(tmp_path, "plugins")
    assert run(tmp_path, "--registrations", str(plugins)) == 0
    entries = feed(tmp_path, ERRORS)
    assert [(entry["plugin"], entry["stage"], entry["code"]) for entry in entries] == [
        ("broken", "registration", "tab"),
        ("nameless", "feed", "unpublishable"),
        ("no_system", "feed", "bad-compatibility"),
        ("nowhere", "feed", "unpublishable"),
        ("plain", "feed", "duplicate-id"),
        ("unclosed", "feed", "unclosed-front-matter"),
        ("undated", "feed", "date"),
    ]
    assert entries[6]["message"] == "date: 'someday' is no day of the calendar; write e.g. 2026-11-20"
    assert all(entry.keys() == {"plugin", "stage", "code", "message"} for entry in entries)
    address = "https://plugins.example.org/api/v1/errors.json"
    assert feed(tmp_path, "api/v1/index.json")["feeds"]["errors"] == address
    report = json.loads((tmp_path / "report.json").read_bytes())
    assert report["sources"] == 1
    assert "check" not in report
    assert [entry["slug"] for entry in report["errors"]] == [
        "broken", "nameless", "no_system", "nowhere", "another_plain", "unclosed", "undated",
    ]  # fmt: skip
    undated = report["errors"][6]
    assert (undated["file"], undated["line"]) == (f"{plugins}/undated.md", 6)
    assert undated["source"].startswith("https://")


def test_when_all_is_well_the_list_of_errors_is_there_and_empty(tmp_path: Path) -> None:
    assert run(tmp_path, plugins=ROOT / "_plugins", data=ROOT / "_data") == 0
    assert feed(tmp_path, ERRORS) == []
    assert json.loads((tmp_path / "report.json").read_bytes())["errors"] == []


HOSTILE = "##[error]::error::it\x1b[31m <img src=x>"


def breaks(*slugs: str) -> Any:
    """Return a part of the feeds that fails for these plugins, each by itself."""

    def part(published: Any) -> dict[str, bytes]:
        for slug in slugs:
            if slug in published.documents:
                raise UnicodeError(HOSTILE)
        return {"part.txt": " ".join(published.documents).encode()}

    return part


def test_a_plugin_that_spoils_a_feed_is_left_out_of_all_and_nothing_else_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path) == 0
    before = {entry["id"] for entry in feed(tmp_path, "plugins.json")}
    monkeypatch.setattr(build, "PARTS", (*build.PARTS, breaks("plain", "groups")))
    capsys.readouterr()
    assert run(tmp_path) == 0
    # another_plain.md takes over the id that plain.md had.
    assert {entry["id"] for entry in feed(tmp_path, "plugins.json")} == before - {"groups"}
    assert not (tmp_path / "feeds/api/v1/plugins/groups.json").exists()
    files = {path.stem for path in (FIXTURES / "plugins").glob("*.md")} - {"unclosed"}
    text = (tmp_path / "feeds/part.txt").read_text(encoding="utf-8")
    assert set(text.split()) == files - {"plain", "groups"}
    (entry,) = [entry for entry in feed(tmp_path, ERRORS) if entry["plugin"] == "groups"]
    assert (entry["stage"], entry["code"]) == ("feed", "internal-error")
    assert re.fullmatch(
        r"no feed can be made of it: UnicodeError in build\.py, line \d+; compare it with a "
        r"registration that is listed, and report this as a fault of Almanac",
        entry["message"],
    )
    err = capsys.readouterr().err
    assert "Traceback" not in err
    assert "[31m" not in err


def test_a_plugin_whose_entry_cannot_be_made_costs_its_entry(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sound = plugins_feed.make_entry

    def make(data: Any, *more: Any) -> Any:
        return sound(data, *more) if data.get("id") != "groups" else 1 / 0

    monkeypatch.setattr(plugins_feed, "make_entry", make)
    assert run(tmp_path) == 0
    listed = {entry["id"] for entry in feed(tmp_path, "plugins.json")}
    assert len(listed) == 13
    assert "groups" not in listed
    # A block of a plugin that is not listed holds.
    assert {"plugin": "groups"} in feed(tmp_path, "blocklist.json")


def test_of_two_that_cannot_stand_together_the_newcomer_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def part(published: Any) -> dict[str, bytes]:
        if {"plain", "groups", "Known"} <= set(published.documents):
            raise KeyError
        return {}

    plugins = copy(tmp_path, "plugins")
    path = plugins / "groups.md"
    path.write_text(re.sub(r"^date: .*$", "date: 2022-01-01", path.read_text(), flags=re.MULTILINE))
    monkeypatch.setattr(build, "PARTS", (*build.PARTS, part))
    assert run(tmp_path, plugins=plugins) == 0
    errors = [entry["plugin"] for entry in feed(tmp_path, ERRORS) if entry["code"] == "internal-error"]
    assert errors == ["groups"]


def test_a_part_that_fails_without_any_plugins_fault_stops_the_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def part(published: Any) -> dict[str, bytes]:
        raise RuntimeError(HOSTILE)

    monkeypatch.setattr(build, "PARTS", (part,))
    assert run(tmp_path) == 1
    err = capsys.readouterr().err
    assert re.search(r"no feed can be made of anything: RuntimeError in build\.py, line \d+; report", err)
    assert err.endswith("build_api: nothing is published; the last feeds stay\n")
    assert json.loads((tmp_path / "report.json").read_bytes())["feeds"]["published"] is False


def test_too_many_that_are_left_out_are_no_fault_of_theirs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plugins = tmp_path / "plugins"
    plugins.mkdir()
    plain = (FIXTURES / "plugins/plain.md").read_text()
    for number in range(100):
        text = plain.replace("id: plain", f"id: plugin{number}")
        (plugins / f"plugin{number}.md").write_text(text.replace("---", "--", 1) if number < 20 else text)
    assert run(tmp_path, plugins=plugins) == 0
    text = (plugins / "plugin99.md").read_text()
    (plugins / "plugin99.md").write_text(text.replace("---", "--", 1))
    capsys.readouterr()
    assert run(tmp_path, plugins=plugins) == 1
    assert (
        "21 of 100 plugins are missing (plugin0, plugin1, plugin10, plugin11, plugin12, plugin13, plugin14, "
        "plugin15, plugin16, plugin17 …), more than 5 % and more than 20; mend what is named above, or "
        "publish without them (make pages PAGES_FLAGS=--accept-loss) [too-many-left-out]"
    ) in capsys.readouterr().err
    assert len(feed(tmp_path, "plugins.json")) == 80


def test_actions_shows_what_is_left_out_at_its_line_and_in_the_summary(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    summary = tmp_path / "summary.md"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    plugins = copy(tmp_path, "plugins")
    text = (plugins / "undated.md").read_text()
    (plugins / "undated.md").write_text(text.replace("someday", "'##[error]x <b>%0A::stop::'"))
    assert run(tmp_path, "--registrations", str(plugins), plugins=plugins) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 6
    assert lines[-1] == (
        f"::error file={plugins}/undated.md,line=6,title=date::undated: date: '#\\x23[error]x <b>"
        "%250A::stop::' is no day of the calendar; write e.g. 2026-11-20"
    )
    told = summary.read_text(encoding="utf-8")
    assert told.startswith("### Left out (6)\n\n- `nameless`, feed: id")
    assert "<b>" not in told
    assert len(told.splitlines()) == 9
