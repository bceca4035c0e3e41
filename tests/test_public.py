"""The public names: sorted, documented, annotated, loaded on first use."""

import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import chatforensics


def test_public_names_are_sorted_and_all_there() -> None:
    assert sorted(chatforensics.__all__) == chatforensics.__all__
    assert set(chatforensics.__all__) < set(dir(chatforensics))
    assert all(getattr(chatforensics, name) is not None for name in chatforensics.__all__)


@pytest.mark.parametrize("name", chatforensics.__all__)
def test_every_public_name_is_documented_and_annotated(name: str) -> None:
    thing = getattr(chatforensics, name)
    assert (thing.__doc__ or "").strip().endswith((".", "`.")) or "\n" in (thing.__doc__ or "")
    if inspect.isfunction(thing):
        signature = inspect.signature(thing)
        assert signature.return_annotation is not inspect.Signature.empty
        assert all(p.annotation is not inspect.Parameter.empty for p in signature.parameters.values())


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="nonsense"):
        _ = chatforensics.nonsense


def test_importing_the_package_loads_nothing_heavy() -> None:
    code = "import sys, chatforensics; print([m for m in ('polars', 'numpy', 'matplotlib') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stdout.strip() == "[]"


def test_no_file_names_a_registry_host_or_a_machine_path() -> None:
    top = Path(chatforensics.__file__).parents[1]
    listed = subprocess.run(["git", "ls-files"], cwd=top, capture_output=True, check=False, text=True).stdout.split(
        "\n"
    )
    texts = [
        top / name
        for name in listed
        if name.endswith((".py", ".toml", ".txt", ".md", ".j2", ".css", "Makefile", "run"))
    ]
    if not texts:
        pytest.skip("not a git checkout")
    words = ["pypi" + ".org", "/wo" + "rk/", "/ro" + "ot/"]
    found = [
        path for path in texts if path.exists() and any(word in path.read_text(encoding="utf-8") for word in words)
    ]
    assert found == []
