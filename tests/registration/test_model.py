"""A source address names a repository only when it surely does."""

import pytest

from registry.registration.model import RepoRef, is_slug, parse_repo


@pytest.mark.parametrize(
    ("url", "repo"),
    [
        ("https://github.com/o/r", RepoRef("o", "r")),
        ("http://www.github.com/o/r/", RepoRef("o", "r")),
        ("https://GitHub.com/O-x/r.s.git#readme", RepoRef("O-x", "r.s")),
        ("https://github.com/o/r?tab=readme-ov-file", RepoRef("o", "r")),
        ("https://github.com/o/r/tree/main", RepoRef("o", "r")),
        ("https://github.com/o/r/tree/main/plugins/my%20lamp/", RepoRef("o", "r", "plugins/my lamp")),
        ("https://github.com/o/r/blob/main/plugins/lamp.py", RepoRef("o", "r", "plugins")),
        ("https://github.com/o/r/tree/main/%2e%2e/x", RepoRef("o", "r")),
        ("https://github.com/o/r/releases/latest", RepoRef("o", "r")),
        ("https://git.example:8443/o/r", RepoRef("o", "r")),
        ("https://gitlab.com/o/r", None),
        ("https://github.com/o", None),
        ("https://github.com/", None),
        ("https://github.com/o/..", None),
        ("https://github.com/o/.git", None),
        ('https://github.com/o/r"){id}}', None),
        ("https://github.com/-o/r", None),
        ("https://github.com/o/%2e%2e", None),
        ("https://github.com.evil.example/o/r", None),
        ("https://github.com@evil.example/o/r", None),
        ("https://[github.com/o/r", None),
        ("git@github.com:o/r.git", None),
        ("git://github.com/o/r.git", None),
        ("ssh://git@github.com/o/r", None),
        ("ftp://github.com/o/r", None),
        ("javascript:https://github.com/o/r", None),
        ("", None),
    ],
)
def test_which_repository_an_address_names(url: str, repo: RepoRef | None) -> None:
    assert parse_repo(url, "https://git.example:8443") == repo


def test_the_full_name_is_as_github_writes_it() -> None:
    assert RepoRef("o", "r", "sub").full_name == "o/r"


@pytest.mark.parametrize("text", ["a", "GPX", "multi_colors", "_x", "a.b", "a+b-c", "1", "a" * 100])
def test_what_may_be_an_id(text: str) -> None:
    assert is_slug(text)


@pytest.mark.parametrize(
    "text",
    ["", ".", "..", "a..b", "a.", ".a", "-a", "a/b", "a\\b", "a b", "a\n", "é", "a" * 101, "Index.html"],
)
def test_what_may_be_no_id(text: str) -> None:
    assert not is_slug(text)
