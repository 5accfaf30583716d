"""Objects of a repository are named by whole ids, and nothing else reaches git."""

from pathlib import Path

import pytest

from registry.git.objects import ChangeError, Objects

NO_IDS = ["", "-h", "HEAD", "a" * 39, "A" * 40, f"{'a' * 40}\nHEAD", f"{'a' * 40} ", f" {'a' * 40}"]


@pytest.mark.parametrize("name", NO_IDS)
def test_what_is_no_whole_id_never_reaches_git(tmp_path: Path, name: str) -> None:
    objects = Objects(tmp_path / "no-repository")
    told = f"{name!a} is no object id"
    with pytest.raises(ChangeError) as tree:
        list(objects.tree(name))
    with pytest.raises(ChangeError) as sizes:
        objects.sizes([name])
    assert (str(tree.value), str(sizes.value)) == (told, told)
