"""RSMF: an e-mail that any mail program can read, and a manifest that keeps the rules of the format."""

import copy
import email
import email.header
import io
import json
import os
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from jsonschema import Draft7Validator
from package.dossiers import FIRST, SLATE, a_dossier, a_table
from package.exchanging import HOSTILE, NAMES, a_hostile_dossier, shuffled, texts, without_names
from package.rsmf_rules import MANIFEST, find_dangling

from chatforensics.package.dossier import Dossier
from chatforensics.package.rsmf import write_rsmf
from chatforensics.tablefiles import unmark
from chatforensics.text import show_on_one_line

Manifest = dict[str, Any]
HEADERS = [
    "From", "Subject", "Date", "Message-ID", "X-RSMF-Version", "X-RSMF-Generator", "X-RSMF-BeginDate", "X-RSMF-EndDate",
    "X-RSMF-EventCount", "X-RSMF-Application", "X-RSMF-Custodian", "X-RSMF-Participants", "X-RSMF-AttachmentCount",
    "X-RSMF-EventCollectionID", "X-RSMF-MadeAt", "MIME-Version", "Content-Type",
]  # fmt: skip


def _mail(dossier: Dossier) -> EmailMessage:
    found = email.message_from_bytes(write_rsmf(dossier)["messages.rsmf"], policy=default)
    assert isinstance(found, EmailMessage)
    return found


def _zip(mail: EmailMessage) -> bytes:
    (attachment,) = mail.iter_attachments()
    assert (attachment.get_filename(), attachment["Content-Transfer-Encoding"]) == ("rsmf.zip", "base64")
    packed = attachment.get_payload(decode=True)
    assert isinstance(packed, bytes)
    return packed


def _manifest(dossier: Dossier) -> Manifest:
    with zipfile.ZipFile(io.BytesIO(_zip(_mail(dossier)))) as archive:
        assert archive.namelist() == ["rsmf_manifest.json"]
        found: Manifest = json.loads(archive.read("rsmf_manifest.json"))
    return found


def _event(manifest: Manifest, message_id: int) -> Manifest:
    return next(event for event in manifest["events"] if event["id"] == str(message_id))


def _custom(thing: Manifest) -> dict[str, str]:
    return {each["name"]: each["value"] for each in thing["custom"]}


def _text(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


def _refused(manifest: Manifest) -> bool:
    return not Draft7Validator(MANIFEST).is_valid(manifest) or bool(list(find_dangling(manifest)))


def test_the_headers_tell_what_the_manifest_holds() -> None:
    mail, manifest = _mail(a_dossier()), _manifest(a_dossier())
    assert mail.keys() == HEADERS
    assert mail["X-RSMF-Version"] == manifest["version"] == "2.0.0"
    assert mail["X-RSMF-EventCount"] == str(len(manifest["events"])) == "14"
    times = [event["timestamp"] for event in manifest["events"]]
    assert (mail["X-RSMF-BeginDate"], mail["X-RSMF-EndDate"]) == (min(times), max(times))
    assert mail["Date"].datetime == datetime.fromisoformat(min(times))
    assert mail["X-RSMF-Participants"] == "Piotr Zielony, Nkechi Adeyemi, Farhana Haque"
    assert mail["X-RSMF-Custodian"] == "Piotr Zielony, unknown"
    assert mail["X-RSMF-EventCollectionID"] == manifest["eventcollectionid"]


def test_the_manifest_keeps_the_rules_of_the_format() -> None:
    for dossier in (a_dossier(), a_hostile_dossier(HOSTILE[0]), without_names(a_dossier())):
        manifest = _manifest(dossier)
        Draft7Validator(MANIFEST).validate(manifest)
        assert list(find_dangling(manifest)) == []


@pytest.mark.skipif("RSMF_SCHEMA" not in os.environ, reason="RSMF_SCHEMA names no file with Relativity's own schema")
def test_the_manifest_keeps_the_rules_of_the_schema_that_is_given() -> None:
    schema = json.loads(Path(os.environ["RSMF_SCHEMA"]).read_text(encoding="utf-8"))
    Draft7Validator(schema).validate(_manifest(a_dossier()))
    Draft7Validator(schema).validate(_manifest(a_hostile_dossier(HOSTILE[0])))


def _break_type(manifest: Manifest) -> None:
    manifest["events"][0]["type"] = "Message"


def _break_time(manifest: Manifest) -> None:
    manifest["events"][0]["timestamp"] = "03/03/2031 19:40"


def _misspell(manifest: Manifest) -> None:
    manifest["events"][2]["bodytext"] = manifest["events"][2].pop("body")


def _empty_property(manifest: Manifest) -> None:
    manifest["participants"][0]["custom"][0]["value"] = ""


def _point_nowhere(manifest: Manifest) -> None:
    manifest["events"][2]["participant"] = "P9"


def _move_custodian(manifest: Manifest) -> None:
    manifest["conversations"][0]["custodian"] = "P9"


def _repeat(manifest: Manifest) -> None:
    manifest["events"].append(manifest["events"][0])


@pytest.mark.parametrize(
    "spoil",
    [_break_type, _break_time, _misspell, _empty_property, _point_nowhere, _move_custodian, _repeat],
)
def test_a_spoilt_manifest_does_not_keep_the_rules(spoil: Callable[[Manifest], None]) -> None:
    manifest = _manifest(a_dossier())
    spoilt = copy.deepcopy(manifest)
    spoil(spoilt)
    assert (_refused(manifest), _refused(spoilt)) == (False, True)


def test_an_event_has_its_words_its_sender_its_time_and_where_it_stands() -> None:
    manifest = _manifest(a_dossier())
    event = _event(manifest, 1002)
    assert (event["body"], event["timestamp"], event["type"]) == (SLATE, "2031-03-03T19:42:00Z", "message")
    people = {person["id"]: person["display"] for person in manifest["participants"]}
    assert people[event["participant"]] == "Nkechi Adeyemi"
    told = _custom(event)
    assert told["Chosen"] == "ticked"
    assert told["SHA-256 of the export"] == FIRST * 4
    assert (told["Line"], told["Bytes"]) == ("102", "12400 to 12600 (end not included)")
    assert told["Canonical id"] == "1002"
    assert told["Copies of this message in other exports"] == "2002"
    assert told["Time"].startswith(
        "Printed as 2031-03-03T19:42:00, in steps of 60 s; UTC by: zone of the case, assumed"
    )


def test_an_edit_is_told_without_words_or_time_that_no_export_holds_and_a_deletion_as_one() -> None:
    manifest = _manifest(a_dossier())
    edited, deleted, ordinary = (_event(manifest, number) for number in (1004, 1006, 1001))
    assert edited["edits"] == [{"participant": edited["participant"]}]
    assert deleted["deleted"] is True
    assert "body" not in deleted
    assert ordinary["deleted"] is False
    assert "edits" not in ordinary


def test_a_file_that_is_not_in_the_zip_is_a_property_and_no_attachment() -> None:
    event = _event(_manifest(a_dossier()), 1005)
    assert "attachments" not in event
    assert _custom(event)["File as printed (not in this file)"] == "IMG-20310303-WA0001.jpg"


def test_direction_is_told_only_for_an_export_whose_maker_is_known() -> None:
    manifest = _manifest(a_dossier())
    assert [_event(manifest, number).get("direction") for number in (1001, 1002, 2001)] == [
        "outgoing",
        "incoming",
        None,
    ]


def test_a_conversation_has_a_custodian_only_where_one_person_made_its_exports() -> None:
    base = a_dossier()
    assert "custodian" not in _manifest(base)["conversations"][0]
    alone = base.tables["messages"].filter(pl.col("source_id") == FIRST)
    manifest = _manifest(replace(base, tables={**base.tables, "messages": alone}))
    people = {person["id"]: person["display"] for person in manifest["participants"]}
    assert people[manifest["conversations"][0]["custodian"]] == "Piotr Zielony"


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ({"event": "joined", "actor": "Farhana Haque"}, ("join", "Farhana Haque")),
        ({"event": "added", "actor": "Piotr Zielony", "targets": ["Nkechi Adeyemi"]}, ("join", "Nkechi Adeyemi")),
        ({"event": "removed", "actor": "Nkechi Adeyemi", "targets": ["You"]}, ("leave", "Piotr Zielony")),
        ({"event": "added", "actor": "Piotr Zielony", "targets": []}, ("unknown", None)),
        ({"event": "added", "actor": "You", "targets": ["Farhana Haque", "Nkechi Adeyemi"]}, ("unknown", None)),
        ({"event": "left", "actor": "Nobody Here"}, ("unknown", None)),
        ({"event": "subject_changed", "actor": "Farhana Haque"}, ("unknown", None)),
    ],
)
def test_a_notice_is_an_arrival_only_where_it_names_one_participant(
    event: Manifest, expected: tuple[str, str | None]
) -> None:
    base = a_dossier()
    tables = {**base.tables, "events": a_table("events", [{"message_id": 1000, **event}])}
    manifest = _manifest(replace(base, tables=tables))
    people = {person["id"]: person["display"] for person in manifest["participants"]}
    found = _event(manifest, 1000)
    assert (found["type"], people.get(found.get("participant", ""))) == expected
    assert list(find_dangling(manifest)) == []


def test_two_people_of_one_name_are_told_apart_by_their_pseudonyms() -> None:
    base = a_dossier()
    people = base.tables["people"].with_columns(labels=pl.concat_list(pl.lit("Maryam")))
    manifest = _manifest(replace(base, tables={**base.tables, "people": people}))
    names = [person["display"] for person in manifest["participants"]]
    assert names == ["Maryam (P-ZIELO)", "Maryam (P-ADEYE)", "Maryam (P-HAQUE)"]


def test_the_text_of_the_mail_has_every_message_in_the_order_of_time() -> None:
    text = _text(_mail(a_dossier()))
    assert "Nkechi Adeyemi | 2031-03-03T19:42:00Z | Canal Ward allotments | ticked\n" + SLATE in text
    assert text.index("Is the gate still broken?") < text.index(SLATE) < text.index("would not want it")
    assert "(media: no words)" in text


def test_a_message_without_a_time_has_no_timestamp_and_stands_last() -> None:
    base = a_dossier()
    at = pl.when(pl.col("message_id") != 1001).then("sent_at")
    manifest = _manifest(
        replace(base, tables={**base.tables, "messages": base.tables["messages"].with_columns(sent_at=at)})
    )
    assert "timestamp" not in manifest["events"][-1]
    assert manifest["events"][-1]["id"] == "1001"


def test_a_dossier_without_tables_gives_a_file() -> None:
    empty = Dossier(title="", made_at=a_dossier().made_at, tables={}, ticked=(), run={})
    assert _manifest(empty)["events"] == []
    assert "X-RSMF-BeginDate" not in _mail(empty)
    assert _mail(empty)["Date"].datetime == empty.made_at


def test_equal_dossiers_give_equal_bytes_in_whatever_order_their_rows_are() -> None:
    assert write_rsmf(a_dossier()) == write_rsmf(a_dossier()) == write_rsmf(shuffled(a_dossier()))


def test_the_zip_tells_no_time_and_no_machine() -> None:
    with zipfile.ZipFile(io.BytesIO(_zip(_mail(a_dossier())))) as archive:
        (member,) = archive.infolist()
    told = (member.date_time, member.create_system, member.compress_type, member.extra)
    assert told == ((1980, 1, 1, 0, 0, 0), 3, zipfile.ZIP_STORED, b"")


def test_a_redacted_dossier_gives_a_file_without_a_name() -> None:
    redacted = without_names(a_dossier())
    mail = _mail(redacted)
    written = json.dumps(_manifest(redacted), ensure_ascii=False) + _text(mail) + str(mail.items())
    assert SLATE[:20] in written
    assert not [part for name in NAMES for part in name.split() if part in written]


def _check_mail(text: str) -> None:
    dossier = a_hostile_dossier(text)
    written = write_rsmf(dossier)["messages.rsmf"]
    assert max(map(len, written.split(b"\r\n"))) <= 78
    assert b"\n" not in written.replace(b"\r\n", b"")
    mail, manifest = _mail(dossier), _manifest(dossier)
    assert (mail.keys(), mail.defects) == (HEADERS, [])
    assert unmark(_event(manifest, 1002)["body"]) == text
    assert not _refused(manifest)
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "application/octet-stream"]
    assert _raw_header(written, "Subject") == show_on_one_line(text)


def _raw_header(written: bytes, name: str) -> str:
    """Return a header as RFC 2047 has it, read by another part of the library than the one for modern mails."""
    parts = email.header.decode_header(email.message_from_bytes(written)[name])
    return "".join(part.decode(code or "ascii") if isinstance(part, bytes) else part for part, code in parts)


def test_a_hostile_text_comes_back_as_it_was_and_breaks_neither_mail_nor_manifest() -> None:
    for text in HOSTILE:
        _check_mail(text)


@given(texts)
@settings(max_examples=15, deadline=None)
def test_any_text_comes_back_as_it_was_and_breaks_neither_mail_nor_manifest(text: str) -> None:
    _check_mail(text)
