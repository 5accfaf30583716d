"""A change is read from git's objects alone: every name, every mode, nothing fetched, nothing run."""

import subprocess
from pathlib import Path

import pytest

from registry.git import objects as gitobjects
from registry.review.change import Change, ChangedFile, ChangeError, TooLarge, added_lines, read_change
from tests.review.builders import ENVIRONMENT, LINK, PNG, SUBMODULE, Blob, Origin, git, registration

NEW = registration("fresh")


@pytest.fixture
def origin(tmp_path: Path) -> Origin:
    return Origin(tmp_path)


def of(change: Change, path: str) -> ChangedFile:
    return next(file for file in change.files if file.path == path)


def test_each_file_is_told_with_status_kind_mode_and_size(origin: Origin) -> None:
    pull = origin.propose(
        {
            "_plugins/fresh.md": NEW,
            "_plugins/plugin1.md": None,
            "_plugins/plugin2.md": registration("plugin2", title="Two"),
            "_plugins/link.md": Blob(b"/etc/passwd", LINK),
            "_plugins/module": Blob(mode=SUBMODULE, name="1" * 40),
            "_plugins/deep/er.md": NEW,
            "_data/notices.yml": "[]\n",
            "_data/other.yml": "[]\n",
            "assets/img/plugins/fresh/a.png": PNG,
            "Makefile": "all:\n",
        }
    )
    change = read_change(origin.checkout(pull), pull.merge)
    assert (change.commit, change.base, change.head) == (pull.merge, pull.base, pull.head)
    assert change.total == len(change.files) == 10
    assert [(file.path, file.status, file.kind, oct(file.mode), file.size) for file in change.files] == [
        ("Makefile", "added", "other", "0o100644", 5),
        ("_data/notices.yml", "added", "data", "0o100644", 3),
        ("_data/other.yml", "added", "other", "0o100644", 3),
        ("_plugins/deep/er.md", "added", "other", "0o100644", len(NEW)),
        ("_plugins/fresh.md", "added", "registration", "0o100644", len(NEW)),
        ("_plugins/link.md", "added", "registration", "0o120000", 11),
        ("_plugins/module", "added", "registration", "0o160000", None),
        ("_plugins/plugin1.md", "deleted", "registration", "0o0", None),
        ("_plugins/plugin2.md", "modified", "registration", "0o100644", change.files[8].size),
        ("assets/img/plugins/fresh/a.png", "added", "image", "0o100644", len(PNG)),
    ]
    assert change.read(change.files[4]) == NEW.encode()


def test_nothing_of_the_change_stands_in_the_working_tree(origin: Origin) -> None:
    pull = origin.propose({"_plugins/fresh.md": NEW, "Makefile": "all:\n"})
    checkout = origin.checkout(pull)
    change = read_change(checkout, pull.merge)
    change.read(of(change, "_plugins/fresh.md"))
    assert not (checkout / "Makefile").exists()
    assert not (checkout / "_plugins/fresh.md").exists()
    assert git(checkout, "status", "--porcelain") == b""


def test_a_ref_names_a_commit_and_a_commit_that_is_no_merge_has_no_head(origin: Origin) -> None:
    pull = origin.propose({"_plugins/fresh.md": NEW})
    assert read_change(origin.bare, "refs/pull/1/merge").commit == pull.merge
    plain = read_change(origin.bare, pull.head)
    assert (plain.base, plain.head) == (pull.base, "")


@pytest.mark.parametrize(
    "name",
    ["--output=pwned", "-h", "HEAD^", "HEAD..main", "HEAD:x", "@{-1}", "$(touch pwned)", "", "a b", "main\n"],
)
def test_what_is_no_name_of_a_commit_never_reaches_git(origin: Origin, name: str) -> None:
    with pytest.raises(ChangeError) as caught:
        read_change(origin.bare, name)
    assert str(caught.value) == f"{name!a} is no commit; name one by its full id, or by a branch"


@pytest.mark.parametrize("name", ["nothing", "f" * 40])
def test_a_commit_that_is_not_there_is_told_with_the_cure(origin: Origin, name: str) -> None:
    with pytest.raises(ChangeError) as caught:
        read_change(origin.bare, name)
    assert str(caught.value) == f"there is no commit '{name}'; fetch it first, with its parents"


def test_a_commit_without_parent_has_no_change(origin: Origin) -> None:
    with pytest.raises(ChangeError) as caught:
        read_change(origin.bare, "main")
    assert str(caught.value) == (
        f"commit {origin.main} has no parent here; name a pull request's merge commit, fetched with --depth=2"
    )


def test_a_merge_of_three_is_no_pull_request(origin: Origin) -> None:
    one, two = (origin.commit({"_plugins/fresh.md": NEW}, origin.main, message=name) for name in "ab")
    octopus = origin.commit({}, origin.main, one, two)
    with pytest.raises(ChangeError, match=r"has 3 parents; name a pull request's merge commit"):
        read_change(origin.bare, octopus)


def test_a_folder_that_is_no_repository_is_told(tmp_path: Path) -> None:
    with pytest.raises(ChangeError, match="not a git repository"):
        read_change(tmp_path, "main")


@pytest.mark.slow
def test_a_blob_of_200_megabytes_is_neither_fetched_nor_read(origin: Origin) -> None:
    with subprocess.Popen(["head", "-c", "200000000", "/dev/zero"], stdout=subprocess.PIPE) as zeros:
        done = subprocess.run(
            ["git", "-C", str(origin.bare), "hash-object", "-w", "--stdin"],
            stdin=zeros.stdout, capture_output=True, check=True, env=ENVIRONMENT,
        )  # fmt: skip
    huge = done.stdout.decode().strip()
    pull = origin.propose({"assets/img/plugins/plugin0/huge.png": Blob(name=huge)})
    checkout = origin.checkout(pull)
    # The fetch made the origin a promisor: git would fetch what is missing as soon as it is asked for.
    assert git(checkout, "config", "remote.origin.promisor") == b"true\n"
    change = read_change(checkout, pull.merge)
    file = of(change, "assets/img/plugins/plugin0/huge.png")
    assert file.size is None
    with pytest.raises(TooLarge) as caught:
        change.read(file)
    assert str(caught.value) == (
        "assets/img/plugins/plugin0/huge.png is larger than 8,000,000 bytes, so it is not read"
    )
    with pytest.raises(ChangeError, match="its content is not there; fetch the commit again"):
        change.read(
            ChangedFile(**{name: getattr(file, name) for name in ChangedFile.__slots__} | {"size": 1})
        )
    listed = git(checkout, "cat-file", "--batch-all-objects", "--batch-check")
    assert huge.encode() not in listed
    folder = checkout / ".git"
    assert sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) < 1_000_000


def test_more_than_3000_files_are_counted_and_not_looked_at(origin: Origin) -> None:
    blob = Blob(name=origin.git("hash-object", "-w", "--stdin", given=b"x"))
    change = origin.change({f"many/{number}": blob for number in range(3_001)})
    assert (change.total, len(change.files)) == (3_001, 3_000)


def test_a_rename_is_one_file_gone_and_another_one_new(origin: Origin) -> None:
    change = origin.change({"_plugins/plugin1.md": None, "_plugins/moved.md": registration("plugin1")})
    assert [(file.path, file.status) for file in change.files] == [
        ("_plugins/moved.md", "added"),
        ("_plugins/plugin1.md", "deleted"),
    ]


def test_a_folder_that_becomes_a_link_is_told_as_what_it_is(origin: Origin) -> None:
    gone = dict.fromkeys(path for path in origin.files if str(path).startswith("_plugins/"))
    change = origin.change({**gone, "_plugins": Blob(b"/etc", LINK)})
    assert (of(change, "_plugins").mode, of(change, "_plugins").kind) == (LINK, "other")


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b"_plugins/a\nb.md", "_plugins/a\\nb.md"),
        (b"_plugins/\x1b[2J.md", "_plugins/\\x1b[2J.md"),
        (b"_plugins/\xff.md", "_plugins/\\xff.md"),
        ("_plugins/a\u202edm.md".encode(), "_plugins/a\\u202edm.md"),
        (b"_plugins/::set-output name=x::y.md", "_plugins/::set-output name=x::y.md"),
        (b"x" * 5_000, "x" * 199 + "…"),
    ],
)
def test_a_hostile_name_is_kept_whole_and_shown_safely(origin: Origin, raw: bytes, told: str) -> None:
    file = origin.change({raw: "x"}).files[0]
    assert (file.raw_path, file.path) == (raw, told)


def test_too_much_to_read_at_once_is_refused(origin: Origin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("registry.review.change.MAX_READ_BYTES", 10)
    change = origin.change({"one": "123456", "two": "12345"})
    with pytest.raises(TooLarge) as caught:
        change.read_all(list(change.files))
    assert str(caught.value) == "2 files have 11 bytes, more than 10"


def test_suggestions_fit_the_lines_that_github_shows(origin: Origin) -> None:
    lines = registration("plugin1", body="".join(f"line {number}\n" for number in range(30))).splitlines()
    origin.main = origin.commit({"_plugins/plugin1.md": "\n".join(lines) + "\n"}, origin.main)
    lines[20] = "changed"
    change = origin.change({"_plugins/plugin1.md": "\n".join(lines) + "\n", "_plugins/fresh.md": NEW})
    assert added_lines(change, of(change, "_plugins/plugin1.md")) == frozenset(range(18, 25))
    assert added_lines(change, of(change, "_plugins/fresh.md")) == frozenset(range(1, NEW.count("\n") + 1))


def test_a_line_of_the_file_that_looks_like_a_hunk_is_none(origin: Origin) -> None:
    change = origin.change({"_plugins/fresh.md": "@@ -1,9 +1,999 @@\nx\n"})
    assert added_lines(change, change.files[0]) == frozenset({1, 2})


def test_a_deleted_file_and_a_link_take_no_suggestion(origin: Origin) -> None:
    change = origin.change({"_plugins/plugin1.md": None, "_plugins/l.md": Blob(b"x", LINK)})
    assert [added_lines(change, file) for file in change.files] == [frozenset(), frozenset()]


def test_a_name_that_git_could_take_for_more_than_itself_takes_no_suggestion(origin: Origin) -> None:
    change = origin.change({"_plugins/*.md": "x\n", "_plugins/:(top).md": "x\n", "docs/a.md": "x\n"})
    assert {added_lines(change, file) for file in change.files} == {frozenset()}


def test_where_the_merge_differs_from_the_head_lines_have_moved_and_there_is_no_suggestion(
    origin: Origin,
) -> None:
    head = origin.commit({"_plugins/plugin1.md": registration("plugin1", body="Mine.\n")}, origin.main)
    both = {"_plugins/plugin1.md": registration("plugin1", body="Theirs.\nMine.\n")}
    tree = origin.git("rev-parse", f"{origin.commit(both, origin.main)}^{{tree}}")
    pull = origin.merged(head, tree)
    change = read_change(origin.bare, pull.merge)
    assert added_lines(change, change.files[0]) == frozenset()


def test_no_setting_of_the_checkout_runs_a_program(origin: Origin, tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    attributes = "* filter=evil diff=evil text eol=crlf\n"
    pull = origin.propose(
        {".gitattributes": attributes, "_plugins/plugin1.md": registration("plugin1", title="X")}
    )
    checkout = origin.checkout(pull)
    program = f"sh -c 'touch {canary}; cat'"
    for key in ("filter.evil.smudge", "filter.evil.clean", "diff.evil.textconv", "diff.evil.command",
                "diff.external", "core.fsmonitor", "core.pager", "core.sshCommand"):  # fmt: skip
        git(checkout, "config", key, program)
    (checkout / ".gitattributes").write_text(attributes, encoding="utf-8")
    for hook in ("post-checkout", "post-index-change", "reference-transaction"):
        path = checkout / ".git/hooks" / hook
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\ntouch {canary}\n", encoding="utf-8")
        path.chmod(0o755)
    change = read_change(checkout, pull.merge)
    file = of(change, "_plugins/plugin1.md")
    assert b"title: X\n" in change.read(file)
    assert 4 in added_lines(change, file)
    assert not canary.exists()


def test_git_that_says_too_much_or_takes_too_long_is_stopped(
    origin: Origin, monkeypatch: pytest.MonkeyPatch
) -> None:
    objects = gitobjects.Objects(origin.bare)
    with pytest.raises(ChangeError) as caught:
        objects.run("ls-tree", "-r", origin.main, limit_bytes=10)
    assert str(caught.value) == "git ls-tree has more to say than 10 bytes; split the change"
    monkeypatch.setattr(gitobjects, "TIMEOUT_S", 0.2)
    with pytest.raises(ChangeError) as caught:
        objects.run("-c", "alias.wait=!sleep 20", "wait")
    assert str(caught.value) == "git -c took longer than 0.2 s; split the change"


def test_a_shallow_commit_whose_parents_were_not_fetched_is_told(origin: Origin) -> None:
    pull = origin.propose({"_plugins/fresh.md": NEW})
    checkout = origin.checkout(pull)
    with pytest.raises(ChangeError, match=r"has no parent here; name a pull request's merge commit"):
        read_change(checkout, pull.base)


def test_no_token_is_handed_to_git(origin: Origin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "secret")
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    said = gitobjects.Objects(origin.bare).run("-c", "alias.env=!env", "env").decode()
    assert "secret" not in said
    assert "GIT_TERMINAL_PROMPT=0" in said
