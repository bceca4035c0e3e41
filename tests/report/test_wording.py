"""No verdict, no accusation, no claim of certainty stands in anything that is printed or documented.

The words are in `wording.toml`, with the reason for each and for each place where one may stand.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from wording import (
    ROOT,
    Rules,
    find_refused,
    read_document,
    read_python,
    read_rules,
    read_script,
    read_template,
    read_typst,
)

from chatforensics.report.words import LIMITS

PACKAGE = ROOT / "chatforensics"
Reader = Callable[[str], list[str]]
# What these hold is no sentence of ours: the words that messages use, and other people's programs.
NOT_OURS = ("labelling/directives.py", "report/assets/vendor")
KINDS: list[tuple[str, Path, str, Reader]] = [
    ("templates", PACKAGE, "**/*.j2", read_template),
    ("page scripts", PACKAGE, "**/*.js", read_script),
    ("typst", PACKAGE, "**/*.typ", read_typst),
    ("modules", PACKAGE, "**/*.py", read_python),
    ("documents", ROOT / "docs", "**/*.md", read_document),
    ("front pages", ROOT, "*.md", read_document),
]


@pytest.fixture(scope="module")
def rules() -> Rules:
    return read_rules()


def _files(folder: Path, pattern: str) -> Iterator[Path]:
    for path in sorted(folder.glob(pattern)):
        if not any(part in path.as_posix() for part in NOT_OURS):
            yield path


@pytest.mark.parametrize(("folder", "pattern", "read"), [kind[1:] for kind in KINDS], ids=[kind[0] for kind in KINDS])
def test_no_refused_word_stands_where_no_reason_allows_it(
    folder: Path, pattern: str, read: Reader, rules: Rules
) -> None:
    found = [
        f"{path.relative_to(ROOT)}: “{bad.word}” in “{bad.around}”: {bad.why}"
        for path in _files(folder, pattern)
        for text in read(path.read_text(encoding="utf-8"))
        for bad in find_refused(text, rules, where=path.relative_to(ROOT).as_posix())
        if bad.allowed is None
    ]
    assert not found, "\n".join(found)


def test_every_allowed_phrase_still_stands_somewhere(rules: Rules) -> None:
    texts = [
        " ".join(text.split())
        for _, folder, pattern, read in KINDS
        for path in _files(folder, pattern)
        for text in read(path.read_text(encoding="utf-8"))
    ]
    idle = [entry.phrase.pattern for entry in rules.allowed if not any(map(entry.phrase.search, texts))]
    assert idle == []


@pytest.mark.parametrize(
    "sentence",
    [
        "This proves that the ringleader sent it.",
        "The export is authentic.",
        "The files are clean.",
        "Proof of a conspiracy",
        "the originator of the text",
        "Two suspects sent it; the suspect was first.",
        "They vote as a bloc.",
        "The list of messages is COMPLETE.",
        "The result is always right, certainly",
        "This output is compliant with the Code",
        "a rigged selection",
    ],
)
def test_a_bad_sentence_is_refused_wherever_it_stands(sentence: str, rules: Rules) -> None:
    places = [
        read_template(f'{{# no word of ours #}}<p class="x">{sentence}</p>'),
        read_template(f'<button aria-label="{sentence}">{{{{ name }}}}</button>'),
        read_template(f'{{{{ tell("{sentence}") }}}}'),
        read_script(f'show("{sentence}");'),
        read_typst(f'#tell("{sentence}")'),
        read_typst(f"#block[{sentence}]"),
        read_python(f'WORDS = f"{{n}} {sentence}"'),
        read_document(f"# Title\n\n{sentence}\n"),
    ]
    for texts in places:
        assert any(find_refused(text, rules) for text in texts), texts


@pytest.mark.parametrize(
    "sentence",
    [
        "It improves the reading of a cleaner, reproved, provenance-aware completion rate.",
        "If you suspect a mistake, read the messages.",
        "the label bloc_appeal",
    ],
)
def test_words_that_only_look_like_a_refused_one_are_let_through(sentence: str, rules: Rules) -> None:
    assert find_refused(sentence, rules) == []


def test_a_name_in_code_is_no_sentence(rules: Rules) -> None:
    assert read_python('x = row["complete"]') == []
    assert read_document("the column `complete`") == ["the column  "]
    assert read_template("{# proof #}")[0].strip() == ""
    assert find_refused("bloc_appeal", rules) == []


def test_an_allowed_phrase_lets_only_its_own_words_through(rules: Rules) -> None:
    found = find_refused("None of them shows that an export is genuine or forged, and it is genuine.", rules)
    assert [(bad.word, bad.allowed is not None) for bad in found] == [
        ("genuine", True),
        ("forged", True),
        ("genuine", False),
    ]


def test_a_phrase_that_is_allowed_in_one_place_is_refused_elsewhere(rules: Rules) -> None:
    (here,) = find_refused("the first is always taken", rules, where="docs/decisions/0001-x.md")
    (there,) = find_refused("the first is always taken", rules, where="docs/guide.md")
    assert (here.allowed is None, there.allowed is None) == (False, True)


def test_each_limit_speaks_in_both_directions() -> None:
    for subject, one, other in LIMITS:
        assert str(one).startswith("does not show "), subject
        assert str(other).startswith("nor "), subject
    subjects = [str(subject) for subject, *_ in LIMITS]
    assert len(set(subjects)) == len(subjects)


def test_the_measured_rates_in_the_limits_are_those_of_the_model_card_and_the_benchmarks() -> None:
    said = {str(subject): f"{one} {other}" for subject, one, other in LIMITS}
    card = (ROOT / "docs/model-card.md").read_text(encoding="utf-8")
    whole = re.search(r"\| all \| (\d+) \| (\d+) \| \.(\d+) \| \.(\d+) \|", card)
    assert whole is not None
    texts, true, precision, recall = whole.groups()
    for words in (
        f"{texts} public texts",
        f"{true} of them instructions",
        f"{precision} of 100 flags",
        f"{recall} of 100",
    ):
        assert words in said["Labels"]
    towns = (ROOT / "docs/benchmarks.md").read_text(encoding="utf-8")
    rates = [re.search(rf"\| {row}[^|]*\|(.*)", towns) for row in ("precision / recall", "pairs: precision / recall")]
    links, pairs = ([cell.strip().split(" / ") for cell in row[1].split("|")[2:4]] if row else [] for row in rates)
    sure, found = (sorted(float(cell[place]) for cell in links) for place in (0, 1))
    assert f"{100 * sure[0]:.0f} to {100 * sure[1]:.0f} of 100 named sources" in said["Passing on"]
    assert f"{100 * found[0]:.0f} to {100 * found[1]:.0f} of 100 true sources" in said["Passing on"]
    power = sorted(float(cell[1]) for cell in pairs)
    assert f"{100 * power[0]:.0f} to {100 * power[1]:.0f} of 100 clear pairs" in said["Pairs and clusters"]
