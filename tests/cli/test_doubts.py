from chatforensics.cli.doubts import tell_stayed, tell_unused
from chatforensics.package.hidden import Secrets, Stayed
from chatforensics.package.redactfile import ManualRule


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
