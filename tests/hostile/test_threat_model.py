"""The threat model names tests that exist, and one for each threat."""

import re

from hostile.reading import ROOT

PAGE = (ROOT / "docs" / "threat-model.md").read_text(encoding="utf-8")


def test_each_test_that_is_named_exists_and_each_threat_names_one() -> None:
    written = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    defined = set(re.findall(r"^def (test_\w+)", written, re.MULTILINE))
    named = set(re.findall(r"`(test_\w+)`", PAGE))
    assert named - defined == set()
    rows = {row.split("|")[1].strip(): row for row in PAGE.splitlines() if row.startswith("| H-")}
    assert [*rows] == [f"H-{number}" for number in range(23, 41)]
    assert all("`test_" in row for row in rows.values())


def test_each_file_that_is_named_exists() -> None:
    for path in re.findall(r"`((?:tests|chatforensics|\.ci)/[\w./]+)`", PAGE):
        assert (ROOT / path).exists(), path
