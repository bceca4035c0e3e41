"""What the package's code may not hold: numbers are those of docs/threat-model.md."""

import ast
import hashlib
import re
import sys
import tomllib
from importlib.metadata import packages_distributions

import pytest
from hostile.reading import PACKAGE, ROOT, calls, importers, imports, modules

pytestmark = pytest.mark.slow  # the whole package is read, some seconds long
NETWORK = (
    "aiohttp", "asyncio", "ftplib", "http", "httpx", "imaplib", "nntplib", "poplib", "requests", "smtplib", "socket",
    "socketserver", "ssl", "telnetlib", "urllib", "urllib3", "webbrowser", "wsgiref", "xmlrpc",
)  # fmt: skip
# The one place: a pair of sockets within this machine, between the program and the process that opens zips.
SOCKETPAIR = {"intake/frames.py", "intake/unpacker.py", "intake/unpacking.py"}
# The local page: it listens here, opens the browser of this machine, and waits for its own processes and for files.
LISTENS = "web/server.py"
PAGE = {
    "cli/serve.py": {"webbrowser"},
    "web/desk.py": {"asyncio"},
    "web/jobs.py": {"asyncio"},
    "web/server.py": {"asyncio"},
    "web/uploads.py": {"asyncio"},
}
ONLY_WORDS = "urllib.parse"  # it takes addresses to pieces and asks for none
# The process on limits starts decoders; the one that opens zips starts itself, as do those that read many exports.
STARTS_PROGRAMS = {"engine.py", "intake/unpacking.py", "pictures/limits.py"}
CODE_IN_DATA = (
    "pickle",
    "cPickle",
    "dill",
    "cloudpickle",
    "joblib",
    "shelve",
    "marshal",
    "torch",
    "skops",
    "jsonpickle",
)
LANGUAGE_MODELS = ("anthropic", "openai", "transformers", "llama_cpp", "langchain", "ollama", "mistralai", "litellm")
READS_XML = ("xml", "lxml", "defusedxml", "xmltodict", "bs4", "html5lib", "pyexpat", "untangle")
PRINTERS = {"report/pdf/__init__.py"}
# Packages whose names invite a mistake: another project than one would think.
SQUATTED = {"rsmf", "minisign", "age", "python-age", "bagit-py", "whatsapp", "sklearn", "pypdfium", "py-rage"}

project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
pins = {line: re.fullmatch(r"([\w.-]+)==[\w.+!-]+(?: ; .+)?", line) for line in lines if line and line[0] not in "# "}
pinned = {found[1].lower() for found in pins.values() if found}


def name_of(requirement: str) -> str:
    return re.split(r"[\s<>=!~;\[]", requirement, maxsplit=1)[0].lower()


def list_calls(*names: str) -> list[tuple[str, str]]:
    return [(module, ast.unparse(call)) for module, call in calls(*names)]


def test_nothing_reaches_for_a_network() -> None:
    found = {
        module: {name for name in names if not name.startswith(ONLY_WORDS)}
        for module, names in importers(*NETWORK).items()
    }
    assert {module: names - {"socket"} for module, names in found.items() if names - {"socket"}} == PAGE
    assert {module for module, names in found.items() if "socket" in names} == SOCKETPAIR | {LISTENS}
    made = {(module, ast.unparse(call.func)) for module, call in calls("socket", "socketpair", "create_connection")}
    assert made == {
        ("intake/unpacking.py", "socket.socketpair"),
        ("intake/unpacker.py", "socket.socket"),
        (LISTENS, "socket.socket"),
    }
    handed = [call for module, call in calls("socket") if module != LISTENS]
    assert all([word.arg for word in call.keywords] == ["fileno"] for call in handed), "handed over, never a new one"
    assert not list_calls("connect_ex", "open_connection", "urlopen", "getaddrinfo")


def test_the_page_listens_on_this_machines_own_address_and_nowhere_else() -> None:
    from chatforensics.web import server

    assert server.ADDRESS == "127.0.0.1"
    assert list_calls("bind") == [(LISTENS, "listening.bind((ADDRESS, port))")]
    assert not list_calls("listen", "create_server", "start_server", "start_unix_server")


def test_programs_are_started_in_few_places_and_never_by_a_shell() -> None:
    assert set(importers("subprocess", "multiprocessing", "pty", "os.system")) == STARTS_PROGRAMS
    assert not list_calls("system", "popen", "getoutput", "spawnl", "spawnv", "create_subprocess_shell")
    assert {module for module, _ in calls("create_subprocess_exec")} == {"web/jobs.py"}  # this program itself
    words = [word.arg for module, call in calls("Popen", "run") if module in STARTS_PROGRAMS for word in call.keywords]
    assert "shell" not in words


def test_h31_nothing_is_read_that_can_hold_code() -> None:
    assert importers(*CODE_IN_DATA) == {}
    runs = calls("eval", "exec", "compile", "deserialize", "read_pickle", "__import__")
    assert not [module for module, call in runs if isinstance(call.func, ast.Name) or call.func.attr[0] in "dr_"]  # type: ignore[attr-defined]
    loads = [call for _, call in calls("load") if ast.unparse(call.func) in ("np.load", "numpy.load")]
    assert loads
    for call in loads:
        assert {word.arg: ast.unparse(word.value) for word in call.keywords}["allow_pickle"] == "False"


def test_h31_the_model_is_numbers_whose_hash_is_stated_and_checked() -> None:
    import json

    folder = PACKAGE / "labelling"
    stated = json.loads((folder / "model.json").read_bytes())
    assert stated["arrays_sha256"] == hashlib.sha256((folder / "model.npz").read_bytes()).hexdigest()
    kinds = {path.suffix for path in PACKAGE.rglob("*") if path.is_file()}
    assert not kinds & {".pkl", ".pickle", ".joblib", ".pt", ".pth", ".bin", ".h5", ".onnx", ".so"}


def test_h33_no_xml_of_a_stranger_is_read() -> None:
    found = importers(*READS_XML)
    assert {name for names in found.values() for name in names} <= {
        "xml.sax.saxutils.quoteattr",
        "xml.sax.saxutils.escape",
    }
    assert not [module for module, _ in calls("read_graphml", "read_gexf", "read_gml", "read_xml", "fromstring")]


def test_h36_no_language_model_reads_what_strangers_wrote() -> None:
    assert importers(*LANGUAGE_MODELS) == {}
    assert not {name_of(each) for each in project["dependencies"]} & set(LANGUAGE_MODELS)


def test_h27_the_printer_of_pages_gets_a_root_wherever_it_is_called_and_loads_no_packages() -> None:
    assert set(importers("typst")) == PRINTERS
    for module in PRINTERS:
        (used,) = [call for where, call in calls("set_pages") if where == module]
        assert "_FOLDER" in {ast.unparse(word.value) for word in used.keywords if word.arg == "root"}
    for template in PACKAGE.rglob("*.typ"):
        assert not re.search(r"#?import\s+\"@", template.read_text(encoding="utf-8")), template


def test_h38_no_statement_of_sql_is_put_together_with_a_value() -> None:
    for module, call in calls("execute", "executemany", "executescript"):
        if not module.startswith(("casefile/", "tablefiles/")):
            continue
        words = call.args[0]
        if isinstance(words, ast.JoinedStr):
            pieces = {ast.unparse(piece.value) for piece in words.values if isinstance(piece, ast.FormattedValue)}
            assert pieces <= NAMES_OF_OURS, (module, call.lineno, pieces)


# Names of tables, columns and settings that stand in the code; `quote` doubles quotation marks.
NAMES_OF_OURS = {
    "setting", "quote(table.name)", "columns", "index", "', '.join(map(quote, by))", "SEARCH", "form", "quote(name)",
    "query", "', '.join(_COLUMNS)", "LAYOUT", "DESK_LAYOUT", "change",
}  # fmt: skip


def test_h39_each_dependency_is_pinned_and_no_name_is_a_squatted_one() -> None:
    asked = {
        name_of(each)
        for group in (project["dependencies"], *project["optional-dependencies"].values())
        for each in group
    }
    assert asked - {"chatforensics"} <= pinned
    assert None not in pins.values()
    assert not pinned & SQUATTED


def test_h39_the_few_packages_that_run_are_those_that_are_named() -> None:
    assert {name_of(each) for each in project["dependencies"]} == {
        "anyascii", "imagehash", "jinja2", "matplotlib", "networkx", "numpy", "pillow", "polars", "py-minisign",
        "pypdfium2", "pyrage", "rapidfuzz", "regex", "rich", "scikit-learn", "scipy", "starlette", "typer", "typst",
        "tzdata", "uvicorn", "xlsxwriter",
    }  # fmt: skip


def test_h39_whatever_is_imported_is_a_dependency_that_is_named() -> None:
    ours = {name_of(each) for each in project["dependencies"]}
    extra = {name_of(each) for name in ("timestamp", "cluster") for each in project["optional-dependencies"][name]}
    brought = {"cryptography", "fonttools", "markupsafe"}  # by py-minisign, matplotlib and jinja2
    known = packages_distributions()
    for module, imported in imports():
        top = imported.partition(".")[0]
        if top in sys.stdlib_module_names or top == "chatforensics":
            continue
        distributions = {each.lower() for each in known.get(top, [top])}
        assert distributions & (ours | extra | brought), f"{module} imports {imported}"


@pytest.mark.parametrize("name", ["rsmf", "minisign"])
def test_h39_the_namesakes_of_what_we_use_are_not_imported(name: str) -> None:
    told = {(module, imported) for module, imported in imports() if imported.partition(".")[0] == name}
    if name == "minisign":  # py-minisign's own module: the other package of that name would break the pin below
        assert all(module == "package/signing.py" for module, _ in told)
        assert "py-minisign" in pinned
    else:
        assert told == set()


def test_the_reading_sees_the_whole_package() -> None:
    assert len(modules()) > 150
    assert "polars" in {imported.partition(".")[0] for _, imported in imports()}
