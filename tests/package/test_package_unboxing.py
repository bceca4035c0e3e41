"""Names in a stranger's zip: each is given one place below the folder, or the whole is refused."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatforensics.errors import UnreadableExport
from chatforensics.package.unboxing import place_names


def test_names_that_differ_in_accents_or_capitals_alone_are_two_files_of_one_name() -> None:
    for one, two in (("Zo\u00eb", "Zoe\u0308"), ("A", "a"), ("Stra\u00dfe", "STRASSE"), ("a/b", "a\\b")):
        with pytest.raises(UnreadableExport, match="two files"):
            place_names([one, two], box="b.zip")


@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=12), max_size=5))
@settings(max_examples=60, deadline=None)
def test_whatever_its_names_are_nothing_lands_outside_of_the_folder(names: list[str]) -> None:
    try:
        places = place_names(names, box="b.zip")
    except UnreadableExport:
        return
    for place in filter(None, places):
        assert Path("/box").joinpath(place).resolve().is_relative_to("/box")
        assert not place.endswith("/")
