"""The base judges what a pull request brings: by its own rules, with a cure for each fault."""

import subprocess
from datetime import date
from pathlib import Path

import pytest

from registry.host.notices_and_blocklist import READERS
from registry.registration.values import FILE_NAME_FAULT
from registry.review.change import DATA_FILES, read_change
from registry.review.judgement import Judgement, judge
from registry.review.staging import MAX_TEXT_BYTES
from registry.text.problems import Problem
from tests.review.builders import (
    ENVIRONMENT,
    LINK,
    PNG,
    PROGRAM,
    SUBMODULE,
    Blob,
    Files,
    Origin,
    png,
    registration,
    standing,
)

ROOT = Path(__file__).resolve().parents[2]
FRESH = "_plugins/fresh.md"
IMAGE = "assets/img/plugins/plugin0/main.png"
SHOT = "\n- url: /assets/img/plugins/fresh/a.png\n  alt: Its tab"


@pytest.fixture
def origin(tmp_path: Path) -> Origin:
    return Origin(tmp_path)


def verdict(origin: Origin, files: Files) -> Judgement:
    return judge(origin.change(files), date(2026, 11, 21), "https://github.com")


def brief(value: object) -> str:
    """Return the id of a parameter: what can be read, and stand in a log."""
    return value if isinstance(value, str) and len(value) < 40 and value.isprintable() else "-"


def told(judgement: Judgement) -> list[tuple[str, int, str, str, str]]:
    """Return (file, line, level, code, message) of each problem."""
    return [(item.file, item.line, item.level, item.code, item.message) for item in judgement.problems]


def only(judgement: Judgement) -> Problem:
    assert len(judgement.problems) == 1, told(judgement)
    return judgement.problems[0]


def test_a_good_registration_with_its_image_has_no_problem(origin: Origin) -> None:
    judgement = verdict(
        origin,
        {FRESH: registration("fresh", screenshots=SHOT), "assets/img/plugins/fresh/a.png": PNG},
    )
    assert told(judgement) == []
    assert judgement.is_valid
    assert judgement.notes == judgement.others == judgement.removed == ()
    assert judgement.images == ("assets/img/plugins/fresh/a.png",)
    assert judgement.counts == {"registration": 1, "image": 1, "data": 0, "other": 0}
    reviewed = judgement.registrations["fresh"]
    assert (reviewed.path, reviewed.new, reviewed.left_out) == (FRESH, True, "")
    assert reviewed.document is not None
    assert reviewed.document.data["title"] == "The fresh"
    assert reviewed.registration is not None
    assert (reviewed.registration.id, reviewed.registration.path) == ("fresh", FRESH)


def test_a_fault_is_told_on_its_line_with_the_path_of_the_repository(origin: Origin) -> None:
    judgement = verdict(origin, {FRESH: registration("fresh", compatibility="{python: three}")})
    assert told(judgement) == [
        (FRESH, 12, "error", "python-specifier", "'three' is not a specifier; write e.g. '>=3.7,<4'")
    ]
    assert not judgement.is_valid
    assert not judgement.registrations["fresh"].left_out


def test_what_stands_is_not_judged_and_what_stood_is_only_warned_of(origin: Origin) -> None:
    old = registration("plugin1", author="[One, Two]")
    origin.main = origin.commit({"_plugins/plugin1.md": old, "_plugins/bad.md": "nothing"}, origin.main)
    judgement = verdict(origin, {"_plugins/plugin1.md": old.replace("MIT", "ISC")})
    assert [(item.file, item.level, item.code) for item in judgement.problems] == [
        ("_plugins/plugin1.md", "warning", "author-form")
    ]
    assert not judgement.registrations["plugin1"].new


def test_the_day_of_registration_is_compared_with_the_base(origin: Origin) -> None:
    judgement = verdict(origin, {"_plugins/plugin1.md": registration("plugin1", date="2025-01-01")})
    assert only(judgement).message == (
        "the day of registration was 2024-10-07 and never changes; write it again"
    )


def test_an_id_of_an_untouched_registration_is_taken(origin: Origin) -> None:
    judgement = verdict(origin, {FRESH: registration("fresh", id="PLUGIN1")})
    cure = "give each plugin its own"
    message = f"plugin1.md has this id, too (upper and lower case are the same); {cure}"
    assert ("duplicate-id", message) in [(item.code, item.message) for item in judgement.problems]


def test_an_image_that_the_merge_lacks_is_missing(origin: Origin) -> None:
    judgement = verdict(origin, {FRESH: registration("fresh", screenshots=SHOT)})
    assert told(judgement) == [
        (FRESH, 13, "error", "image-missing",
         "there is no file 'assets/img/plugins/fresh/a.png'; add it, or correct the path"),
    ]  # fmt: skip


def test_a_registration_of_which_nothing_can_be_read_is_told_with_the_reason(origin: Origin) -> None:
    judgement = verdict(origin, {FRESH: "nothing"})
    assert only(judgement).code == "no-front-matter"
    reviewed = judgement.registrations["fresh"]
    assert (reviewed.document, reviewed.registration) == (None, None)
    assert reviewed.left_out == (
        "the file does not begin with front matter; write '---' alone on the first line"
    )


@pytest.mark.parametrize(
    ("path", "content", "code", "message"),
    [
        ("_plugins/evil.rb", "system 'touch pwned'", "not-markdown",
         "only Markdown files (.md) belong here; move it, e.g. images to assets/"),
        ("_plugins/.hidden", "x", "not-markdown",
         "only Markdown files (.md) belong here; move it, e.g. images to assets/"),
        ("_plugins/x.md.rb", "x", "not-markdown",
         "only Markdown files (.md) belong here; move it, e.g. images to assets/"),
        (FRESH, Blob(b"/etc/passwd", LINK), "not-a-file",
         "this is a symbolic link, and only plain files belong here; put the file itself here"),
        (FRESH, Blob(mode=SUBMODULE, name="1" * 40), "not-a-file",
         "this is a submodule, and only plain files belong here; put the file itself here"),
        ("_data/notices.yml", Blob(b"/etc/passwd", LINK), "not-a-file",
         "this is a symbolic link, and only plain files belong here; put the file itself here"),
        (FRESH, Blob(registration("fresh").encode(), PROGRAM), "not-a-file",
         "the file is marked as a program; take the mark off: `git update-index --chmod=-x <file>`"),
        ("_plugins/deep/fresh.md", "x", "not-a-file",
         "registrations stand directly in '_plugins', not in a folder of it; move it to '_plugins/fresh.md'"),
        ("_Plugins/fresh.md", "x", "file-name",
         "the folder is written '_plugins', in small letters; move the file there"),
        ("_plugins/::set-output name=x::y.md", "x", "file-name",
         FILE_NAME_FAULT),
        ("_plugins/$(touch pwned).md", "x", "file-name",
         FILE_NAME_FAULT),
        ("_plugins/a%0A::error::b.md", "x", "file-name",
         FILE_NAME_FAULT),
        (f"_plugins/{'x' * 252}.md", "x", "file-name",
         "the name has 255 bytes, and file systems have no room for so many; shorten it"),
        ("_plugins/a\n::error::b.md", "x", "file-name",
         "the name holds a character that nobody can see; rename the file"),
        ("_plugins/a\u202edm.md", "x", "file-name",
         "the name holds a character that nobody can see; rename the file"),
        (b"_plugins/\xff\xfe.md", "x", "file-name",
         "the name is not UTF-8, which not every system can write; rename the file"),
        ("docs/a\x1b]0;pwned\x07.md", "x", "file-name",
         "the name holds a character that nobody can see; rename the file"),
        (FRESH, b"x" * (MAX_TEXT_BYTES + 1), "too-large",
         "the file has more than 1,000,000 bytes; link to long texts and images instead"),
        (FRESH, b"x" * 1_000_001, "too-large",
         "the file has more than 1,000,000 bytes; link to long texts and images instead"),
        ("_data/notices.yml", b"x" * (MAX_TEXT_BYTES + 1), "too-large",
         "the file has more than 2,000,000 bytes; leave some of it out"),
    ],
    ids=brief,
)  # fmt: skip
def test_a_file_that_does_not_belong_is_refused_with_the_cure(
    origin: Origin, path: str | bytes, content: str | bytes | Blob, code: str, message: str
) -> None:
    problem = only(verdict(origin, {path: content}))
    assert (problem.level, problem.code, problem.message) == ("error", code, message)


@pytest.mark.parametrize(("mode", "what"), [(LINK, "a symbolic link"), (SUBMODULE, "a submodule")])
def test_the_folder_of_registrations_cannot_be_replaced(origin: Origin, mode: int, what: str) -> None:
    gone = dict.fromkeys(path for path in origin.files if str(path).startswith("_plugins/"))
    new = Blob(b"/etc", LINK) if mode == LINK else Blob(mode=SUBMODULE, name="1" * 40)
    judgement = verdict(origin, {**gone, "_plugins": new})
    errors = [(item.file, item.message) for item in judgement.problems if item.code == "not-a-file"]
    assert errors == [
        ("_plugins", f"'_plugins' is a folder, and this makes it {what}; restore the folder"),
    ]
    assert judgement.removed == ("plugin0", "plugin1", "plugin2")


def test_a_name_that_leads_out_of_its_folder_is_refused_and_writes_nothing(
    origin: Origin, tmp_path: Path
) -> None:
    """The index takes no such name; a tree made by hand does."""
    blob = origin.git("hash-object", "-w", "--stdin", given=registration("up").encode())
    inner = origin.git("mktree", "-z", given=f"100644 blob {blob}\tescaped.md\0".encode())
    plugins = origin.git("mktree", "-z", given=f"040000 tree {inner}\t..\0".encode())
    tree = origin.git("mktree", "-z", given=f"040000 tree {plugins}\t_plugins\0".encode())
    pull = origin.merged(origin.commit_tree(tree, origin.main), tree)
    judgement = judge(read_change(origin.bare, pull.merge), date(2026, 11, 21), "https://github.com")
    assert ("_plugins/../escaped.md", "the name would lead out of its folder; rename the file") in [
        (item.file, item.message) for item in judgement.problems
    ]
    assert not list(tmp_path.rglob("escaped.md"))


def test_names_that_differ_by_case_clash(origin: Origin) -> None:
    judgement = verdict(
        origin,
        {
            "_plugins/Plugin1.md": registration("Plugin1", id="other"),
            "assets/img/plugins/plugin0/MAIN.png": PNG,
        },
    )
    messages = {item.code: item.message for item in judgement.problems}
    assert messages["duplicate-file-name"] == (
        "plugin1.md differs by case only, which not every system can tell apart; rename it"
    )
    assert messages["case-clash"] == (
        f"'{IMAGE}' differs by case only, which not every system can tell apart; rename it"
    )


def test_hand_written_data_is_judged_by_its_own_rules(origin: Origin) -> None:
    notice = "- plugin: PLUGIN1\n  date: 2026-01-02 03:04:05\n  text: Read this.\n"
    judgement = verdict(origin, {"_data/notices.yml": notice})
    assert [(item.file, item.level, item.line) for item in judgement.problems] == [
        ("_data/notices.yml", "error", 1)
    ]
    assert "plugin1" in judgement.problems[0].message
    assert judgement.notes == (
        "The change steers installations in the field, within hours: _data/notices.yml.",
    )


def test_a_new_id_is_held_against_hand_written_data(tmp_path: Path) -> None:
    blocks = "# Blocks\n- plugin: roomtemp\n"
    origin = Origin(tmp_path, {**standing(), "_data/blocklist.yml": blocks})
    judgement = verdict(origin, {"_plugins/RoomTemp.md": registration("RoomTemp")})
    assert [(item.file, item.line, item.key, item.level, item.message) for item in judgement.problems] == [
        ("_plugins/RoomTemp.md", 3, "id", "error",
         "_data/blocklist.yml, line 2 names 'roomtemp', and upper and lower case count; write the id so, or "
         "correct that line"),
    ]  # fmt: skip


def test_the_names_of_hand_written_data_are_those_that_the_validator_reads() -> None:
    assert {f"_data/{name}.yml" for name in READERS} == DATA_FILES


def test_the_judge_is_not_changed_by_what_it_judges(origin: Origin, tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    judgement = verdict(
        origin,
        {
            "scripts/validate.py": "raise SystemExit(0)\n",
            "scripts/registry/validation/validator.py": f"open('{canary}', 'w')\n",
            "Makefile": f"all:\n\ttouch {canary}\n",
            "requirements.txt": "evil\n",
            "_jekyll/evil.rb": f"`touch {canary}`\n",
            "_layouts/plugin.html": "{{ site }}",
            ".github/workflows/validate.yml": "on: push\n",
            ".gitattributes": "* filter=evil\n",
            "conftest.py": f"open('{canary}', 'w')\n",
            FRESH: registration("fresh", license=""),
        },
    )
    assert [(item.file, item.code) for item in judgement.problems] == [(FRESH, "missing-key")]
    assert judgement.notes == (
        "The change reaches into the repository itself and needs a maintainer's reading: .gitattributes, "
        ".github/workflows/validate.yml, Makefile, _jekyll/evil.rb, _layouts/plugin.html, conftest.py, "
        "requirements.txt, scripts/registry/validation/validator.py, scripts/validate.py.",
    )
    assert not canary.exists()


def test_no_temporary_file_is_left(origin: Origin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = tmp_path / "own"
    own.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(own))
    verdict(origin, {FRESH: registration("fresh"), "assets/img/plugins/fresh/a.png": PNG})
    # The empty repository through which git sees the objects goes when the program ends.
    kept = [path for path in own.rglob("*") if path.is_file()]
    assert sorted(path.name for path in kept) == ["HEAD", "config"]


def test_more_files_than_are_looked_at_are_an_error(origin: Origin) -> None:
    blob = Blob(name=origin.git("hash-object", "-w", "--stdin", given=b"x"))
    judgement = verdict(origin, {f"docs/{number}.md": blob for number in range(3_001)})
    assert only(judgement).message == (
        "the change has 3,001 files, and 3,000 are looked at; split it into several"
    )
    assert judgement.notes[0].endswith("docs/1014.md and 2,980 more.")


def test_more_text_than_is_read_at_once_is_an_error(origin: Origin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("registry.review.judgement.MAX_READ_BYTES", len(registration("fresh")) + 10)
    judgement = verdict(origin, {FRESH: registration("fresh"), "_plugins/other.md": registration("other")})
    assert told(judgement) == [
        ("_plugins/other.md", 1, "error", "too-much",
         "the change has more text than is read at once; bring the rest in another change"),
    ]  # fmt: skip
    assert list(judgement.registrations) == ["fresh"]


class TestWhatVanishes:
    def test_a_deleted_registration_is_told_and_where_it_is_still_named(self, origin: Origin) -> None:
        notice = "- plugin: plugin0\n  date: 2026-01-02 03:04:05\n  text: Read.\n"
        data = {
            "_data/notices.yml": notice + notice.replace("plugin0", "plugin1"),
            "_data/update_check_overlays.yml": "plugin1:\n  type: github_release\n",
        }
        origin.main = origin.commit(data, origin.main)
        judgement = verdict(origin, {"_plugins/plugin1.md": None})
        assert told(judgement) == [
            ("_data/notices.yml", 4, "warning", "still-named",
             "names 'plugin1', whose registration this change removes; keep the entry only where "
             "installations still need it"),
            ("_data/update_check_overlays.yml", 1, "warning", "still-named",
             "names 'plugin1', whose registration this change removes; keep the entry only where "
             "installations still need it"),
            ("_plugins/plugin1.md", 1, "warning", "registration-removed",
             "the plugin 'plugin1' vanishes from every list, with its page; where it is only not maintained "
             "any more, write 'abandoned: true' instead"),
        ]  # fmt: skip
        assert (judgement.removed, judgement.registrations) == (("plugin1",), {})

    def test_a_renamed_registration_loses_its_address(self, origin: Origin) -> None:
        moved = registration("plugin1")
        judgement = verdict(origin, {"_plugins/plugin1.md": None, "_plugins/moved.md": moved})
        assert ("_plugins/plugin1.md", 1, "warning", "address-lost",
                "the plugin moves to '_plugins/moved.md', and its old address ends; add "
                "'redirect_from: /plugins/plugin1/' there") in told(judgement)  # fmt: skip
        moved = registration("plugin1", redirect_from="/plugins/plugin1/")
        again = Origin(origin.folder / "second")
        judgement = verdict(again, {"_plugins/plugin1.md": None, "_plugins/moved.md": moved})
        assert "address-lost" not in {item.code for item in judgement.problems}

    def test_an_address_that_leads_to_another_plugin_is_taken(self, origin: Origin) -> None:
        old = registration("plugin1", redirect_from="/plugins/fresh/")
        origin.main = origin.commit({"_plugins/plugin1.md": old}, origin.main)
        assert told(verdict(origin, {FRESH: registration("fresh")})) == [
            (FRESH, 1, "error", "address-taken",
             "'_plugins/plugin1.md' has '/plugins/fresh/' as its former address, which leads to its page; "
             "name this file otherwise"),
        ]  # fmt: skip

    def test_an_image_that_an_untouched_registration_shows_cannot_go(self, origin: Origin) -> None:
        judgement = verdict(origin, {IMAGE: None})
        assert told(judgement) == [
            (IMAGE, 1, "error", "image-in-use",
             "'_plugins/plugin0.md' still shows this image; keep it, or take it out there"),
        ]  # fmt: skip
        assert judgement.notes == (f"Images are deleted: {IMAGE}.",)

    def test_an_image_that_nothing_shows_may_go(self, origin: Origin) -> None:
        judgement = verdict(origin, {IMAGE: None, "_plugins/plugin0.md": registration("plugin0")})
        assert told(judgement) == []
        assert judgement.notes == (f"Images are deleted: {IMAGE}.",)


class TestImages:
    @pytest.mark.parametrize(
        ("name", "content", "level", "code", "message"),
        [
            ("plugin0/a.png", b"<svg onload=alert(1)>", "error", "image-broken",
             "these bytes are no PNG, JPEG, GIF or WebP image; export the image as one of them"),
            ("plugin0/a.png", b"---\nlayout: default\n---\n{{ site }}", "error", "image-broken",
             "these bytes are no PNG, JPEG, GIF or WebP image; export the image as one of them"),
            ("plugin0/a.png", PNG[:-5], "error", "image-broken",
             "the file ends before its image does; export the image again"),
            ("plugin0/a.gif", PNG, "error", "image-extension",
             "the name says GIF, the file is a PNG; name it '.png'"),
            ("plugin0/a.png", png(8_000, 8_000), "error", "image-pixels",
             "the image has 8,000 × 8,000 pixels, and 40 megapixels are the limit; scale it down"),
            ("plugin0/a.png", PNG + b"PK\x03\x04evil", "error", "image-trailing",
             "8 bytes follow the image's end, which no image needs; open it in an editor and export it"),
            ("plugin0/a.svg", "<svg/>", "error", "image-svg",
             "an SVG can hold scripts, so none is taken here; export the image as PNG or WebP"),
            ("plugin0/a.html", "<script>", "error", "image-type",
             "only images belong here, and their names end in .png, .jpg, .jpeg, .gif, .webp; move or export "
             "it"),
            ("plugin0/$(touch pwned).png", PNG, "error", "file-name",
             "an image's name has letters, digits, spaces and . _ , ( ) + @ & ~ ' = -; rename the file"),
            ("a.png", PNG, "error", "image-place",
             "the image stands in no plugin's folder; move it to 'assets/img/plugins/<id>/'"),
            ("nobody/a.png", PNG, "error", "image-place",
             "there is no plugin 'nobody'; name the folder after the plugin's id"),
            ("plugin0/a.png", PNG, "warning", "image-unused",
             "no registration shows this image; list it under 'screenshots', or leave it out"),
            ("plugin0/a.png", Blob(b"/etc/passwd", LINK), "error", "not-a-file",
             "this is a symbolic link, and only plain files belong here; put the file itself here"),
        ],
        ids=brief,
    )  # fmt: skip
    def test_a_fault_of_an_image_is_told_with_the_cure(
        self, origin: Origin, name: str, content: bytes | str | Blob, level: str, code: str, message: str
    ) -> None:
        judgement = verdict(origin, {f"assets/img/plugins/{name}": content})
        found = [(item.level, item.code, item.message) for item in judgement.problems]
        assert (level, code, message) in found
        assert {item[1] for item in found} <= {code, "image-unused"}
        assert (judgement.images == ()) == (level == "error")

    def test_a_large_image_is_warned_of_and_a_larger_one_refused_unread(self, origin: Origin) -> None:
        judgement = verdict(
            origin,
            {
                "assets/img/plugins/plugin0/a.png": png(trailing=b"\0" * 1_500_000),
                "assets/img/plugins/plugin0/b.png": png(trailing=b"\0" * 4_000_000),
            },
        )
        found = [(item.code, item.message) for item in judgement.problems if item.code != "image-unused"]
        assert found == [
            ("image-large",
             "the image has 1.5 MB, which is slow to load; scale it down, or export it as WebP"),
            ("image-too-large",
             "the image has 4.0 MB, and 4 MB is the limit; scale it down to what a page shows (about 1,600 "
             "pixels wide), or export it as WebP"),
        ]  # fmt: skip

    @pytest.mark.slow
    def test_an_image_of_200_megabytes_gets_a_clear_answer_without_being_read(self, origin: Origin) -> None:
        with subprocess.Popen(["head", "-c", "200000000", "/dev/zero"], stdout=subprocess.PIPE) as zeros:
            done = subprocess.run(
                ["git", "-C", str(origin.bare), "hash-object", "-w", "--stdin"],
                stdin=zeros.stdout, capture_output=True, check=True, env=ENVIRONMENT,
            )  # fmt: skip
        huge = Blob(name=done.stdout.decode().strip())
        judgement = verdict(origin, {IMAGE: huge})
        assert told(judgement) == [
            (IMAGE, 1, "error", "image-too-large",
             "the image has more than 8 MB, and 4 MB is the limit; scale it down to what a page shows (about "
             "1,600 pixels wide), or export it as WebP"),
        ]  # fmt: skip
