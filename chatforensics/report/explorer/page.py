"""The page's own scripts and styles, in the order in which they run, and the hashes that the page allows them by."""

import base64
import hashlib
from functools import cache
from importlib import resources

VENDOR = "vendor/d3-subset.min.js"
FIRST = ("core", "words", "drawer", "twin", "plane", "planenames", "planepaint")
VIEWS = (
    "graph",
    "graphmodel",
    "eventdays",
    "cascade",
    "cascadeplan",
    "cascadedrawing",
    "differences",
    "wordings",
    "timeline",
    "brush",
    "hours",
    "cosending",
    "corroboration",
    "comparing",
    "reader",
    "readerlist",
)
LAST = ("start",)


@cache
def read_script() -> str:
    """Return all scripts as one function: what one file names, no other script of the page can reach."""
    own = "\n".join(_read(f"explorer/{name}.js") for name in (*FIRST, *VIEWS, *LAST))
    return f'{_read(VENDOR)}\n(() => {{\n"use strict";\n{own}\n}})();\n'


@cache
def read_style() -> str:
    """Return the style sheet of the report and those of the views."""
    folder = resources.files("chatforensics.report").joinpath("assets", "explorer")
    sheets = sorted(file.name for file in folder.iterdir() if file.name.endswith(".css"))
    return "\n".join([_read("report.css"), *(_read(f"explorer/{name}") for name in sheets)])


def hash_of(content: str) -> str:
    """Return the hash by which a Content-Security-Policy allows an inline script or style."""
    return "sha256-" + base64.b64encode(hashlib.sha256(content.encode()).digest()).decode("ascii")


def _read(name: str) -> str:
    return resources.files("chatforensics.report").joinpath("assets", *name.split("/")).read_text(encoding="utf-8")
