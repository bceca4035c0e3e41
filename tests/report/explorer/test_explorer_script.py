"""What holds of the page's scripts as one text, before any browser reads them."""

import re
from collections import Counter

from chatforensics.report.explorer.page import read_script

_DECLARED = re.compile(r"^(?:const|let|class|(?:async )?function) (\w+)", re.MULTILINE)


def test_no_two_scripts_of_the_page_declare_the_same_name() -> None:
    # They run as one function: a name declared twice stops all of them.
    names = Counter(_DECLARED.findall(read_script()))
    assert [name for name, n in names.items() if n > 1] == []


def test_what_the_charts_leave_out_is_named_as_what_they_list() -> None:
    # The list holds messages that one export lacks, too; the first screen counts as disagreement only what differs.
    assert "messages on which exports disagree or that one lacks" in read_script()
    assert '"messages on which exports differ"' not in read_script()
