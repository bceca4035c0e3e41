"""Addresses that people keep or that forms send back: only pages of the same case, never another place."""

import re

from chatforensics.errors import UsageError
from chatforensics.report.language import say

# The pages of a case by the first part of their address; the empty one is the page of what was received.
PAGES = frozenset(
    {
        "",
        "addresses",
        "corrections",
        "documents",
        "exports",
        "log",
        "message",
        "notes",
        "package",
        "people",
        "questions",
        "replies",
        "report",
        "results",
        "save",
        "search",
        "views",
    }
)
LONGEST = 2000
_PATH = re.compile(r"/[A-Za-z0-9._/-]*")


def check_address(address: str) -> str:
    """Return an address below the case, such as `/search?words=ward`, if it is that of a page of the case.

    It begins with one stroke and a page that is known. There is no way out of the case in it: no scheme, no host, no
    `//`, no dots, no backslash and no control character.

    Raises:
        UsageError: it is anything else.
    """
    path = re.split(r"[?#]", address, maxsplit=1)[0]
    page = path[1:].partition("/")[0]
    shaped = _PATH.fullmatch(path) and "//" not in address and ".." not in path and len(address) <= LONGEST
    if shaped and page in PAGES and address.isprintable() and not set(address) & set('\\ "<>`'):
        return address
    raise UsageError(say("This is no address of a page of the case."))


def return_address(address: str, *, otherwise: str) -> str:
    """Return the address that a form sends back if it is that of a page of the case, else another one."""
    try:
        return check_address(address)
    except UsageError:
        return otherwise
