from pathlib import Path

from chatforensics.package.hidden import Secret, Secrets, Stayed
from chatforensics.package.redactfile import ManualRule
from chatforensics.workflow.doubts import tell_likely, tell_stayed, tell_unused


def test_hidden_people_are_named_with_the_words_that_stayed_ten_at_most_and_how_to_take_them_out() -> None:
    many = tuple(Stayed(f"P-{n}", f"Rose {n}", (("Rose", 30 - n),)) for n in range(12))
    lines = list(tell_stayed(Secrets(stayed=many)))
    assert lines[1] == "  P-0 “Rose 0”: Rose 30"
    assert (len(lines), lines[-2]) == (13, "  and 2 more with fewer places.")
    assert "--redact" in lines[-1]


def test_hidden_people_on_slates_are_named_apart() -> None:
    left = Secrets(stayed=(Stayed("P-1", "Ayo Lind", (("Ayo", 3), ("Lind", 1)), on_slate=True),))
    assert list(tell_stayed(left))[:2] == [
        "names on slates stay, as they are what the message is about; --redact takes them out. Of hidden people: 1.",
        "  P-1 “Ayo Lind”: Ayo 3, Lind 1",
    ]
    assert list(tell_stayed(Secrets())) == []


def test_lines_that_found_nothing_are_told_with_what_they_say() -> None:
    unused = (
        ManualRule("x", words="Canal Street", line=2),
        *(ManualRule("x", words="no", line=n) for n in range(3, 14)),
    )
    lines = list(tell_unused(Secrets(unused=unused)))
    assert lines[0] == "--redact, line 2: “Canal Street” found nothing."
    assert lines[-1] == "--redact: these lines found nothing either: 12, 13."


def test_rows_with_the_letters_of_a_hidden_name_are_named_and_not_the_name(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "messages.jsonl").write_bytes(b'{"message_id":7,"text":"ask D.i.l.y.s Vau-ghan"}\n')
    (line,) = tell_likely(Secrets(hidden=(Secret(3, "name", "Dilys Vaughan"),)), tmp_path)
    assert line == "data/messages.jsonl (line 1, message 7): perhaps redaction 3 in another spelling."
    assert list(tell_likely(Secrets(), tmp_path)) == []
