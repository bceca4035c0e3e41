"""What holds of the page's scripts as one text, before any browser reads them."""

import re
from collections import Counter

from chatforensics.report.explorer.page import read_script

_DECLARED = re.compile(r"^(?:const|let|class|(?:async )?function) (\w+)", re.MULTILINE)


def test_no_two_scripts_of_the_page_declare_the_same_name() -> None:
    # They run as one function: a name declared twice stops all of them.
    names = Counter(_DECLARED.findall(read_script()))
    assert [name for name, n in names.items() if n > 1] == []
