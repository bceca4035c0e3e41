"""From what somebody filled in on the page to the order of a package: which messages, who is shown, what goes out."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from chatforensics.casefile import Case
from chatforensics.casefile.desk import list_ticks, read_setting, write_setting
from chatforensics.errors import UsageError
from chatforensics.report.language import say
from chatforensics.web.forms import Form

CONTEXT = 10  # records before and after each ticked message
_MOST_CONTEXT = 1000
_MOST_LOOKED_AT = 200  # ticked messages around which people are listed
_MOST_PEOPLE = 300
_SETTING, _LONGEST = "package", 4000


@dataclass(frozen=True)
class Wishes:
    """What somebody wants of a package, as the form has it.

    Attributes:
        context: Records before and after each message.
        parties: Show by name who sent a ticked message and who made the exports.
        shown: Further people to be shown by name: their ids, or names as printed.
        phones: Do not mask telephone numbers.
        words: What is to be taken out, one on each line.
        reason: Why, as printed in the package.
        sign: Sign with the key of the case.
        new_key: Make a key though packages of the case were signed with another before.
        locked: Lock the file with a passphrase, which is kept nowhere.
    """

    context: str = str(CONTEXT)
    parties: bool = True
    shown: tuple[str, ...] = ()
    phones: bool = False
    words: str = ""
    reason: str = str(say("private matter"))
    sign: bool = True
    new_key: bool = False
    locked: bool = False
    passphrase: str = field(default="", repr=False)
    again: str = field(default="", repr=False)


def read_wishes(form: Form) -> Wishes:
    """Read the form."""
    return Wishes(
        context=form.one("context", str(CONTEXT)),
        parties=bool(form.one("parties")),
        shown=tuple(dict.fromkeys(form.many("shown"))),
        phones=bool(form.one("phones")),
        words=form.one("words"),
        reason=form.one("reason"),
        sign=bool(form.one("sign")),
        new_key=bool(form.one("new_key")),
        locked=bool(form.one("locked")),
        passphrase=form.raw("passphrase"),
        again=form.raw("again"),
    )


def load_wishes(case: Case) -> Wishes:
    """Return what was wanted of the last package of a case, so that nobody is asked twice; a passphrase is not kept."""
    try:
        told = json.loads(read_setting(case, _SETTING) or "{}")
        return replace(Wishes(), **{**told, "shown": tuple(told.get("shown", ()))})
    except (TypeError, ValueError):
        return Wishes()


def save_wishes(case: Case, wishes: Wishes) -> None:
    """Remember what was wanted, all but the passphrase; a very long list of words is not remembered."""
    kept = ("context", "parties", "shown", "phones", "words", "reason", "sign", "locked")
    told = json.dumps({name: getattr(wishes, name) for name in kept}, ensure_ascii=False)
    if len(told) <= _LONGEST:
        write_setting(case, _SETTING, told)


def make_order(case: Case, wishes: Wishes, *, actor: str) -> dict[str, object]:
    """Return the order of a package: what the task `pack` is given.

    Raises:
        UsageError: nothing is ticked, a number is none, or the passphrase was typed in two ways.
    """
    ticked = list_ticks(case)
    if not ticked:
        raise UsageError(say("No message is ticked."), hint="Go back one step and tick those that matter.")
    if not wishes.context.isdecimal() or int(wishes.context) > _MOST_CONTEXT:
        raise UsageError(say("How many messages come along before and after is no number from 0 to 1000."))
    if (wishes.passphrase or wishes.again) and not wishes.locked:
        raise UsageError(say("A passphrase was typed, and “Lock it with a passphrase” is not ticked."))
    if wishes.locked and not wishes.passphrase:
        raise UsageError(say("The package is to be locked, and no passphrase was typed."))
    if wishes.locked and wishes.passphrase != wishes.again:
        raise UsageError(say("The passphrase was typed in two ways. Type it again, twice alike."))
    words = [line.strip() for line in wishes.words.splitlines() if line.strip()]
    return {
        "messages": [str(number) for number in ticked],
        "context": int(wishes.context),
        "shown": list(wishes.shown),
        "parties": wishes.parties,
        "keep": ["phones"] if wishes.phones else [],
        "redact": [{"words": each, "reason": wishes.reason} for each in dict.fromkeys(words)],
        "reviewer": actor if words and wishes.parties and actor != "unknown" else None,
        "sign": wishes.sign,
        "new_key": wishes.new_key,
        "passphrase": wishes.passphrase if wishes.locked else None,
    }


@dataclass(frozen=True)
class Person:
    """Somebody who may be shown by name: how the form names them, their printed name, and in how many messages."""

    value: str
    name: str
    n: int

    @property
    def is_number(self) -> bool:
        """Whether the printed name is a telephone number, which is masked unless somebody says otherwise."""
        from chatforensics.package.masks import list_numbers

        return next(iter(list_numbers(self.name)), None) is not None


@dataclass(frozen=True)
class People:
    """Who is in what would be packed: those shown by name unless somebody says otherwise, and all others."""

    senders: Sequence[Person]
    makers: Sequence[Person]
    others: Sequence[Person]
    n_left_out: int = 0
    analysed: bool = True


def list_people(case: Case, *, context: int = CONTEXT) -> People:
    """Return who sent the ticked messages, who made the exports they stand in, and who else appears around them.

    Nobody is put first by anything but having sent a ticked message or made an export. Until the whole case is
    analysed, people are names as each export prints them, and those who made exports are not known.
    """
    from chatforensics.workflow.viewing import open_view

    ticked, view = list_ticks(case), open_view(case)
    if view is None:
        return _from_looks(case, ticked)
    known = [message for each in ticked[:_MOST_LOOKED_AT] if (message := view.message(each)) is not None]
    around = [other for each in ticked[:_MOST_LOOKED_AT] for other in view.around(each, before=context, after=context)]
    sources = {str(message["source_id"]) for message in known}
    makers = [row["custodian_id"] for row in view.sources() if row["source_id"] in sources and row.get("custodian_id")]
    names = {str(row["person_id"]): str(row["name"]) for row in view.people()}
    return _sort(_count(known, "person_id"), makers=makers, around=_count(around, "person_id"), names=names)


def _from_looks(case: Case, ticked: Iterable[int]) -> People:
    from chatforensics.workflow.looking import list_looks

    wanted = {str(each) for each in ticked}
    items = [item for look in list_looks(case) for item in look["items"] if str(item["message_id"]) in wanted]
    around = [other for item in items for side in ("before", "after") for other in item.get(side) or ()]
    sent, near = _count(items, "sender"), _count(around, "sender")
    found = _sort(sent, makers=(), around=near, names={name: name for name in (*sent, *near)})
    return replace(found, analysed=False)


def _count(items: Iterable[Mapping[str, Any]], key: str) -> dict[str, int]:
    counts: dict[str, int] = {}
    for item in items:
        if item.get(key):
            counts[str(item[key])] = counts.get(str(item[key]), 0) + 1
    return counts


def _sort(
    sent: Mapping[str, int], *, makers: Iterable[str], around: Mapping[str, int], names: Mapping[str, str]
) -> People:
    def person(key: str, n: int) -> Person:
        return Person(key, names.get(key, key), n)

    made = sorted({str(each) for each in makers})
    others = [person(key, n) for key, n in around.items() if key not in sent and key not in made]
    others.sort(key=lambda one: (one.name.casefold(), one.value))
    return People(
        senders=sorted((person(key, n) for key, n in sent.items()), key=lambda one: (one.name.casefold(), one.value)),
        makers=[person(key, 0) for key in made],
        others=others[:_MOST_PEOPLE],
        n_left_out=max(0, len(others) - _MOST_PEOPLE),
    )
