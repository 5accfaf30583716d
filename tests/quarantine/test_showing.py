"""What a run shows of what it left out: whatever strangers wrote, nothing is obeyed, and it has an end."""

from registry.quarantine.left_out import left_out
from registry.quarantine.showing import MAX_ANNOTATIONS, annotations, as_problem, summary

ODD = left_out(
    "`lamp` @all", "page", "odd", "##[error]x\n::stop:: <b> #1", slug="lamp", file="_plugins/a,b.md", line=3
)


def test_an_annotation_names_the_registrations_line_and_holds_no_command() -> None:
    assert list(annotations([ODD])) == [
        "::error file=_plugins/a%2Cb.md,line=3,title=odd::`lamp` @all: #\\x23[error]x\\n::stop:: <b> #1"
    ]
    assert as_problem(left_out("x", "feed", "odd", "Odd.", slug="y")).file == "y.md"


def test_annotations_have_an_end() -> None:
    lines = list(annotations([ODD] * 60))
    assert len(lines) == MAX_ANNOTATIONS + 1
    assert lines[-1] == "::notice title=left out::10 more are in the report"


def test_the_summary_is_plain_text_and_empty_when_nothing_was_left_out() -> None:
    assert summary([]) == ""
    told = summary([ODD, left_out("", "check", "odd", "A page.")] * 40)
    assert told.startswith("### Left out (80)\n\n- `` `lamp` @all ``, page: &#35;")
    assert "- the site, check: A page.\n" in told
    assert "<b>" not in told
    assert told.endswith("- and 30 more, in the report\n\n")
