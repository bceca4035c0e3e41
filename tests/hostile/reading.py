"""The package's own code, read as code: what it imports and what it calls."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import chatforensics

PACKAGE = Path(chatforensics.__file__).parent
ROOT = PACKAGE.parent


@cache
def modules() -> dict[str, ast.Module]:
    """Return every module of the package by its path from the package's folder."""
    paths = sorted(PACKAGE.rglob("*.py"))
    return {path.relative_to(PACKAGE).as_posix(): ast.parse(path.read_text(encoding="utf-8")) for path in paths}


@cache
def _nodes() -> list[tuple[str, ast.AST]]:
    wanted = (ast.Import, ast.ImportFrom, ast.Call)
    return [(module, node) for module, tree in modules().items() for node in ast.walk(tree) if isinstance(node, wanted)]


def imports() -> Iterator[tuple[str, str]]:
    """Yield each module with the full name of each thing that it imports, wherever in it that stands."""
    for module, node in _nodes():
        if isinstance(node, ast.Import):
            yield from ((module, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield from ((module, f"{node.module}.{alias.name}") for alias in node.names)


def importers(*names: str) -> dict[str, set[str]]:
    """Return which modules import a name, or something below it, and what."""
    found: dict[str, set[str]] = {}
    for module, imported in imports():
        if any(imported == name or imported.startswith(f"{name}.") for name in names):
            found.setdefault(module, set()).add(imported)
    return found


def calls(*names: str) -> Iterator[tuple[str, ast.Call]]:
    """Yield each call of a function of such a name, with the module it stands in."""
    for module, node in _nodes():
        if isinstance(node, ast.Call):
            called = node.func
            name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", None)
            if name in names:
                yield module, node
