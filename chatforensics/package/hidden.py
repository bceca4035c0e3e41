"""What redaction took out, to be searched for in what was written. It stays with the case, never in a package."""

from dataclasses import dataclass, field

from chatforensics.package.redactfile import ManualRule


@dataclass(frozen=True, slots=True)
class Secret:
    """Words that were taken out. `number` is their redaction's in the package's list; `repr` does not show them."""

    number: int
    kind: str
    words: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Stayed:
    """A hidden person of whose name something can still be read, for whoever makes the package; `repr` shows no name.

    Attributes:
        token: The pseudonym.
        name: As printed in the export.
        words: Words of the name that stayed in texts, with their places, the most frequent first.
        on_slate: The whole name stayed, as it stands on a slate.
    """

    token: str
    name: str = field(repr=False)
    words: tuple[tuple[str, int], ...] = field(default=(), repr=False)
    on_slate: bool = False

    @property
    def n_places(self) -> int:
        """Return in how many places a word of the name stayed."""
        return sum(n for _, n in self.words)


@dataclass(frozen=True, slots=True)
class Secrets:
    """All that was taken out, and what the maker of a package should be told of it.

    Attributes:
        hidden: The words.
        shown: Names that stay; a secret inside a longer one of them ("Ingrid" in "Ingrid Solheim") is no leak.
            Words by hand are not excused by them.
        stayed: Hidden people of whose names a part stayed in texts (a first name alone, a name with an ending: nothing
            tells such a part from an ordinary word), or the whole, on slates; the most frequent first.
        unused: Rules by hand that found nothing.
        elsewhere: Numbers of withheld messages whose words were sent in other messages, too, and stay there.
    """

    hidden: tuple[Secret, ...] = field(default=(), repr=False)
    shown: tuple[str, ...] = field(default=(), repr=False)
    stayed: tuple[Stayed, ...] = ()
    unused: tuple[ManualRule, ...] = ()
    elsewhere: tuple[int, ...] = ()
