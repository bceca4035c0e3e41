"""The page's own scripts and styles, in the order in which they run, and the hashes that the page allows them by."""

import base64
import hashlib
from functools import cache
from importlib import resources

VENDOR = "vendor/d3-subset.min.js"
FIRST = ("core", "source", "words", "drawer", "ticks", "twin", "plane", "planenames", "planepaint")
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
    """Return all scripts of the page as one."""
    return f"{read_vendored()}\n{read_views()}"


@cache
def read_vendored() -> str:
    """Return the script of others that the views draw with."""
    return _read(VENDOR)


@cache
def read_views() -> str:
    """Return our own scripts as one function: what one file names, no other script of the page can reach."""
    own = "\n".join(_read(f"explorer/{name}.js") for name in (*FIRST, *VIEWS, *LAST))
    return f'(() => {{\n"use strict";\n{own}\n}})();\n'


@cache
def read_style() -> str:
    """Return the style sheet of the report and those of the views."""
    return f"{_read('report.css')}\n{read_views_style()}"


@cache
def read_views_style() -> str:
    """Return the style sheets of the views alone, for a page that has the look of the report already."""
    folder = resources.files("chatforensics.report").joinpath("assets", "explorer")
    sheets = sorted(file.name for file in folder.iterdir() if file.name.endswith(".css"))
    return "\n".join(_read(f"explorer/{name}") for name in sheets)


def hash_of(content: str) -> str:
    """Return the hash by which a Content-Security-Policy allows an inline script or style."""
    return "sha256-" + base64.b64encode(hashlib.sha256(content.encode()).digest()).decode("ascii")


def _read(name: str) -> str:
    return resources.files("chatforensics.report").joinpath("assets", *name.split("/")).read_text(encoding="utf-8")
