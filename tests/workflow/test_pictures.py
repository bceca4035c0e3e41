"""Slates sent as pictures, from the zip to the report."""

import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path

import commandline
import polars as pl
import pytest
from pictures.drawn import a_reader, clouds, draw, jpeg, png

from chatforensics import pictures as stage
from chatforensics.schema import Messages, Pictures
from chatforensics.workflow import Settings, analyse
from chatforensics.workflow.pictures import add_picture_texts

SLATE = "Ward selection ballot, final reminder.\nVote for Amara Osei and Tomasz Nowak.\nDo not vote for anybody else."
FIRST, SECOND = "IMG-20260301-WA0001.jpg", "IMG-20260301-WA0002.jpg"


def export(folder: Path, files: dict[str, bytes], *, lines: tuple[str, ...] = ()) -> Path:
    """Write an export as Android does, in which Ada sends the files and Ben says hello."""
    sent = [f"13/03/2026, 18:{10 + 5 * place} - Ada Byrne: {name} (file attached)" for place, name in enumerate(files)]
    text = "\n".join(["13/03/2026, 18:01 - Ben Adeyemi: good evening", *sent, *lines, ""])
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "WhatsApp Chat with Choir.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("WhatsApp Chat with Choir.txt", text)
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def run(path: Path, out: Path, **settings: str) -> Mapping[str, pl.DataFrame]:
    return analyse([path], out=out, settings=Settings(**settings)).tables  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def slate() -> bytes:
    a_reader()
    return jpeg(draw(text=SLATE))


@pytest.mark.slow
def test_a_slate_sent_as_a_picture_is_labelled_and_shown_with_its_words(tmp_path: Path, slate: bytes) -> None:
    tables = run(export(tmp_path / "in", {FIRST: slate}), tmp_path / "out")
    (picture,) = tables["pictures"].to_dicts()
    assert (picture["status"], picture["text"], picture["languages"]) == ("read", SLATE, ["eng"])
    flagged = tables["labels"].filter(pl.col("label") == "slate_instruction", pl.col("decision") == "flag")
    assert flagged["message_id"].to_list() == [picture["message_id"]]
    assert flagged["spans"].list.len().to_list() == [0]
    named = tables["slates"].filter(pl.col("name") == "Amara Osei")
    assert named.select("message_id", "stance", "start", "end").rows() == [(picture["message_id"], "for", None, None)]
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "Read by machine from the picture; compare with the picture." in page
    assert '<mark class="name" title="name on the slate">Amara Osei</mark>' in page
    assert page.count("data:image/jpeg;base64,") == 1


@pytest.mark.slow
def test_a_picture_sent_again_is_read_once_linked_and_one_text_spreads(
    tmp_path: Path, slate: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[bytes] = []
    look = stage.examine_picture

    def listen(raw: bytes, *, reader: stage.Reader | None) -> stage.Examined:
        looked.append(raw)
        return look(raw, reader=reader)

    monkeypatch.setattr(stage, "examine_picture", listen)
    again = (f"13/03/2026, 19:30 - Ben Adeyemi: {SECOND} (file attached)",)
    path = export(tmp_path / "in", {FIRST: slate}, lines=again)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(SECOND, slate)
    tables = run(path, tmp_path / "out")
    assert len(looked) == 1
    assert tables["picture_links"].select("relation", "distance").rows() == [("same_file", 0)]
    assert tables["families"]["family_id"].n_unique() == 1
    assert tables["shares"]["person_id"].n_unique() == 2


@pytest.mark.slow
def test_bad_files_are_listed_with_their_reason_and_the_rest_is_read(tmp_path: Path, slate: bytes) -> None:
    files = {
        FIRST: slate,
        "IMG-20260301-WA0003.png": png(30_000, 30_000, rows=1),
        "IMG-20260301-WA0004.jpg": slate[: len(slate) // 2],
        "IMG-20260301-WA0005.jpg": b"",
        "IMG-20260301-WA0006.jpg": b"\0" * 12_000_000,
        "IMG-20260301-WA0007.jpg": b"words",
        "DOC-20260301-WA0008.pdf": b"%PDF-1.7",
        "STK-20260301-WA0009.bin": slate + b"\0",
    }
    tables = run(export(tmp_path / "in", files), tmp_path / "out")
    found = {row["file"]: row["reason"] or row["status"] for row in tables["pictures"].to_dicts()}
    assert found == {
        FIRST: "read",
        "IMG-20260301-WA0003.png": "over the limit of pixels; it may be a decompression bomb",
        "IMG-20260301-WA0004.jpg": "damaged: it cannot be decoded",
        "IMG-20260301-WA0005.jpg": "the file is empty",
        "IMG-20260301-WA0006.jpg": "it unpacks to more than 200 times its size",
        "IMG-20260301-WA0007.jpg": "not a picture of a kind that is read (JPEG, PNG, WebP, GIF)",
        "STK-20260301-WA0009.bin": "read",
    }
    told = json.loads((tmp_path / "out" / "run.json").read_text(encoding="utf-8"))
    assert told["pictures"] | {"reader": "", "languages": []} == {
        "chosen": "all", "reader": "", "languages": [], "n_media": 8, "n_pictures": 7, "n_distinct": 6, "n_read": 2,
        "n_no_text": 0, "n_not_read": 5,
    }  # fmt: skip
    assert "Pictures whose words were not read: 1 (the file is empty)." in told["warnings"]


def test_without_the_reader_the_run_says_that_pictures_were_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stage, "find_reader", lambda: None)
    outcome = analyse([export(tmp_path / "in", {FIRST: jpeg(draw(text=SLATE))})], out=tmp_path / "out")
    (picture,) = outcome.tables["pictures"].to_dicts()
    assert picture["status"] == "not_read"
    assert len(picture["perceptual_hash"]) == 64
    assert any("Tesseract is not installed" in warning and "Install" in warning for warning in outcome.warnings)
    assert outcome.tables["labels"].is_empty()


def test_with_pictures_none_no_picture_is_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stage, "examine_picture", lambda *_, **__: pytest.fail("a picture was opened"))
    path = export(tmp_path / "in", {FIRST: jpeg(clouds().convert("RGB"))})
    outcome = analyse([path], out=tmp_path / "out", settings=Settings(pictures="none"))
    assert outcome.tables["pictures"].is_empty()
    assert not any(warning.startswith("Pictures") for warning in outcome.warnings)
    assumed = json.loads((tmp_path / "out" / "run.json").read_text(encoding="utf-8"))["assumptions"]
    assert any("were not opened" in line for line in assumed)


def test_another_choice_of_pictures_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    ended = commandline.run("analyse", tmp_path, "--out", tmp_path / "out", "--pictures", "some")
    assert ended.returncode == 2
    assert b"Use all or none." in ended.stderr


@pytest.mark.slow
def test_the_picture_of_one_phone_counts_for_the_copy_of_another(tmp_path: Path, slate: bytes) -> None:
    path = export(tmp_path / "in" / "ada", {FIRST: slate}, lines=("13/03/2026, 19:30 - Ada Byrne: see you on Friday",))
    with zipfile.ZipFile(path) as archive:
        text = archive.read("WhatsApp Chat with Choir.txt").decode()
    other = tmp_path / "in" / "ben" / "WhatsApp Chat with Choir.txt"
    other.parent.mkdir()
    other.write_bytes(text.replace(f"{FIRST} (file attached)", "<Media omitted>").encode())
    tables = run(tmp_path / "in", tmp_path / "out")
    flagged = tables["labels"].filter(pl.col("label") == "slate_instruction", pl.col("decision") == "flag")
    copies = tables["messages"].filter(pl.col("kind") == "media")
    assert copies["canonical_id"].n_unique() == 1
    assert set(flagged["message_id"]) == set(copies["message_id"])


def test_words_of_pictures_stand_behind_a_message_s_own_only_where_there_are_some() -> None:
    messages = Messages(
        pl.DataFrame({"message_id": [1, 2, 3], "canonical_id": [1, 2, 3], "text": ["hello", None, None]})
    )
    read = Pictures(pl.DataFrame({"message_id": [1, 2], "text": ["vote", "choose"]}))
    assert add_picture_texts(messages, read).lazy().collect()["text"].to_list() == ["hello\nvote", "choose", None]


@pytest.mark.slow
def test_equal_bytes_give_equal_tables(tmp_path: Path, slate: bytes) -> None:
    path = export(tmp_path / "in", {FIRST: slate, SECOND: jpeg(clouds().convert("RGB"))})
    one, other = (run(path, tmp_path / name) for name in ("one", "other"))
    assert one["pictures"].equals(other["pictures"])
    assert one["picture_links"].equals(other["picture_links"])
    written = [(tmp_path / name / "tables" / "pictures.parquet").read_bytes() for name in ("one", "other")]
    assert pl.read_parquet(io.BytesIO(written[0])).equals(pl.read_parquet(io.BytesIO(written[1])))
