"""Which standing plugins are built beside those of a change."""

from registry.review.preview.sample import MOST, USUAL, sample, standing_registrations
from tests.review.builders import LINK, Blob, Origin, registration, standing


def raw(slug: str, body: str = "Hello.\n", **keys: str) -> bytes:
    return registration(slug, body, **keys).encode()


OTHERS = {f"other{number}": raw(f"other{number}") for number in range(100)}


def test_the_same_few_stand_beside_a_change_that_has_to_do_with_none() -> None:
    first = sample({"lamp": raw("lamp")}, OTHERS)
    assert list(first) == list(sample({"fan": raw("fan")}, OTHERS))
    assert len(first) == USUAL
    assert all(OTHERS[slug] == content for slug, content in first.items())
    assert sample({"lamp": raw("lamp")}, {}) == {}


def test_what_is_linked_what_links_and_what_has_the_name_stand_beside_it() -> None:
    changed = {"lamp": raw("lamp", "See [bed](/plugins/bed/) and https://x.example/plugins/old_desk/.\n")}
    related = {
        "bed": raw("bed"),
        "desk": raw("desk", redirect_from="/plugins/old_desk/"),
        "door": raw("door", "[Lamp](https://x.example/plugins/Lamp/)\n"),
        "LAMP": raw("LAMP"),
    }
    found = sample(changed, OTHERS | related)
    assert set(list(found)[:4]) == set(related)
    assert len(found) == USUAL


def test_tags_and_authors_in_another_spelling_stand_beside_it() -> None:
    changed = {"lamp": raw("lamp", tags="[\u03f4, plain]", author="Zoe Zed")}
    related = {
        "greek": raw("greek", tags="[\u0398]"),
        "writer": raw("writer", author="ZOE zed"),
    }
    same = {"same": raw("same", tags="[\u03f4, plain]", author="Zoe Zed")}
    assert set(list(sample(changed, same | related | OTHERS))[:2]) == set(related)


def test_a_change_that_many_have_to_do_with_has_a_larger_sample_and_not_all() -> None:
    many = {slug: content + b"[x](/plugins/lamp/)\n" for slug, content in OTHERS.items()}
    assert len(sample({"lamp": raw("lamp")}, many)) == MOST


def test_a_registration_that_cannot_be_read_has_a_sample_too() -> None:
    assert len(sample({"lamp": b"\xff\xfe"}, OTHERS | {"odd": b"\xff"})) == USUAL


def test_the_base_is_read_as_it_stands_and_no_link_in_it(tmp_path: object) -> None:
    files = {**standing(2), "_plugins/link.md": Blob(b"/etc/passwd", LINK), "_plugins/a b.md": "x"}
    change = Origin(tmp_path, files).change({"_plugins/plugin0.md": None})  # type: ignore[arg-type]
    assert set(standing_registrations(change)) == {"plugin0", "plugin1"}
