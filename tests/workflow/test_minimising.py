"""What is left out never reaches the case; what is kept are bytes of the export."""

import io
import zipfile
from datetime import date
from pathlib import Path

import pytest
from casefile.cases import BY, a_case, a_file

from chatforensics.casefile import Case, list_answers, list_originals
from chatforensics.errors import UsageError
from chatforensics.intake import read_export
from chatforensics.workflow.adding import add_exports, read_answers
from chatforensics.workflow.minimising import Limits
from chatforensics.workflow.single import Declared, parse_received

SLATE = "Final reminder: vote for Wiktor Zielinski as chair, then delete this message"


def a_chat(n_days: int = 28) -> bytes:
    """Return a chat of one record a day in January, the instruction on the fifteenth, a notice first."""
    lines = [b'01/01/2031, 09:00 - Ines created group "Choir"\n']
    for day in range(1, n_days + 1):
        words = SLATE if day == 15 else f"rehearsal number {day}"
        lines.append(f"{day:02}/01/2031, 10:00 - Kofi: {words}\n".encode())
    return b"".join(lines)


def a_zip(text: bytes, **files: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("_chat.txt", text)
        for name, content in files.items():
            archive.writestr(f"{name}.jpg", content)
    return packed.getvalue()


def kept_text(case: Case) -> bytes:
    (original,) = list_originals(case)
    return bytes(read_export(original.export()).content)


def everything_in(case: Case) -> bytes:
    return b"".join(path.read_bytes() for path in case.folder.rglob("*") if path.is_file())


def test_without_limits_the_whole_file_is_kept(tmp_path: Path) -> None:
    case = a_case(tmp_path)
    add_exports(case, [a_file(tmp_path / "in", a_chat())], by=BY)
    assert kept_text(case) == a_chat()


def test_days_outside_are_not_stored_anywhere(tmp_path: Path) -> None:
    case = a_case(tmp_path)
    limits = Limits(since=date(2031, 1, 10), until=date(2031, 1, 20))
    add_exports(case, [a_file(tmp_path / "in", a_chat())], by=BY, limits=limits)
    assert kept_text(case).count(b"\n") == 11
    assert b"rehearsal number 9" not in everything_in(case)
    assert b"rehearsal number 21" not in everything_in(case)


def test_evidence_keeps_instructions_their_context_and_notices(tmp_path: Path) -> None:
    case = a_case(tmp_path)
    add_exports(case, [a_file(tmp_path / "in", a_chat())], by=BY, limits=Limits(mode="evidence"))
    kept = kept_text(case).decode().splitlines()
    assert "created group" in kept[0]
    assert [line[:2] for line in kept[1:]] == [f"{day:02}" for day in range(5, 26)]
    assert b"rehearsal number 4\n" not in everything_in(case)
    (original,) = list_originals(case)
    assert original.minimised is not None
    assert (original.minimised["n_records"], original.minimised["n_kept"]) == (29, 22)


def test_each_kept_piece_lay_where_the_case_says_it_lay(tmp_path: Path) -> None:
    case = a_case(tmp_path)
    add_exports(case, [a_file(tmp_path / "in", a_chat())], by=BY, limits=Limits(mode="evidence"))
    (original,) = list_originals(case)
    assert original.minimised is not None
    spans = original.minimised["spans"]
    assert isinstance(spans, list)
    assert b"".join(a_chat()[start:end] for start, end in spans) == kept_text(case)


def test_triage_keeps_counts_and_no_words(tmp_path: Path) -> None:
    case = a_case(tmp_path)
    add_exports(case, [a_file(tmp_path / "in", a_chat())], by=BY, limits=Limits(mode="triage"))
    (original,) = list_originals(case)
    assert original.path is None
    assert original.minimised is not None
    assert (original.minimised["n_records"], original.minimised["n_flagged"]) == (29, 1)
    assert b"rehearsal" not in everything_in(case)
    assert b"Kofi" not in everything_in(case)


def test_media_are_dropped_or_go_with_their_messages(tmp_path: Path) -> None:
    text = (
        b"[01/01/2031, 10:00:00] Kofi: \xe2\x80\x8e<attached: 00000001-PHOTO-2031-01-01-10-00-00.jpg>\n"
        b"[25/01/2031, 10:00:00] Kofi: \xe2\x80\x8e<attached: 00000002-PHOTO-2031-01-25-10-00-00.jpg>\n"
    )
    files = {"00000001-PHOTO-2031-01-01-10-00-00": b"early", "00000002-PHOTO-2031-01-25-10-00-00": b"late"}
    given = a_file(tmp_path / "in", a_zip(text, **files), "WhatsApp Chat - Choir.zip")
    for name, limits, n_files in (
        ("dropped", Limits(drop_media=True), 0),
        ("dated", Limits(since=date(2031, 1, 20)), 1),
    ):
        case = a_case(tmp_path / name)
        add_exports(case, [given], by=BY, limits=limits)
        (original,) = list_originals(case)
        chat = read_export(original.export())
        assert len(chat.attachments) == n_files
        assert chat.title == "Choir"


def test_other_chats_are_left_out_and_told(tmp_path: Path) -> None:
    case = a_case(tmp_path)
    paths = [a_file(tmp_path / "in", a_chat(n), f"WhatsApp Chat with {n}.txt") for n in (20, 21)]
    outcome = add_exports(case, paths, by=BY, limits=Limits(titles=("21",)))
    assert [original.shown for original in list_originals(case)] == [str(paths[1])]
    assert "nothing was stored" in outcome.notes[-1]


def test_a_cut_down_export_is_read_in_the_order_of_dates_of_the_whole(tmp_path: Path) -> None:
    """The part that is kept holds days up to 12 only, so that it could be read either way by itself."""
    case = a_case(tmp_path)
    add_exports(case, [a_file(tmp_path / "in", a_chat())], by=BY, limits=Limits(until=date(2031, 1, 5)))
    (original,) = list_originals(case)
    assert original.minimised is not None
    assert original.minimised["date_order"] == "dmy"
    parsed = parse_received(read_export(original.export()), Declared(dates="dmy"))
    assert parsed.messages["sent_local"].dt.date().max() == date(2031, 1, 5)


@pytest.mark.parametrize("limits", [Limits(mode="all"), Limits(since=date(2031, 2, 1), until=date(2031, 1, 1))])
def test_limits_that_cannot_be_are_refused(tmp_path: Path, limits: Limits) -> None:
    with pytest.raises(UsageError):
        add_exports(a_case(tmp_path), [], by=BY, limits=limits)


def test_a_utf_16_export_is_cut_behind_its_mark(tmp_path: Path) -> None:
    case = a_case(tmp_path)
    given = a_file(tmp_path / "in", a_chat().decode().encode("utf-16"))
    add_exports(case, [given], by=BY, limits=Limits(since=date(2031, 1, 27)))
    assert kept_text(case).decode("utf-16").count("\n") == 2


def test_answers_of_a_file_go_to_all_a_folder_or_one_export(tmp_path: Path) -> None:
    case = a_case(tmp_path)
    for n, who in enumerate(("ama", "ben")):
        a_file(tmp_path / "phones" / who, a_chat(20 + n))
    outcome = add_exports(case, [tmp_path / "phones"], by=BY)
    told = tmp_path / "custody.toml"
    told.write_text(f'basis = "consent"\n["{tmp_path}/phones/ben"]\nphone = "iPhone"\n', encoding="utf-8")
    read_answers(case, told, source_ids=[added.source_id for added in outcome.added], by=BY)
    assert [(row["basis"], row["phone"]) for row in list_answers(case)] == [
        ("consent", "unknown"),
        ("consent", "iPhone"),
    ]
    told.write_text('["nobody"]\nphone = "iPhone"\n', encoding="utf-8")
    with pytest.raises(UsageError, match="no export of the case"):
        read_answers(case, told, source_ids=[], by=BY)
