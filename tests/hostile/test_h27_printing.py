"""The printer of pages: a template that somebody changed reaches nothing of this machine."""

from pathlib import Path

import pytest
from report.invented import tiny_case

from chatforensics.report import pdf

NO_TABLES = {name: tiny_case()[name].clear() for name in ("messages", "sources")}


@pytest.mark.parametrize(
    "command",
    [
        '#read("/etc/passwd")',
        '#read("../../../../../../../../etc/passwd")',
        '#image("/etc/hostname")',
        '#include "/etc/passwd"',
        '#read("file:///etc/passwd")',
        '#image("http://127.0.0.1:9/x.png")',
        '#read("../../../errors.py")',
    ],
)
def test_h27_even_a_command_in_the_template_reads_no_file_of_the_machine(
    command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pdf, "lay_out", lambda *_, **__: {"main.typ": f"before\n{command}\nafter".encode()})
    with pytest.raises(Exception, match=r"not found|escape|outside|access denied|failed|cannot") as caught:
        pdf.render_pdf("", tables=NO_TABLES)
    assert "root:" not in str(caught.value)


def test_h27_the_root_of_the_printer_holds_our_templates_only() -> None:
    root = Path(pdf.__file__).parent / "typst"
    assert {path.suffix for path in root.rglob("*") if path.is_file()} <= {".typ", ".md", ".txt"}
    assert not [path for path in root.rglob("*") if path.is_symlink()]
