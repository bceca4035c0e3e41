"""WhatsApp's own wordings in many languages are typed; ordinary messages never are."""

import csv
import gzip
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from chatforensics.intake import chat_from_bytes
from chatforensics.parsing import parse_export

pytestmark = pytest.mark.acceptance
ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT.parent / "shared" / "acceptance"
if not (FOLDER / "notices").is_dir():
    pytest.skip("wordings and ordinary messages are not beside this project", allow_module_level=True)


def ordinary_messages() -> list[str]:
    with gzip.open(FOLDER / "background" / "sms_spam.tsv.gz", "rt", encoding="utf-8") as sms:
        english = [line.rstrip("\n").split("\t")[-1] for line in sms]
    with gzip.open(FOLDER / "background" / "roman_urdu.csv.gz", "rt", encoding="utf-8", newline="") as urdu:
        others = [row[0] for row in csv.reader(urdu) if row]
    return [text.replace("\r", " ").replace("\n", " ") for text in (english + others)[:12_000] if text.strip()]


@pytest.mark.parametrize("form", ["13/03/2024, 08:30 - {}: {}\n", "[13/03/2024, 08:30:05] {}: {}\r\n"])
def test_no_ordinary_message_becomes_an_event(form: str) -> None:
    texts = ordinary_messages()
    assert len(texts) > 10_000
    names = ("Ama Boateng", "Wei Chen", "Zoë")
    content = "".join(form.format(names[place % 3], text) for place, text in enumerate(texts))
    parsed = parse_export(chat_from_bytes(content.encode(), name="chat.txt"))
    assert parsed.events.is_empty()
    assert parsed.messages["kind"].unique().to_list() == ["text"]
    assert parsed.messages.height == len(texts)


def recall_benchmark() -> ModuleType:
    spec = importlib.util.spec_from_file_location("notice_recall", ROOT / "benchmarks" / "notice_recall.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["notice_recall"] = module
    spec.loader.exec_module(module)
    return module


def test_wordings_of_the_core_events_are_typed_in_nearly_all_languages() -> None:
    recall = recall_benchmark()
    sightings = [x for x in recall.read_sightings(FOLDER / "notices" / "notices.tsv.gz") if x.event in recall.CORE]
    right = 0
    for language in {sighting.language for sighting in sightings}:
        some = [sighting for sighting in sightings if sighting.language == language]
        right += sum(got in one.want for one, got in zip(some, recall.read_all(some), strict=True))
    assert len(sightings) > 2000
    assert right >= 0.95 * len(sightings)
