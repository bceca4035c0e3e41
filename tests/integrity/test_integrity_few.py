"""Short exports are looked at in a quicker way; it tells the same as the way for long ones."""

from pathlib import Path

import pytest
from integrity.chats import android, iphone
from integrity.received import evidence_from, evidence_of

from chatforensics.intake import ExportFile, find_exports, read_export
from chatforensics.integrity import check_export, evidence, prints, telling
from chatforensics.parsing import parse_export, quicksearch, records
from chatforensics.schema import Indicators

PHONES = Path(__file__).resolve().parents[2] / "exports" / "phones"
EXPORTS = find_exports([PHONES])
ODD = (
    android(("Ama", "a\tb “c” e\u0301"), (None, "Ama added Ben"), ("Ben", "Ã©"), ("Ama", "same long text of mine")),
    android(*[("Ama", "the very same long text"), ("Ben", "and an answer that is long"), ("Ama", "ok")] * 2),
    iphone(
        ("Ama", "\u200eimage omitted"), ("Ama", "image omitted"), ("B\u0430n", "x\r\ny"), ("Ban", "<Media omitted>")
    ),
    android(("Ama", "hi"), ("Ama", "\u200ewhat"), (None, 'You created group "x"')) + b"\xff\r\n",
)


@pytest.fixture
def _as_if_long(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (evidence, prints, telling, quicksearch):
        monkeypatch.setattr(module, "_FEW", -1)
    monkeypatch.setattr(evidence, "_SHORT_BYTES", -1)
    monkeypatch.setattr(records, "FEW", -1)


@pytest.fixture(scope="module")
def seen() -> list[Indicators]:
    """Return what is observed of every export in the quick way."""
    return [_look(one) for one in range(len(EXPORTS) + len(ODD))]


def _look(one: int) -> Indicators:
    if one < len(EXPORTS):
        return check_export(evidence_of(read_export(EXPORTS[one]), zone="Europe/London"))
    return check_export(evidence_from(ODD[one - len(EXPORTS)], zone="Europe/London"))


@pytest.mark.usefixtures("_as_if_long")
@pytest.mark.parametrize("one", range(len(EXPORTS) + len(ODD)))
def test_a_short_export_is_observed_as_a_long_one_is(seen: list[Indicators], one: int) -> None:
    assert _look(one).equals(seen[one])


def test_notices_have_the_same_columns_where_there_are_none() -> None:
    told = (evidence_from(android(("Ama", "hi"), *more)).notices for more in ((), ((None, "Ama added Ben"),)))
    none, one = told
    assert (none.height, one.height) == (0, 1)
    assert none.schema == one.schema


@pytest.mark.parametrize("export", EXPORTS, ids=lambda export: export.path.name)
def test_a_short_export_is_parsed_as_a_long_one_is(export: ExportFile, request: pytest.FixtureRequest) -> None:
    chat = read_export(export)
    quick = vars(parse_export(chat))
    request.getfixturevalue("_as_if_long")
    slow = vars(parse_export(chat))
    assert [name for name in quick if not quick[name].equals(slow[name])] == []
