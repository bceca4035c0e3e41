"""What is to be packed into an evidence package, where it goes, and what came of it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from chatforensics.casefile import UNKNOWN
from chatforensics.errors import UsageError
from chatforensics.package.choosing import CONTEXT, check_context
from chatforensics.package.dossier import Dossier

if TYPE_CHECKING:
    from chatforensics.package.hidden import Secrets
    from chatforensics.package.redactfile import ManualRule
    from chatforensics.package.signing import Signer

KINDS = ("phones", "emails", "urls", "postcodes")
WITHHELD = "withheld"
_NAMING = ("exported_by", "received")  # answers that are names, or hold them


@dataclass(frozen=True, slots=True)
class Hiding:
    """What is not to be read in a package, and by whose word.

    Attributes:
        shown: Names as printed, ids or pseudonyms of people to be shown by name beside the parties.
        parties: Show by name who sent a ticked message and who made the exports.
        names: Replace names at all; False shows everybody by name.
        keep: Kinds that are not masked, of phones, emails, urls, postcodes.
        manual: What the reviewer's list takes out.
        reviewer: Who looked through it, as typed.
        acting: Names under which somebody acted, as the custody log has them: where the parties are shown, people of
            the case whose printed name stands in one are shown as well.
    """

    shown: tuple[str, ...] = ()
    parties: bool = True
    names: bool = True
    keep: frozenset[str] = frozenset()
    manual: "tuple[ManualRule, ...]" = ()
    reviewer: str | None = None
    acting: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be packed, and how.

    Attributes:
        messages: Ids, or one of the words flagged, review and all; not needed with `reply_for`.
        context: Records before and after each ticked one.
        reply_for: A name, id or pseudonym of the person for whom this is the reply pack.
        hiding: What is not to be read in it.
        uco, rsmf: Write these forms as well.
        originals: Put the exports in as received.
    """

    messages: tuple[int, ...] | str = ()
    context: int = CONTEXT
    reply_for: str | None = None
    hiding: Hiding = field(default_factory=Hiding)
    uco: bool = False
    rsmf: bool = False
    originals: bool = False

    @property
    def hides_makers(self) -> bool:
        """Whether the package names nobody who made exports or used the program: all are hidden, or it is for one."""
        return self.hiding.names and (self.reply_for is not None or not self.hiding.parties)


@dataclass(frozen=True, slots=True)
class Sealing:
    """For whom the finished folder is sealed with age: recipients, or whoever has the passphrase."""

    recipients: tuple[str, ...] = ()
    passphrase: str | None = field(default=None, repr=False)

    def __bool__(self) -> bool:
        """Tell whether anything is to be sealed."""
        return bool(self.recipients or self.passphrase)


@dataclass(frozen=True, slots=True)
class Packed:
    """What was packed: where, the hash that stands for it, what it says, what was taken out, and the sealed file."""

    out: Path
    sha256: str
    dossier: Dossier
    secrets: "Secrets"
    warnings: tuple[str, ...]
    sealed: Path | None

    @property
    def counts(self) -> Mapping[str, int]:
        """How many messages were ticked, come along, or were left out, as the run record of the package says."""
        told = self.dossier.run["package"]
        return {key: n for key, n in told.items() if isinstance(n, int)} if isinstance(told, Mapping) else {}

    def describe_hidden(self) -> str:
        """Count what was taken out by its kind, in words."""
        counted = Counter(str(row.get("kind")) for row in self.dossier.redactions)
        told = "; ".join(f"{kind}: {n:,}" for kind, n in sorted(counted.items()))
        return f"{told} (listed in data/redactions.csv)" if told else "nothing"


@dataclass(frozen=True, slots=True)
class To:
    """Where a package goes: its folder, the key that signs it, and for whom it is sealed."""

    out: Path
    sign: "Signer | None" = None
    sealing: Sealing = field(default_factory=Sealing)

    @property
    def sealed(self) -> Path:
        """Where the sealed file goes: beside the folder."""
        return self.out.with_name(f"{self.out.name}.tar.age")


def withhold(answers: Mapping[str, str]) -> dict[str, str]:
    """Return custody answers without who made the export and through whom it came."""
    return {
        question: WITHHELD if question in _NAMING and said != UNKNOWN else said for question, said in answers.items()
    }


def check_order(order: Order, to: To) -> None:
    """Refuse what cannot be packed, or not to there, before any work is done.

    Raises:
        UsageError: two wishes exclude each other, or something is there already.
    """
    hiding = order.hiding
    check_context(order.context)
    if order.originals and (hiding.names or hiding.manual or order.reply_for is not None):
        raise UsageError(
            "--originals puts the exports in as received, names, numbers and all.",
            hint="It needs --no-pseudonyms, and goes with neither --redact nor --reply-for.",
        )
    if to.out.is_symlink() or (to.out.exists() and not (to.out.is_dir() and not any(to.out.iterdir()))):
        raise UsageError(f"--out: {to.out} is there already.", hint="Name a new folder.")
    if to.sealing and to.sealed.exists():
        raise UsageError(f"{to.sealed} is there already.", hint="Name another --out.")
    if unknown := sorted(hiding.keep - set(KINDS)):
        raise UsageError(f"--keep: '{unknown[0]}' is not offered.", hint=f"Use {', '.join(KINDS)}.")
