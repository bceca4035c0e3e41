"""Ways in which somebody could alter an export: seeded edits of its text, in its own form, for calibration.

An alteration takes an export, a seeded source of chance and other exports, and returns the altered text, or None where
it does not apply. The careful ones keep form, order and line ends, as a forger who knows the format would.
"""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from benchmarks.cut_exports import STAMP, STRETCH, Export, Record

Pieces = Sequence[Record | str]
Alteration = Callable[[Export, Random, Sequence[Export]], Pieces | None]
INVENTED = (
    "I never agreed to that, ask anyone who was there",
    "Send me the list tonight and I will see to the rest",
    "No, the meeting was moved to Thursday",
    "You said you would pay half of it",
    "That was not me, I was at work all day",
)


def _pick(export: Export, chance: Random, *, margin: int = STRETCH) -> int:
    inner = [place for place in export.messages if margin <= place < len(export.records) - margin]
    return chance.choice(inner or export.messages)


def _typed(export: Export, chance: Random, moment: datetime) -> Record:
    """Return an invented message of one of the senders, in the form of the export."""
    model = export.records[_pick(export, chance)]
    return replace(export.restamp(model, moment), body=chance.choice(INVENTED) + export.line_end)


def _between(export: Export, place: int, chance: Random) -> datetime:
    """Return a time between the record at the place and the one before."""
    before, after = export.records[place - 1].moment, export.records[place].moment
    return before + (after - before) * chance.random() if after > before else before


def _put(export: Export, place: int, new: Pieces, *, drop: int = 0) -> Pieces:
    return [*export.records[:place], *new, *export.records[place + drop :]]


def _hours(chance: Random) -> timedelta:
    return timedelta(minutes=chance.choice((-1, 1)) * chance.randint(60, 20 * 60))


# What somebody does who types into the file without care.


def insert_anywhere(export: Export, chance: Random, _others: Sequence[Export]) -> Pieces | None:
    """Insert a message whose time does not fit its place."""
    place = _pick(export, chance)
    return _put(export, place, [_typed(export, chance, export.records[place].moment + _hours(chance))])


def insert_other_line_end(export: Export, chance: Random, _others: Sequence[Export]) -> Pieces | None:
    """Insert a fitting message that ends as another system ends lines."""
    place = _pick(export, chance)
    new = _typed(export, chance, _between(export, place, chance)).raw.removesuffix(export.line_end)
    return _put(export, place, [new + ("\n" if export.line_end == "\r\n" else "\r\n")])


def insert_plain_spaces(export: Export, chance: Random, _others: Sequence[Export]) -> Pieces | None:
    """Insert a fitting message in which the narrow space of the header is an ordinary one."""
    place = _pick(export, chance)
    new = _typed(export, chance, _between(export, place, chance))
    return _put(export, place, [replace(new, head=new.head.replace("\u202f", " "))]) if "\u202f" in new.head else None


def retype_form(export: Export, chance: Random, _others: Sequence[Export]) -> Pieces | None:
    """Retype one message in the form of the other platform."""
    place = _pick(export, chance)
    one = export.records[place]
    android = f"{one.moment:%d/%m/%Y, %H:%M} - "
    head = android if one.head.startswith("[") else f"[{one.moment:%d/%m/%Y, %H:%M:%S}] "
    return _put(export, place, [replace(one, head=head)], drop=1)


def retype_date(export: Export, chance: Random, _others: Sequence[Export]) -> Pieces | None:
    """Retype one message with other separators in its date."""
    place = _pick(export, chance)
    one = export.records[place]
    found = STAMP.search(one.head)
    if found is None:
        return None
    date = f"{found[1]}{found[2]}{found[3]}{found[2]}{found[4]}"
    other = date.replace(found[2], chance.choice([mark for mark in "./-" if mark != found[2]]))
    return _put(export, place, [replace(one, head=one.head.replace(date, other))], drop=1)


def retime_in_place(export: Export, chance: Random, _others: Sequence[Export]) -> Pieces | None:
    """Change the time of a message by one to twenty hours and leave it where it stands."""
    place = _pick(export, chance)
    one = export.records[place]
    return _put(export, place, [export.restamp(one, one.moment + _hours(chance))], drop=1)


def reorder(export: Export, chance: Random, _others: Sequence[Export]) -> Pieces | None:
    """Swap two messages that stand 3 to 20 records apart."""
    places = [place for place in export.messages if place < len(export.records) - STRETCH]
    chance.shuffle(places)
    for one in places:
        for two in range(one + 3, one + STRETCH):
            if export.records[two].sender is not None and export.records[two].moment > export.records[one].moment:
                records = list(export.records)
                records[one], records[two] = records[two], records[one]
                return records
    return None


def shift_zone(export: Export, chance: Random, _others: Sequence[Export]) -> Pieces | None:
    """Shift the clock of a stretch by whole or half hours."""
    start = _pick(export, chance)
    by = timedelta(hours=chance.choice((-8, -5, -1, 1, 2, 5.5)))
    stretch = [export.restamp(one, one.moment + by) for one in export.records[start : start + STRETCH]]
    return _put(export, start, stretch, drop=len(stretch))


def splice_other_form(export: Export, chance: Random, others: Sequence[Export]) -> Pieces | None:
    """Put a stretch of another chat in that is printed in another form."""
    return _splice([one for one in others if one.form != export.form], export, chance)


def splice_same_form(export: Export, chance: Random, others: Sequence[Export]) -> Pieces | None:
    """Put a stretch of another chat in that is printed in the same form, where its times fit best."""
    form = (export.form, export.single)
    return _splice([one for one in others if (one.form, one.single) == form and one is not export], export, chance)


def _splice(others: Sequence[Export], export: Export, chance: Random) -> Pieces | None:
    if not others:
        return None
    other = chance.choice(others)
    start = chance.randrange(len(other.records) - STRETCH)
    stretch = other.records[start : start + STRETCH]
    place = bisect_right([one.moment for one in export.records], stretch[0].moment)
    return _put(export, max(1, min(place, len(export.records) - 1)), stretch)


def repeat_stretch(export: Export, chance: Random, _others: Sequence[Export]) -> Pieces | None:
    """Repeat a stretch right behind itself, as joining two files with a common part does."""
    start = _pick(export, chance)
    stretch = export.records[start : start + STRETCH]
    return _put(export, start + len(stretch), stretch)


# What a program does to the file.


def swap_line_ends(export: Export, _chance: Random, _others: Sequence[Export]) -> Pieces | None:
    """Save the file with the line ends of another system."""
    text = "".join(one.raw for one in export.records)
    lines = text.replace("\r\n", "\n")
    return [lines if export.line_end == "\r\n" else lines.replace("\n", "\r\n")]


def add_byte_order_mark(export: Export, _chance: Random, _others: Sequence[Export]) -> Pieces | None:
    """Save the file with a byte order mark."""
    return ["\ufeff", *export.records]


def strip_invisible(export: Export, _chance: Random, _others: Sequence[Export]) -> Pieces | None:
    """Remove what does not show, and make narrow spaces ordinary ones, in one half of the file."""
    half = len(export.records) // 2
    text = "".join(one.raw for one in export.records[half:])
    plain = text.replace("\u200e", "").replace("\u202f", " ")
    return [*export.records[:half], plain] if plain != text else None


def drop_last_line_end(export: Export, _chance: Random, _others: Sequence[Export]) -> Pieces | None:
    """Save the file without its last line end."""
    return ["".join(one.raw for one in export.records).removesuffix(export.line_end)]


# What a forger does who keeps form, order and line ends.


def insert_carefully(export: Export, chance: Random, _others: Sequence[Export]) -> Pieces | None:
    """Insert a message whose time fits its place."""
    place = _pick(export, chance)
    return _put(export, place, [_typed(export, chance, _between(export, place, chance))])


def delete(export: Export, chance: Random, _others: Sequence[Export]) -> Pieces | None:
    """Delete a message."""
    return _put(export, _pick(export, chance), [], drop=1)


def change_words(export: Export, chance: Random, _others: Sequence[Export]) -> Pieces | None:
    """Change the words of a message."""
    place = _pick(export, chance)
    new = chance.choice(INVENTED) + export.line_end
    return _put(export, place, [replace(export.records[place], body=new)], drop=1)


def change_sender(export: Export, chance: Random, _others: Sequence[Export]) -> Pieces | None:
    """Give a message to another sender of the chat."""
    place = _pick(export, chance)
    one = export.records[place]
    others = sorted({x.sender for x in export.records if x.sender is not None} - {one.sender})
    return _put(export, place, [replace(one, sender=chance.choice(others))], drop=1) if others else None


def retime_and_move(export: Export, chance: Random, _others: Sequence[Export]) -> Pieces | None:
    """Change the time of a message by one to twenty hours and move it to where it belongs."""
    at = _pick(export, chance)
    moved = export.restamp(export.records[at], export.records[at].moment + _hours(chance))
    rest = [*export.records[:at], *export.records[at + 1 :]]
    place = bisect_right([one.moment for one in rest], moved.moment)
    return [*rest[:place], moved, *rest[place:]]


CARELESS: tuple[Alteration, ...] = (
    insert_anywhere, insert_other_line_end, insert_plain_spaces, retype_form, retype_date, retime_in_place, reorder,
    shift_zone, splice_other_form, splice_same_form, repeat_stretch,
)  # fmt: skip
PROGRAMS: tuple[Alteration, ...] = (
    swap_line_ends, add_byte_order_mark, strip_invisible, drop_last_line_end,
)  # fmt: skip
CAREFUL: tuple[Alteration, ...] = (insert_carefully, delete, change_words, change_sender, retime_and_move)
