"""Errors say what, where and what now, and can be caught as the builtins that they are."""

import inspect

import pytest

from chatforensics import errors


def test_the_hint_is_printed_behind_the_message() -> None:
    assert str(errors.UsageError("--tz: 'X' is no zone.", hint="Use Europe/London.")) == (
        "--tz: 'X' is no zone. Use Europe/London."
    )
    assert str(errors.CaseError("locked")) == "locked"


@pytest.mark.parametrize(
    ("error", "builtin"),
    [
        (errors.UnreadableExport, OSError),
        (errors.UnknownExportFormat, ValueError),
        (errors.AmbiguousDates, ValueError),
        (errors.SchemaError, TypeError),
        (errors.PrecisionError, ValueError),
        (errors.UsageError, ValueError),
        (errors.MissingDependency, ImportError),
    ],
)
def test_errors_are_also_builtins(error: type[Exception], builtin: type[Exception]) -> None:
    with pytest.raises(builtin):
        raise error("x")


def test_the_tree_in_the_docstring_names_every_error() -> None:
    named = {name for name, value in vars(errors).items() if inspect.isclass(value)}
    assert all(name in (errors.__doc__ or "") for name in named)
