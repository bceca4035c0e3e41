"""What the page of a case shows: what was received, and the messages that look like instructions, with what is ticked.

Right after an export came in, the first look at it is shown; as soon as it was analysed, the result of that.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chatforensics.casefile import Case, list_originals
from chatforensics.casefile.corrections import Correction, list_corrections
from chatforensics.report.language import say
from chatforensics.web.showing import is_stated, split_stated

if TYPE_CHECKING:
    from chatforensics.workflow.viewing import View

Item = Mapping[str, Any]
PER_PAGE = 30
AROUND = 5
MOST_CORRECTED = 100
PARTS = (("flag", "flagged"), ("review", "review"))  # decision, and its name in addresses


@dataclass(frozen=True)
class Shown:
    """A page of messages of one kind, and the addresses of this page and of those around it."""

    items: Sequence[Item]
    n: int
    page: int
    address: str
    before: str = ""
    after: str = ""
    n_beyond: int = 0  # of a first look, which keeps the first 500

    @property
    def n_pages(self) -> int:
        """Return how many pages there are, at least one."""
        return max(1, -(-self.n // PER_PAGE))

    def __getitem__(self, name: str) -> object:
        """Return `items` by its name, which templates take for the method of a dictionary."""
        return getattr(self, name)


def view_case(case: Case, pages: Mapping[str, int], ticks: Collection[int] = ()) -> dict[str, Any]:
    """Return what was received in a case and one page each of what was flagged and what is to be read.

    Messages come from the last analysis, where corrections count and copies in several exports stand once; those of
    exports that came in since, from the first look at each, where copies are listed apart.

    Args:
        case: the case.
        pages: which page of each kind.
        ticks: the messages that are ticked; a tick on one copy of a message goes for the others.
    """
    from chatforensics.workflow.looking import list_looks
    from chatforensics.workflow.viewing import open_view

    view, looks = open_view(case), list_looks(case)
    analysed = {row["source_id"] for row in view.sources()} if view else set()
    rest = [look for look in looks if look["received"]["source_id"] not in analysed]
    stated = [each for each in list_corrections(case) if each.kind == "label" and each.is_active]
    shown = {name: _show(view, rest, stated, decision=key, name=name, pages=pages) for key, name in PARTS}
    corrected = _list_corrected(view, stated) if view else []
    items = [item for part in shown.values() for item in part.items] + corrected
    return {
        "received": list_received(case, looks),
        "analysed": view is not None,
        "current": view is not None and view.is_current(case),
        "apart": len(rest),
        "corrected": Shown(corrected, len(corrected), 1, "/"),
        "ticked": find_ticked(view, items, ticks),
        "n_ticked": count_ticked(view, ticks),
        **shown,
    }


def _show(  # noqa: PLR0913
    view: "View | None",
    looks: Sequence[Item],
    stated: Sequence[Correction],
    *,
    decision: str,
    name: str,
    pages: Mapping[str, int],
) -> Shown:
    page = max(1, pages.get(name, 1))
    n_found, first = 0, list[Item]()
    if view:
        found = view.flagged(decision, page=page, size=PER_PAGE)
        n_found, first = found.n, [_add_context(view, item) for item in found.items]
    every = [item for look in looks for item in look["items"] if item["decision"] == decision]
    items = first + every[max(0, (page - 1) * PER_PAGE - n_found) : max(0, page * PER_PAGE - n_found)]
    counted = sum(int(look["n_flagged" if decision == "flag" else "n_review"]) for look in looks)
    n = n_found + len(every)
    last = max(1, -(-n // PER_PAGE))

    def address(to: int) -> str:
        asked = {**pages, name: to}
        return "/?" + "&".join(f"{part}={asked[part]}" for part in sorted(asked))

    before, after = address(page - 1) if page > 1 else "", address(page + 1) if page < last else ""
    told = [{**item, "waiting": _find_waiting(item, stated)} for item in items]
    return Shown(told, n, page, address(page), before, after, max(0, counted - len(every)))


def _find_waiting(item: Item, stated: Sequence[Correction]) -> list[Correction]:
    """Return what people state of a message that its explanation does not tell yet."""
    said = item["explanation"] or ""
    known = split_stated(said).said if is_stated(said) else ""
    mine = [each for each in stated if str(each.what["message_id"]) == item["message_id"]][-1:]
    return [each for each in mine if not known.startswith(f"Stated by “{_plain(each.who)}” on {each.at[:10]}: ")]


def _plain(words: str) -> str:
    return words.translate(str.maketrans("“”", '""'))


def _list_corrected(view: "View", stated: Sequence[Correction]) -> list[Item]:
    """Return the messages that the program marked or left to be read, and of which somebody stated that they are none.

    Of each statement the message that it names; copies and parts of one message stand once.
    """
    found: dict[object, Item] = {}
    for number in dict.fromkeys(int(each.what["message_id"]) for each in stated if each.what["is"] == "not"):
        item = view.message(number)
        said = (item["explanation"] or "") if item else ""
        if item is not None and is_stated(said) and split_stated(said).own in ("flag", "review"):
            found.setdefault(item["row"], item)
    kept = [item for item in found.values() if item["decision"] not in ("flag", "review")]
    return [{**_add_context(view, item), "waiting": []} for item in kept[:MOST_CORRECTED]]


def find_ticked(view: "View | None", items: Sequence[Item], ticks: Collection[int]) -> set[int]:
    """Return which of these messages are ticked, themselves or by a copy of them in another export."""
    on = set(ticks)
    if not on:
        return set()
    return {
        number
        for item in items
        if on & {(number := int(item["message_id"])), *(list_copies(view, number) if item["n_copies"] > 1 else ())}
    }


def count_ticked(view: "View | None", ticks: Collection[int]) -> int:
    """Return how many messages are ticked, with all copies of one as one."""
    if view is None:
        return len(ticks)
    rows = {number: view.row_of(number) for number in ticks}
    return len({("of no row", number) if row is None else ("row", row) for number, row in rows.items()})


def list_copies(view: "View | None", number: int) -> list[int]:
    """Return the other copies of a message, by their ids, as the last analysis has them."""
    item = view.message(number) if view else None
    return [int(copy["message_id"]) for copy in item["copies"]] if item else []


def _add_context(view: "View", item: Item) -> Item:
    around = view.around(int(item["message_id"]), before=AROUND, after=AROUND)
    place = next((at for at, other in enumerate(around) if other["message_id"] == item["message_id"]), len(around))
    return {**item, "before": around[:place], "after": around[place + 1 :]}


def list_received(case: Case, looks: Sequence[Item]) -> list[dict[str, object]]:
    """Return what is known of each export of a case, also of those that could not be read, in their order."""
    by_source = {str(look["received"]["source_id"]): look["received"] for look in looks}
    return [_describe(original, by_source.get(original.source_id)) for original in list_originals(case)]


def _describe(original: Any, looked: Item | None) -> dict[str, object]:  # noqa: ANN401
    told = dict(looked or {})
    facts = {key: told.get(key) for key in ("chat_title", "first", "last", "n_people", "size", "dates")}
    lists = {key: list(told.get(key) or ()) for key in ("doubts", "cannot")}
    return {
        **facts,
        **lists,
        "source_id": original.source_id,
        "name": original.shown,
        "sha256": original.sha256,
        "n_messages": told["n_messages"] - told["n_notices"] if looked else None,
        "ambiguous": told.get("date_order_verdict") == "ambiguous",
        "error": "" if looked is not None else say("it is being read, or no chat was found in it."),
    }
