"""What redaction took out, to be searched for in what was written. It stays with the case, never in a package."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Secret:
    """Words that were taken out. `number` is their redaction's in the package's list; `repr` does not show them."""

    number: int
    kind: str
    words: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Secrets:
    """All that was taken out, and what the maker of a package should be told of it.

    Attributes:
        hidden: The words.
        shown: Names that stay; a secret inside a longer one of them ("Ingrid" in "Ingrid Solheim") is no leak.
        stayed: Places in which a part of a pseudonymised name stayed in texts, by pseudonym: a first name alone, or a
            name with an ending. Nothing tells such a part from an ordinary word.
        unused: Lines of the list of rules by hand that found nothing.
        elsewhere: Numbers of withheld messages whose words were sent in other messages, too, and stay there.
    """

    hidden: tuple[Secret, ...] = field(default=(), repr=False)
    shown: tuple[str, ...] = field(default=(), repr=False)
    stayed: Mapping[str, int] = field(default_factory=dict)
    unused: tuple[int, ...] = ()
    elsewhere: tuple[int, ...] = ()
