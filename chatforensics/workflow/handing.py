"""A package for the page: made, checked as it will be handed over, and kept in the case as one file."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chatforensics.casefile import UNKNOWN, By, Case, locked, log_lines
from chatforensics.casefile.state import SIGNING_KEY
from chatforensics.errors import ChatForensicsError, UsageError
from chatforensics.workflow.doubts import Way, list_doubts
from chatforensics.workflow.leaking import StillReadable, find_bearers
from chatforensics.workflow.packing import find_earlier_key, pack_case
from chatforensics.workflow.parts import free_name, give_place, hash_file, part_folder
from chatforensics.workflow.run import Report, silent
from chatforensics.workflow.wanted import KINDS, Hiding, Order, Packed, Sealing, To

if TYPE_CHECKING:
    from chatforensics.package.signing import Signer

PAGE = Way(
    by_hand="the list of words to take out",
    how="To take words out, write them into the list of words to take out, and make the package again.",
)
_WORDS = ("flagged", "review", "all")
_PLAIN = "package"
_SHORTEST = 12  # characters of a passphrase


@dataclass(frozen=True, slots=True)
class Handing:
    """What the page asked for: the order, whether it is signed and a new key may be made, and a passphrase."""

    order: Order
    sign: bool = False
    new_key: bool = False
    passphrase: str | None = field(default=None, repr=False)


def pack_for_page(  # noqa: PLR0913 - a case, what, by whom, and where to
    case: Case, order: Mapping[str, Any], *, by: By, out_folder: Path, name: str, report: Report = silent
) -> dict[str, object]:
    """Make a package, check it as it will be handed over, and keep it as one file that can be downloaded.

    Nothing is offered that does not pass the check that its receiver can make. A signature shows that the holder of the
    key of this case signed, and not who that is.

    Args:
        case: the case.
        order: `messages` (ids as texts, or flagged, review, all) or `reply_for`; `context`; `shown` (names);
            `redact` (rows of words or message_id, and reason); `keep` (kinds that are not masked); `parties`, `uco`,
            `rsmf`, `sign`, `new_key` (bool); `passphrase`; `reviewer`.
        by: who packs, and when.
        out_folder: where the file goes.
        name: what it is to be called, where that says nothing that is hidden; a number is added where it is taken.
        report: told of progress.

    Returns:
        What the page shows: the file, its size and hashes, the public key, what was checked, hidden and is to be looked
        at. The doubts name what is hidden: they are for whoever makes the package, and for no file.

    Raises:
        UsageError: the order cannot be.
        ChatForensicsError: as `pack_case`; or the finished file does not pass its check.
    """
    wanted = read_order(order)
    acting = _list_acting(case, wanted.order, by=by)
    wanted = replace(wanted, order=replace(wanted.order, hiding=replace(wanted.order.hiding, acting=acting)))
    with part_folder(out_folder, at=by.at) as part:
        with locked(case, wait=True):  # two must not make a key at once
            signer = open_signer(case, new_key=wanted.new_key) if wanted.sign else None
        to = To(part / _PLAIN, signer, Sealing(passphrase=wanted.passphrase))
        try:
            packed = pack_case(case, wanted.order, to=to, by=by, report=report)
        except StillReadable as error:
            raise error.for_maker() from error
        person = _name_person(packed)
        wished = (f"reply pack for {person}" if person else "", name)
        shown = next((one for one in wished if one and not _is_hidden(one, packed)), _PLAIN)
        name = free_name(shown, taken=partial(_is_taken, out_folder), otherwise=_PLAIN)
        made = _put_together(packed, name, report)
        results = _check(made, part, packed=packed, wanted=wanted, signer=signer, report=report)
        told = {**_describe(packed, made, results), "person": person, "acted": _list_acted(packed, acting)}
        place = out_folder / made.name
        give_place(made, place)
    return {**told, "file": place.name, "public_key": signer.public_key if signer else None}


def _list_acting(case: Case, order: Order, *, by: By) -> tuple[str, ...]:
    """Return under which names somebody acted, as the package prints them: in the custody log, and as reviewer."""
    logged = [str(json.loads(line).get("actor") or "") for line in log_lines(case)]
    return tuple(sorted({*logged, by.actor, order.hiding.reviewer or ""} - {"", UNKNOWN}))


def _list_acted(packed: Packed, acting: Sequence[str]) -> list[str]:
    """Return the names under which somebody acted that belong to people whom the package shows by that name."""
    return [] if packed.dossier.reply_for is not None else list(find_bearers(packed.dossier.tables, acting))


def _name_person(packed: Packed) -> str | None:
    """Return for whom a reply pack is, as printed; None where the package is for nobody, or hides that name."""
    people, person = packed.dossier.tables["people"], packed.dossier.reply_for
    if person is None:
        return None
    names = people.filter(people["person_id"] == person)["labels"].explode().drop_nulls().to_list()
    return next((str(name) for name in names if not _is_hidden(str(name), packed)), None)


def _is_hidden(name: str, packed: Packed) -> bool:
    from chatforensics.package.leaks import find_leaks

    return bool(find_leaks({name: b""}, packed.secrets))


def read_order(order: Mapping[str, Any]) -> Handing:
    """Read what the page asked for.

    Raises:
        UsageError: it cannot be.
    """
    from chatforensics.package.choosing import CONTEXT
    from chatforensics.package.redactfile import read_redact_rows

    reply_for = str(order.get("reply_for") or "").strip() or None
    messages = _read_messages(order.get("messages") or ())
    if bool(messages) == bool(reply_for):
        raise UsageError("Say what to pack.", hint="Tick messages, or name the person whose reply is wanted.")
    rows = [{str(key): str(value) for key, value in row.items()} for row in order.get("redact") or ()]
    hiding = Hiding(
        shown=tuple(each for name in order.get("shown") or () if (each := str(name).strip())),
        parties=bool(order.get("parties", True)),
        keep=_read_kinds(order.get("keep") or ()),
        manual=read_redact_rows([row for row in rows if any(cell.strip() for cell in row.values())], name=PAGE.by_hand),
        reviewer=str(order.get("reviewer") or "").strip() or None,
    )
    context = order.get("context")
    made = Order(messages, CONTEXT if context is None else _read_count(context), reply_for, hiding)
    made = replace(made, uco=bool(order.get("uco")), rsmf=bool(order.get("rsmf")))
    passphrase = check_passphrase(str(order.get("passphrase") or ""))
    return Handing(made, bool(order.get("sign")), bool(order.get("new_key")), passphrase)


def check_passphrase(said: str) -> str | None:
    """Return a passphrase to lock a file with; None where none is wanted.

    Raises:
        UsageError: it is so short that it can be guessed.
    """
    if said and len(said) < _SHORTEST:
        raise UsageError(
            f"The passphrase is shorter than {_SHORTEST} characters, and could be guessed.",
            hint="Take four or more words that do not belong together.",
        )
    return said or None


def open_signer(case: Case, *, new_key: bool = False) -> "Signer":
    """Open the key with which packages of a case are signed at the page; made on first use, it stays in the case.

    Raises:
        UsageError: a package of the case was signed with another key, and a new one was not asked for.
    """
    from chatforensics.package.signing import load_signer, make_key

    path = case.folder / SIGNING_KEY
    if not path.exists():
        if not new_key and (earlier := find_earlier_key(case)):
            raise UsageError(
                f"A package of this case was signed with the key {earlier}, which is not kept in the case.",
                hint="Sign with that key on the command line (chatforensics bundle --sign); or ask for a new key here.",
            )
        path.with_name(f"{path.name}.pub").unlink(missing_ok=True)  # left by nobody's key
        make_key(path)
    return load_signer(path)


def read_public_key(case: Case) -> str | None:
    """Return the line of the public key with which packages of a case are signed at the page, if there is one."""
    from chatforensics.package.signing import load_signer

    path = case.folder / SIGNING_KEY
    return load_signer(path).public_key if path.is_file() and not path.is_symlink() else None


def _read_messages(said: object) -> tuple[int, ...] | str:
    from chatforensics.package.choosing import read_ids

    if isinstance(said, str):
        if said not in _WORDS:
            raise UsageError(f"'{said[:40]}' is no choice of messages.")
        return said
    ids = [str(each) for each in said] if isinstance(said, Sequence) else []
    return read_ids("\n".join(ids), where="the messages") if ids else ()


def _read_kinds(said: object) -> frozenset[str]:
    kinds = frozenset(map(str, said)) if isinstance(said, Sequence) and not isinstance(said, str) else frozenset({"?"})
    if not said:
        return frozenset()
    if unknown := sorted(kinds - set(KINDS)):
        raise UsageError(f"'{unknown[0][:40]}' is nothing that is masked.", hint=f"Use {', '.join(KINDS)}.")
    return kinds


def _read_count(said: object) -> int:
    try:
        return int(str(said))
    except ValueError as error:
        raise UsageError("How many records come along is no number.", hint="Give 0 to 1000.") from error


def _is_taken(folder: Path, name: str) -> bool:
    return any((folder / f"{name}{ending}").exists() for ending in (".zip", ".tar.age"))


def _put_together(packed: Packed, name: str, report: Report) -> Path:
    """Return the package as one file: locked, or a zip that is the same on every run."""
    from chatforensics.package.boxes import list_folder, zip_files

    report("putting together", 0, 0)
    if packed.sealed:
        return packed.sealed.rename(packed.sealed.with_name(f"{name}.tar.age"))
    made = packed.out.with_name(f"{name}.zip")
    zip_files(made, list_folder(packed.out, top=name))
    return made


def _check(  # noqa: PLR0913 - the file, where to open it, and by what it is held
    made: Path, part: Path, *, packed: Packed, wanted: Handing, signer: "Signer | None", report: Report
) -> list[Any]:
    """Open the file as its receiver will, and check what is in it.

    Raises:
        ChatForensicsError: a check fails, or it is not the package that was made.
    """
    from chatforensics.package.checker import check_bag, has_failed, summarise
    from chatforensics.workflow.opening import open_package

    report("checking", 0, 0)
    (part / "again").mkdir(mode=0o700)
    opened = open_package(made, part / "again", name=made.name, passphrase=wanted.passphrase).folder
    results = check_bag(opened, signer.public_key if signer else None)
    if has_failed(results) or hash_file(opened / "tagmanifest-sha256.txt") != packed.sha256:
        raise ChatForensicsError(f"The package was made and did not pass its check: {summarise(results)}")
    return results


def _describe(packed: Packed, made: Path, results: list[Any]) -> dict[str, object]:
    from chatforensics.package.checker import OK, summarise
    from chatforensics.workflow.opening import view_result

    return {
        "size": made.stat().st_size,
        "sha256": packed.sha256,
        "file_sha256": hash_file(made),
        "verified": summarise(results),
        "checks": [view_result(each) for each in results],
        "counts": dict(packed.counts),
        "hidden": packed.describe_hidden(),
        "n_hidden": count_places(packed.dossier.redactions),
        "is_signed": any((one.name, one.state) == ("signature", OK) for one in results),
        "doubts": list(list_doubts(packed.secrets, packed.out, way=PAGE)),
        "warnings": list(packed.warnings),
        "sealed": packed.sealed is not None,
    }


def count_places(redactions: Iterable[Mapping[str, object]]) -> dict[str, int]:
    """Return in how many places something of each kind was taken out."""
    counted: Counter[str] = Counter()
    for row in redactions:
        counted[str(row.get("kind"))] += int(str(row.get("n_places") or 0))
    return dict(sorted(counted.items()))
