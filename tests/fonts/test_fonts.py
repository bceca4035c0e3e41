"""The bundled fonts are those that their README names, and can be told from any other copy."""

import hashlib
import re
import tomllib
from pathlib import Path

from fontTools.ttLib import TTFont

from chatforensics import fonts

STATED = re.compile(
    r"\| `(?P<name>\S+\.ttf)` \| .* \| (?P<version>[\d.]+) \| (?P<size>[\d,]+) \| `(?P<sha256>\w{64})` \|"
)


def stated() -> dict[str, re.Match[str]]:
    readme = (fonts.FOLDER / "README.md").read_text(encoding="utf-8")
    return {found["name"]: found for found in STATED.finditer(readme)}


def test_every_font_has_the_bytes_that_the_readme_states() -> None:
    found = {path.name: path.read_bytes() for path in fonts.font_files()}
    assert found.keys() == stated().keys()
    for name, row in stated().items():
        assert len(found[name]) == int(row["size"].replace(",", ""))
        assert hashlib.sha256(found[name]).hexdigest() == row["sha256"]


def test_every_font_is_free_and_of_the_version_stated() -> None:
    for path in fonts.font_files():
        with TTFont(path, lazy=True) as font:
            names = font["name"]
            assert "openfontlicense" in names.getDebugName(14) or "OFL" in names.getDebugName(14)
            assert stated()[path.name]["version"] in names.getDebugName(5)


def test_the_fonts_take_less_than_four_megabytes() -> None:
    assert sum(path.stat().st_size for path in fonts.font_files()) < 4_000_000


def test_the_licence_travels_with_the_fonts() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert "OFL-1.1" in project["license"].split(" AND ")
    assert "chatforensics/fonts/OFL.txt" in project["license-files"]
    assert "SIL OPEN FONT LICENSE Version 1.1" in (fonts.FOLDER / "OFL.txt").read_text(encoding="utf-8")
