"""Deletions that a phone words as its owner's: which wordings say so, and what a record then tells."""

import pytest

from chatforensics.parsing.bodies import read_body
from chatforensics.parsing.grammar import load_grammar, load_languages
from chatforensics.parsing.wordings import load_own_deletions, load_wordings


def test_each_is_a_wording_of_a_deleted_message_in_its_language() -> None:
    languages = load_languages()
    for tag, wordings in load_grammar("own")["deleted"].items():
        assert set(wordings) <= set(languages[tag]["bodies"]["deleted"]), tag


def test_every_language_that_words_deletions_has_one_and_another_that_is_not() -> None:
    own = load_grammar("own")["deleted"]
    assert set(own) == {tag for tag, words in load_languages().items() if words["bodies"].get("deleted")}
    assert {kind for words, kind in load_wordings().exact.items() if words in load_own_deletions()} == {"deleted"}
    for tag, words in load_languages().items():
        assert set(words["bodies"]["deleted"]) - set(own[tag]), tag


@pytest.mark.parametrize(
    ("text", "by"),
    [
        ("You deleted this message", "You"),
        ("\u200eDu hast diese Nachricht gelöscht.", "You"),
        ("आपने यह मैसेज डिलीट किया", "You"),
        ("This message was deleted", None),
        ("ta wiadomość została usunięta", None),
    ],
)
def test_only_the_owners_deletions_name_who_deleted(text: str, by: str | None) -> None:
    body = read_body(text, marked_file=False)
    assert (body.kind, body.text, body.deleted_by) == ("deleted", None, by)
