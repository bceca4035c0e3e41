"""Who typed what a form sends: the name in the form, else the one known at this page."""

from typing import TYPE_CHECKING

from chatforensics.casefile import By
from chatforensics.casefile.desk import read_setting, write_setting
from chatforensics.errors import UsageError
from chatforensics.report.language import say
from chatforensics.web.blocks import is_one_line

if TYPE_CHECKING:
    from chatforensics.web.context import Context
    from chatforensics.web.forms import Form

NAME_LIMIT = 200
UNKNOWN = "unknown"


def writer_of(context: "Context", sent: "Form", *, field: str = "who") -> By:
    """Return who typed what was sent, and when; a name that is typed in `field` is kept for the next form.

    A name is what somebody typed. Nothing shows that it is theirs.

    Raises:
        UsageError: it is too long for a name, or no line of text.
    """
    by, said = context.by(), sent.one(field)
    if not said:
        return by
    if len(said) > NAME_LIMIT or not is_one_line(said):
        raise UsageError(say("A name has at most {n} characters, on one line.", n=NAME_LIMIT))
    if said != read_setting(context.case, "actor"):
        write_setting(context.case, "actor", said)
    return By(said, by.at)
