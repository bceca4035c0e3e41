"""The bundled scripts are those that the README names, and hold nothing that the page's policy forbids."""

import json
import re
from hashlib import sha256
from pathlib import Path

import pytest

import chatforensics.report

VENDOR = Path(chatforensics.report.__file__).parent / "assets" / "vendor"
LOCK = Path(__file__).parents[2] / "scripts" / "vendor" / "package-lock.json"
BUNDLE = (VENDOR / "d3-subset.min.js").read_text("utf-8")
README = (VENDOR / "README.md").read_text("utf-8")


@pytest.mark.parametrize("name", ["d3-subset.min.js", "LICENSE.d3"])
def test_the_file_has_the_hash_that_the_readme_states(name: str) -> None:
    stated = re.search(rf"\| `{re.escape(name)}` \| ([0-9a-f]{{64}}) \|", README)
    assert stated
    assert stated[1] == sha256((VENDOR / name).read_bytes()).hexdigest()


def test_the_bundle_readme_licences_and_lock_file_name_the_same_versions() -> None:
    packages = json.loads(LOCK.read_text("utf-8"))["packages"]
    locked = {Path(path).name: entry["version"] for path, entry in packages.items() if Path(path).name[:3] == "d3-"}
    licences = (VENDOR / "LICENSE.d3").read_text("utf-8")
    assert len(locked) == 10
    assert dict(re.findall(r"(d3-\w+) ([\d.]+\d)", BUNDLE.partition("\n")[0])) == locked
    assert dict(re.findall(r"^\| (d3-\w+) \| ([\d.]+) \|", README, re.MULTILINE)) == locked
    assert dict(re.findall(r"^(d3-\w+) ([\d.]+)$", licences, re.MULTILINE)) == locked


def test_every_package_of_the_lock_file_is_pinned_by_its_hash_and_by_no_address() -> None:
    lock = LOCK.read_text("utf-8")
    packages = json.loads(lock)["packages"]
    assert all(entry["integrity"].startswith("sha512-") for path, entry in packages.items() if path)
    assert "://" not in lock


@pytest.mark.parametrize("word", ["eval(", "Function(", "fetch(", "XMLHttpRequest", "Worker(", "import(", "</", "<!--"])
def test_the_bundle_holds_nothing_that_the_policy_forbids(word: str) -> None:
    assert word not in BUNDLE


def test_the_only_addresses_in_the_bundle_are_names_of_xml_namespaces() -> None:
    assert all(address.startswith("http://www.w3.org/") for address in re.findall(r"\w+://[^\"'`]*", BUNDLE))
