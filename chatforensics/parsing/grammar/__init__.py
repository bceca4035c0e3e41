"""The grammar's data: words and wordings as phones print them, one TOML file each."""

import tomllib
from importlib import resources
from typing import Any

# Invisible marks that phones put around names and before what was not typed.
MARKS = "\u200e\u200f\u202a\u202c\u2068\u2069"


def load_grammar(name: str) -> dict[str, Any]:
    """Load one file of the grammar."""
    source = resources.files("chatforensics.parsing") / "grammar" / f"{name}.toml"
    return tomllib.loads(source.read_text(encoding="utf-8"))


def bare(text: str) -> str:
    """Return the text without marks, spaces and line breaks at its ends."""
    return text.strip(MARKS + " \r\n")
