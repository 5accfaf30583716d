"""A repository is read from a bare clone: nothing is checked out or run, and everything is bounded."""

import os
import select
import time
from pathlib import Path
from typing import Any

import pytest

from registry.authoring.cloned_repository import MAX_BLOB_BYTES, ClonedRepository, git_environment
from registry.authoring.gathering import gather
from registry.authoring.repository import About, RepositoryError
from registry.registration.model import RepoRef
from registry.sources.base import Blob, Tree
from registry.sources.compat import Evidence
from tests.support.builders import settings
from tests.support.git_http import make, run

FILES: dict[str, str | bytes] = {
    "setup.py": 'plugin_identifier = "lamp"\nplugin_name = "OctoPrint-Lamp"\n',
    "octoprint_lamp/__init__.py": '__plugin_pythoncompat__ = ">=3.7,<4"\n',
    "octoprint_lamp/static/lamp.js": "alert(1)\n",
    "README.md": "# Lamp\n\nLights up.\n",
    "LICENSE": "Permission is hereby granted, free of charge, to any person obtaining a copy\n",
    "logo.png": b"\x89PNG\0\0",
}


def cloned(origin: Path, tmp_path: Path, **options: Any) -> ClonedRepository:
    target = tmp_path / "clone"
    target.mkdir(exist_ok=True)
    return ClonedRepository(origin.as_uri(), "ada/Lamp", target, protocols="file", **options)


def test_the_branch_and_the_owner_are_told(tmp_path: Path) -> None:
    repository = cloned(make(tmp_path / "origin", FILES), tmp_path)
    assert repository.about() == About(full_name="ada/Lamp", branch="devel", owner="ada")


def test_files_and_folders_are_told_as_github_tells_them(tmp_path: Path) -> None:
    repository = cloned(make(tmp_path / "origin", FILES), tmp_path)
    found = repository.files(
        ["", "README.md", "octoprint_lamp", "nothing", "README.md/x", "logo.png", "a\nb", "../x"]
    )
    assert found == {
        "": Tree(
            entries=(
                ("LICENSE", "blob"),
                ("README.md", "blob"),
                ("logo.png", "blob"),
                ("octoprint_lamp", "tree"),
                ("setup.py", "blob"),
            )
        ),
        "README.md": Blob(text="# Lamp\n\nLights up.\n", byte_size=19),
        "octoprint_lamp": Tree(entries=(("__init__.py", "blob"), ("static", "tree"))),
        "nothing": None,
        "README.md/x": None,
        "logo.png": Blob(text=None, byte_size=6, binary=True),
        "a\nb": None,
        "../x": None,
    }


def test_the_whole_plugin_is_gathered_from_a_clone(tmp_path: Path) -> None:
    gathered = gather(cloned(make(tmp_path / "origin", FILES), tmp_path), RepoRef("ada", "Lamp"), settings())
    assert isinstance(gathered.flag, Evidence)
    assert (gathered.flag.python, gathered.flag.path) == (">=3.7,<4", "octoprint_lamp/__init__.py")
    assert gathered.readme is not None
    assert gathered.readme.path == "README.md"
    assert gathered.license is not None
    assert [entry.value for entry in gathered.told if entry.field == "name"] == ["OctoPrint-Lamp"]


def test_nothing_is_checked_out(tmp_path: Path) -> None:
    cloned(make(tmp_path / "origin", FILES), tmp_path).about()
    names = {path.name for path in (tmp_path / "clone").rglob("*")}
    assert "HEAD" in names
    assert not names & {"setup.py", "README.md", "logo.png"}


@pytest.mark.parametrize("filters", ["true", "false"])
def test_a_large_file_is_told_and_not_read(tmp_path: Path, filters: str) -> None:
    origin = make(tmp_path / "origin", {**FILES, "setup.py": b"#" * 5_000_000})
    run(origin, "config", "uploadpack.allowFilter", filters)
    repository = cloned(origin, tmp_path)
    size = MAX_BLOB_BYTES if filters == "true" else 5_000_000
    assert repository.files(["setup.py"]) == {"setup.py": Blob(text=None, byte_size=size, truncated=True)}
    held = sum(path.stat().st_size for path in (tmp_path / "clone").rglob("*") if path.is_file())
    assert held < 200_000


def test_git_does_not_fetch_behind_our_back_what_was_left_out(tmp_path: Path) -> None:
    origin = make(tmp_path / "origin", {**FILES, "setup.py": b"#" * 5_000_000})
    run(origin, "config", "uploadpack.allowFilter", "true")
    repository = cloned(origin, tmp_path)
    repository.about()
    origin.rename(tmp_path / "gone")
    assert repository.files(["setup.py", "README.md"])["README.md"] == Blob(
        text=str(FILES["README.md"]), byte_size=19
    )


def test_hooks_settings_and_templates_of_the_user_take_no_part(tmp_path: Path) -> None:
    origin = make(tmp_path / "origin", FILES)
    home = tmp_path / "home"
    hooks = home / "template/hooks"
    hooks.mkdir(parents=True)
    told = tmp_path / "told"
    for name in ("post-checkout", "reference-transaction", "post-index-change"):
        (hooks / name).write_text(f"#!/bin/sh\ntouch {told}\n")
        (hooks / name).chmod(0o755)
    (home / ".gitconfig").write_text(
        f"[init]\ntemplateDir = {home}/template\n[core]\nhooksPath = {hooks}\n"
        f'[url "{tmp_path}/elsewhere"]\ninsteadOf = {origin.as_uri()}\n'
    )
    environment = {
        **os.environ,
        "HOME": str(home),
        "GIT_CONFIG_GLOBAL": str(home / ".gitconfig"),
        "GIT_TEMPLATE_DIR": str(home / "template"),
        "GIT_DIR": str(tmp_path / "other"),
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "core.hooksPath",
        "GIT_CONFIG_VALUE_0": str(hooks),
    }
    assert cloned(origin, tmp_path, environment=environment).about().branch == "devel"
    assert not told.exists()


def test_the_environment_of_git_keeps_certificates_and_nothing_else_of_its_own(tmp_path: Path) -> None:
    given = {"PATH": "/bin", "GIT_SSL_CAINFO": "ca", "GIT_SSH_COMMAND": "evil", "GIT_EXTERNAL_DIFF": "evil"}
    environment = git_environment(given, tmp_path)
    assert environment["GIT_SSL_CAINFO"] == "ca"
    assert environment["GIT_ALLOW_PROTOCOL"] == "https:http"
    assert environment["GIT_TERMINAL_PROMPT"] == "0"
    assert not {"GIT_SSH_COMMAND", "GIT_EXTERNAL_DIFF"} & set(environment)


def test_other_protocols_are_refused(tmp_path: Path) -> None:
    target = tmp_path / "clone"
    target.mkdir()
    for url in (make(tmp_path / "origin", FILES).as_uri(), "ext::sh -c evil", "--upload-pack=evil"):
        with pytest.raises(RepositoryError, match=r"^git cannot read "):
            ClonedRepository(url, "ada/Lamp", target).about()


def test_a_repository_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(RepositoryError, match=r"does not (?:appear to be a git repository|exist)$"):
        cloned(tmp_path / "nothing", tmp_path).about()


def test_an_empty_repository_has_no_branch_and_no_files(tmp_path: Path) -> None:
    origin = tmp_path / "origin"
    origin.mkdir()
    run(origin, "init", "--quiet", "--initial-branch=main")
    repository = cloned(origin, tmp_path)
    assert repository.about().branch == ""
    assert repository.files(["", "setup.py"]) == {"": None, "setup.py": None}
    with pytest.raises(RepositoryError, match=r"^ada/Lamp has no files; check the address$"):
        gather(repository, RepoRef("ada", "Lamp"), settings())


def test_a_fetch_that_never_ends_is_ended_with_its_helpers(tmp_path: Path) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "git").write_text(f"#!/bin/sh\nsleep 60 &\necho $! > {tmp_path}/helper\nwait\n")
    (programs / "git").chmod(0o755)
    started = time.monotonic()
    path = f"{programs}:{os.environ['PATH']}"
    repository = cloned(tmp_path, tmp_path, environment={"PATH": path}, timeout_s=0.5)
    before, os.environ["PATH"] = os.environ["PATH"], path
    try:
        with pytest.raises(
            RepositoryError, match=r"was not fetched within 0\.5 s; try again, or set GITHUB_TOKEN$"
        ):
            repository.about()
    finally:
        os.environ["PATH"] = before
    assert time.monotonic() - started < 20
    assert has_ended(int((tmp_path / "helper").read_text()), within_s=10.0)


def has_ended(process: int, within_s: float) -> bool:
    """Wait for the end of a process that is no child of ours."""
    try:
        handle = os.pidfd_open(process)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([handle], [], [], within_s)[0])
    finally:
        os.close(handle)


def test_a_link_is_told_as_its_target_and_never_followed(tmp_path: Path) -> None:
    origin = make(tmp_path / "origin", FILES)
    (origin / "link.py").symlink_to("/etc/passwd")
    (origin / "up").symlink_to("..")
    run(origin, "add", "--all")
    run(origin, "commit", "--quiet", "--message=Links")
    found = cloned(origin, tmp_path).files(["link.py", "up/x"])
    assert found == {"link.py": Blob(text="/etc/passwd", byte_size=11), "up/x": None}


def test_git_is_given_no_token(tmp_path: Path) -> None:
    given = {"PATH": "/bin", "https_proxy": "proxy", "GITHUB_TOKEN": "secret", "GH_TOKEN": "secret"}
    environment = git_environment(given, tmp_path)
    assert (environment["PATH"], environment["https_proxy"]) == ("/bin", "proxy")
    assert "secret" not in environment.values()
