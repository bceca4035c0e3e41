"""What is known of where each export is from stands in the report, the unknown too."""

from report.invented import RUN, Page, read_page, render, tiny_case

from chatforensics.report.custody import QUESTIONS, view_custody

UNKNOWN = dict.fromkeys(QUESTIONS, "unknown")
SAID = {"exported_by": "Ifeoma <b>", "source_kind": "given by a participant", "basis": "consent"}
CUSTODY = [{"source_id": f"source-{n}", **UNKNOWN} for n in (1, 2)] + [{"source_id": "source-3", **UNKNOWN, **SAID}]


def a_page(**run: object) -> Page:
    return read_page(render(tiny_case(), run={**RUN, **run}))


def test_answers_and_open_questions_stand_in_the_report_and_their_number_on_the_first_screen() -> None:
    page = a_page(custody=CUSTODY)
    words = page.words
    assert "Where 2 exports are from is unknown" in words
    assert "On what lawful basis 2 exports may be used is unknown" in words
    assert "given by somebody in the chat" in words
    assert "Ifeoma <b>" in words


def test_a_run_without_a_case_says_nothing_of_custody() -> None:
    assert "lawful basis" not in a_page().words


def test_what_is_no_list_of_answers_counts_as_none() -> None:
    for odd in (None, "unknown", [3, "x"]):
        assert view_custody({"custody": odd}, [])["n"] == 0
