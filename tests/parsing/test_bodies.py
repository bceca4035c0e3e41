"""What each body is, and what stays as text."""

import pytest

from chatforensics.parsing.bodies import Body, read_body

LRM = "\u200e"


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("hello", Body("text", "hello")),
        ("", Body("text", None)),
        ("<Media omitted>", Body("media", None)),
        ("<Media omitted>\nlook at this", Body("media", "look at this")),
        ("IMG-20240313-WA0001.jpg (file attached)", Body("media", None, "IMG-20240313-WA0001.jpg")),
        (f"{LRM}IMG-20240313-WA0001.jpg (file attached)\nours", Body("media", "ours", "IMG-20240313-WA0001.jpg")),
        ("Zoë Müller.vcf (Datei angehängt)", Body("contact", None, "Zoë Müller.vcf")),
        ("This message was deleted", Body("deleted", None)),
        ("You deleted this message.", Body("deleted", None)),
        ("This message was deleted by admin Ben", Body("deleted", "This message was deleted by admin Ben")),
        ("This message was deleted\nnot", Body("text", "This message was deleted\nnot")),
        ("see you there <This message was edited>", Body("text", "see you there", None, edited=True)),
        ("POLL:\nWhen?\nOPTION: Sat (2 votes)", Body("poll", "POLL:\nWhen?\nOPTION: Sat (2 votes)")),
        ("Poll: who comes?", Body("text", "Poll: who comes?")),
        (
            "location: https://maps.google.com/?q=51.5,-0.1",
            Body("location", "location: https://maps.google.com/?q=51.5,-0.1"),
        ),
        ("Missed voice call", Body("call", "Missed voice call")),
        ("null", Body("view_once", "null")),
        ("Voice call, 5 min", Body("call", "Voice call, 5 min")),
        ("Video call, No answer", Body("call", "Video call, No answer")),
        ("Video call: vote for Ann Obi", Body("text", "Video call: vote for Ann Obi")),
        (
            "Vote for Ann Obi and tell all (file attached)",
            Body("text", "Vote for Ann Obi and tell all (file attached)"),
        ),
        (".jpg (file attached)", Body("media", None, ".jpg")),
        ("the image omitted him", Body("text", "the image omitted him")),
    ],
)
def test_a_body_on_android(text: str, want: Body) -> None:
    assert read_body(text, marked_file=False) == want


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("image omitted", Body("text", "image omitted")),
        (f"{LRM}image omitted", Body("media", None)),
        (f"{LRM}Contact card omitted", Body("contact", None)),
        (f"our float {LRM}image omitted", Body("media", "our float")),
        (
            f"{LRM}<attached: 00000012-PHOTO-2024-03-13-09-18-22.jpg>",
            Body("media", None, "00000012-PHOTO-2024-03-13-09-18-22.jpg"),
        ),
        (f"our minutes.docx {LRM}document omitted", Body("media", "our minutes.docx", "our minutes.docx")),
        (f"minutes.pdf • {LRM}2 pages {LRM}document omitted", Body("media", None, "minutes.pdf")),
        (
            f"minutes.pdf • {LRM}2 pages {LRM}<attached: 00000013-minutes.pdf>",
            Body("media", None, "00000013-minutes.pdf"),
        ),
        (f"vote for Ann • 2 pages {LRM}<attached: 1-x.pdf>", Body("media", "vote for Ann • 2 pages", "1-x.pdf")),
        (f"{LRM}This message was deleted.", Body("deleted", None)),
        ("This message was deleted.", Body("text", "This message was deleted.")),
        (f"fine {LRM}<This message was edited>", Body("text", "fine", None, edited=True)),
        (f"{LRM}Sorry, typed by hand", Body("text", f"{LRM}Sorry, typed by hand")),
    ],
)
def test_on_ios_only_marked_bodies_are_untyped(text: str, want: Body) -> None:
    assert read_body(text, marked_file=True) == want
