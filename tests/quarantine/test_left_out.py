"""What is left out, as a report keeps it and as the site publishes it."""

from registry.quarantine.left_out import MAX_MESSAGE, left_out, published


def test_what_is_published_has_four_keys_and_stands_once() -> None:
    one = left_out("b", "check", "page-fault", "has two <h1>", slug="b", source="https://example.org/b")
    again = left_out("b", "check", "page-fault", "has two <h1>", slug="c")
    first = left_out("a", "feed", "date", "is not a day", slug="a")
    assert published([one, again, first]) == [
        {"plugin": "a", "stage": "feed", "code": "date", "message": "is not a day"},
        {"plugin": "b", "stage": "check", "code": "page-fault", "message": "has two <h1>"},
    ]


def test_one_plugin_s_entries_follow_the_steps_of_the_build() -> None:
    stages = ("check", "page", "feed", "source", "registration")
    entries = [left_out("a", stage, "x", "y") for stage in stages]
    assert [row["stage"] for row in published(entries)] == [
        "registration",
        "source",
        "feed",
        "page",
        "check",
    ]


def test_nothing_left_out_is_an_empty_list() -> None:
    assert published([]) == []


def test_a_stranger_s_text_is_cut_and_made_printable() -> None:
    entry = left_out("a\x1b[2J", "page", "page", "\n::error::" + "x" * 10_000)
    assert entry.plugin == r"a\x1b[2J"
    assert entry.message.startswith(r"\n::error::")
    assert len(entry.message) == MAX_MESSAGE
    assert entry.message.endswith("…")
