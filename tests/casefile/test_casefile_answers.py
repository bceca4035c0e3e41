"""Custody questions, replies, the lock, and the end of a case."""

import os
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import pytest
from casefile.cases import BY, CHAT, KEY, a_case, a_case_with

from chatforensics.casefile import (
    QUESTIONS,
    answer,
    describe_purge,
    list_answers,
    list_originals,
    list_replies,
    list_unanswered,
    locked,
    log_lines,
    purge_case,
    record_reply,
)
from chatforensics.errors import CaseError, UsageError


def test_every_question_is_unknown_until_it_is_answered_and_the_latest_answer_counts(tmp_path: Path) -> None:
    case = a_case_with(tmp_path, CHAT)
    (original,) = list_originals(case)
    assert list_answers(case) == [{"source_id": original.source_id, **dict.fromkeys(QUESTIONS, "unknown")}]
    answer(case, [original.source_id], {"phone": "Pixel 6"}, by=BY)
    answer(case, [original.source_id], {"phone": "Pixel 7", "source_kind": "Participant"}, by=BY)
    (told,) = list_answers(case)
    assert (told["phone"], told["source_kind"], told["basis"]) == ("Pixel 7", "participant", "unknown")
    assert "phone" not in list_unanswered(case)[original.source_id]


def test_the_log_tells_which_questions_were_answered_not_what(tmp_path: Path) -> None:
    case = a_case_with(tmp_path, CHAT)
    answer(case, [list_originals(case)[0].source_id], {"exported_by": "Ines Duarte"}, by=BY)
    assert "exported_by" in log_lines(case)[-1]
    assert "Ines" not in log_lines(case)[-1]


@pytest.mark.parametrize("answers", [{"colour": "red"}, {"phone": ""}, {"phone": 3}, {"source_kind": "stolen"}])
def test_what_is_no_answer_is_refused(tmp_path: Path, answers: dict[str, str]) -> None:
    case = a_case_with(tmp_path, CHAT)
    with pytest.raises(UsageError):
        answer(case, [list_originals(case)[0].source_id], answers, by=BY)


def test_an_export_that_is_not_in_the_case_cannot_be_answered_for(tmp_path: Path) -> None:
    with pytest.raises(CaseError, match="no export"):
        answer(a_case(tmp_path), ["0" * 16], {"phone": "unknown"}, by=BY)


def test_replies_are_kept_in_order_and_the_log_names_nobody(tmp_path: Path) -> None:
    case = a_case(tmp_path)
    person = ("person-7", "Wiktor Zielinski")
    record_reply(case, person=person, status="offered", by=BY, more={"happened_on": date(2031, 4, 2), "how": "post"})
    record_reply(case, person=person, status="replied", by=BY, more={"text": "I was asked to pass it on."})
    told = [(row["status"], row["happened_on"], row["text"]) for row in list_replies(case)]
    assert told == [("offered", "2031-04-02", None), ("replied", None, "I was asked to pass it on.")]
    assert not any("Wiktor" in line or "pass it on" in line or "person-7" in line for line in log_lines(case))


def test_a_reply_without_words_or_with_another_status_is_refused(tmp_path: Path) -> None:
    case = a_case(tmp_path)
    for status in ("replied", "guilty"):
        with pytest.raises(UsageError):
            record_reply(case, person=("p", "P"), status=status, by=BY)


def test_a_second_writer_is_told_who_holds_the_case(tmp_path: Path) -> None:
    case = a_case(tmp_path)
    with locked(case), pytest.raises(CaseError, match=f"process {os.getpid()}"), locked(case):
        pass
    with locked(case):
        pass


def test_a_lock_ends_with_the_process_that_held_it_and_a_waiting_one_goes_on(tmp_path: Path) -> None:
    case = a_case(tmp_path)
    script = (
        "import sys, time; from pathlib import Path; from chatforensics.casefile import locked, open_case\n"
        "with locked(open_case(Path(sys.argv[1]))): print('held', flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", script, case.folder], stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        with pytest.raises(CaseError, match=f"process {holder.pid}"), locked(case):
            pass
        holder.kill()
        began = time.monotonic()
        with locked(case, wait=True):
            assert time.monotonic() - began < 10


def test_a_purged_case_is_gone_and_its_certificate_tells_what_it_was(tmp_path: Path) -> None:
    case = a_case_with(tmp_path, CHAT)
    (original,) = list_originals(case)
    with locked(case):
        certificate = purge_case(case, reason="the panel ended", by=BY)
    assert not case.folder.exists()
    assert original.sha256 in certificate
    assert "the panel ended" in certificate
    assert "cannot show" in certificate
    assert "Choir" not in certificate
    assert certificate.count('"action":') == 3


def test_what_is_not_ours_survives_a_purge_and_is_named_before(tmp_path: Path) -> None:
    case = a_case_with(tmp_path, CHAT)
    (case.folder / "notes.docx").write_bytes(b"mine")
    assert "notes.docx" in describe_purge(case)
    with locked(case):
        purge_case(case, reason="over", by=BY)
    assert [path.name for path in case.folder.iterdir()] == ["notes.docx"]


def test_a_lost_key_is_told(tmp_path: Path) -> None:
    case = a_case(tmp_path)
    (case.folder / "key").write_bytes(KEY[:5])
    with pytest.raises(CaseError, match="not 32 bytes"):
        _ = case.key
    (case.folder / "key").unlink()
    with pytest.raises(CaseError, match="Restore"):
        _ = case.key
