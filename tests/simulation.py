"""Simulate an invented town: who is in which chat, everyday talk, and texts that travel. Nobody in it is real."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import numpy as np

GIVEN = (
    *("Adaeze", "Bia", "Chidi", "Dilnoza", "Eirini", "Farid", "Goran", "Hina", "Ioana", "Jarek", "Kofi", "Leilani"),
    *("Mirembe", "Nurlan", "Oisín", "Priya", "Quilla", "Rashid", "Sunniva", "Tariq", "Ulrike", "Vusi", "Wanjiru"),
    *("Ximena", "Yusuf", "Zoë", "علی", "কবির", "Дарья", "明", "अनिता", "Ọlá", "Łucja", "Şirin", "Ñusta", "Thảo"),
)
SURNAME = (
    *("Abara", "Brandt", "Castellano", "Duarte", "Eriksen", "Farooqi", "Goldstein", "Hossain", "Ivanova", "Jankowska"),
    *("Kamau", "Lindqvist", "Mokoena", "Nakamura", "Okonkwo", "Papadaki", "Quispe", "Rahman", "Singh", "Tuilagi"),
    *("Umarov", "Villanueva", "Wierzbicka", "Xhaka", "Yıldız", "Zeidan", "van der Merwe", "رضا", "O’Rourke"),
)
PLACES = ("Harbour", "Mill Lane", "Orchard", "Station", "Quarry", "Lakeside", "Old Town", "Meadow", "Bridge", "Hilltop")
TOPICS = ("allotment", "choir", "parents", "cricket", "street", "book club", "volunteers")
TALK = ("Good morning all", "Who has the keys?", "Bins are out tomorrow", "Thanks!", "See you at six", "Lovely photo")
CAMPAIGN = (
    ("Final reminder. Step 1: select Mara Quill. Step 2: select Tobin Ashe. Delete once read", "flag"),
    ("Please support Mara Quill on Thursday and pass this on to your street", "flag"),
    ("Some say the sitting member should face a new ballot, what do others here think of that", "review"),
    (
        "The bakery on Mill Lane gives away yesterday's bread at seven every evening, please tell your neighbours",
        "none",
    ),
)
ENDINGS = ("", ".", " 🙏", " - pls fwd", "!!", " (from a friend)")
START = datetime(2031, 3, 3, 6, 0, tzinfo=UTC)
OFFSET = timedelta(hours=2)


@dataclass(frozen=True)
class Share:
    """One person sending one family into one chat, as the simulation made it."""

    family: int
    variant: int
    chat: int
    person: int
    at: datetime
    parent: int | None


@dataclass
class Draft:
    """A case while it is being made: who is in which chat, and the messages so far."""

    rng: np.random.Generator
    n_people: int
    members: list[list[int]]
    shares: list[Share] = field(default_factory=list)
    sent: list[tuple[datetime, int, int, str, str, int | None]] = field(default_factory=list)

    def chats_of(self, person: int) -> list[int]:
        """Return the chats the person is in."""
        return [chat for chat, people in enumerate(self.members) if person in people]


def a_name(person: int) -> str:
    """Return the invented name of the person of that number."""
    turn = person // len(GIVEN)
    return f"{GIVEN[person % len(GIVEN)]} {SURNAME[(person * 5 + turn) % len(SURNAME)]}"


def simulate_town(n_people: int, seed: int) -> Draft:
    """Return a town of that many people with its talk and its travelling texts."""
    rng = np.random.default_rng(seed)
    n_groups = max(2, round(n_people / 9))
    members: list[set[int]] = [set() for _ in range(n_groups)]
    for person in range(n_people):
        for chat in rng.choice(n_groups, size=min(n_groups, int(rng.integers(1, 4))), replace=False):
            members[int(chat)].add(person)
    for group in members:
        group.update(int(person) for person in rng.choice(n_people, size=2, replace=False))
    draft = Draft(rng, n_people, [*map(sorted, members), [0, 1]])
    for family in range(len(CAMPAIGN)):
        _spread(draft, family)
    _talk(draft)
    return draft


def _spread(draft: Draft, family: int) -> None:
    """Let one text travel: each who reads it may send it on into their chats after a while."""
    rng, first = draft.rng, len(draft.shares)
    start = START + timedelta(days=9 + 2 * family, hours=11, minutes=int(rng.integers(60)))
    decided = {int(person) for person in rng.choice(draft.n_people, size=1 + draft.n_people // 60, replace=False)}
    waiting: list[tuple[datetime, int, int | None]] = [
        (start + timedelta(hours=5 * turn), person, None) for turn, person in enumerate(sorted(decided))
    ]
    while waiting and len(draft.shares) - first < 1 + draft.n_people * (0.9, 0.5, 0.3, 0.2)[family]:
        at, person, parent = waiting.pop(waiting.index(min(waiting, key=lambda entry: entry[:2])))
        chats = draft.chats_of(person)
        for turn, chat in enumerate(rng.permutation(chats)[: int(rng.integers(1, 4))]):
            share = Share(family, _drift(draft, parent), int(chat), person, at + timedelta(minutes=2 * turn), parent)
            draft.shares.append(share)
            readers = [reader for reader in draft.members[share.chat] if reader not in decided]
            for reader in readers:
                if rng.random() < min(0.7, 2.2 / len(readers)):
                    decided.add(reader)
                    delay = timedelta(minutes=1 + int(rng.lognormal(4.3, 1.3)))
                    waiting.append((share.at + delay, reader, len(draft.shares) - 1))


def _drift(draft: Draft, parent: int | None) -> int:
    """Return the wording: mostly the one received, now and then another."""
    if parent is None:
        return 0
    return int(draft.rng.integers(len(ENDINGS))) if draft.rng.random() < 0.15 else draft.shares[parent].variant


def _talk(draft: Draft) -> None:
    """Fill the chats: each shared text, and everyday talk around it."""
    rng = draft.rng
    for number, share in enumerate(draft.shares):
        text = CAMPAIGN[share.family][0] + ENDINGS[share.variant]
        draft.sent.append((share.at, share.chat, share.person, "text", text, number))
    for chat, people in enumerate(draft.members):
        draft.sent.append((START, chat, people[0], "system", f"{a_name(people[0])} created group", None))
        for _ in range(6 * len(people)):
            at = START + timedelta(days=int(rng.integers(21)), minutes=int(60 * rng.triangular(0, 12, 17)))
            kind = "media" if rng.random() < 0.1 else "text"
            draft.sent.append((at, chat, int(rng.choice(people)), kind, str(rng.choice(TALK)), None))
    draft.sent.sort(key=lambda entry: (entry[0], entry[1], entry[2], entry[4]))
