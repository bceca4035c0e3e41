"""What observations about several exports are called, what they mean, what else explains them, and what would tell."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Words:
    """The words of one kind of observation: columns of `indicators`."""

    indicator: str
    title: str
    explanation: str
    innocent: str
    resolve: str

    def columns(self) -> dict[str, str]:
        """Return the words by column, with single spaces."""
        return {name: " ".join(text.split()) for name, text in vars(self).items()}


WORDS: Mapping[str, Words] = {
    "same_chat": Words(
        "J-01",
        "One chat in several exports",
        """The first export and the others show long texts of several senders, in one order and at one distance of their
        clocks, and differ little in the time that both cover: they are taken to show one chat. Names and titles were
        not looked at. The lines are the first and the last shared text.""",
        "A file made from another one shares all its texts, too: see what counts as independent.",
        "The chat on each phone; its invite link or members.",
    ),
    "near": Words(
        "J-01",
        "Texts in step, not taken for one chat",
        """The first export and the others show texts in one order and at one distance of their clocks, but not enough
        of the common time to be taken for one chat: nothing in one was put beside the other. An export of which about
        half the texts were altered or deleted looks the same. The lines are those of the texts, of many the first
        thousand.""",
        """Forwards that one or several people posted in both chats at once; groups of the same people; an export of one
        chat whose owner lost or deleted much.""",
        """The export of a third member; the members of both chats on the phones; if you know that they show one chat,
        declare it (--declare).""",
    ),
    "clock": Words(
        "J-02",
        "Two clocks",
        """How far the clock of the first export is ahead of that of the second, by the texts that both show. Where some
        stand at another distance, one phone changed its zone or keeps summer time otherwise.""",
        "Phones stand in different zones, keep summer time differently, travel, and are a few seconds wrong.",
        "Where each phone was; its settings of date and time.",
    ),
    "alignment": Words(
        "J-03",
        "What other exports say of this one",
        """How many messages of the first export are in time that another export of the chat covers, and how many of
        these the others show alike, show differently, or lack. Agreement shows that exports agree, not that a
        message is true.""",
        "All that the observations J-04 to J-07 list for a single message.",
        "The messages concerned, one by one.",
    ),
    "order": Words(
        "J-07",
        "Different order",
        """Messages that both exports show at one time stand on different sides of another message in the two files, by
        more than the clocks' steps. The lines are those that must be left out for the rest to be in one order; where
        two have changed places, nothing shows which was moved.""",
        """A phone was offline and lists messages as they arrived; a message was sent again; a clock was set; the export
        was put together from a backup.""",
        "The chat on either phone; the message's details; the export of a third member.",
    ),
    "entry_lacking": Words(
        "J-08",
        "Entry or exit in one export only",
        """The first export has notices of somebody who entered or left the chat; the second covers the time and shows
        neither the notice nor another at that moment.""",
        """Phones do not tell all members of each exit; notices are deleted like messages; the owner was out of the
        chat; a notice was not understood, or names a person who could not be matched.""",
        "The members and the past members on each phone; the export of a third member.",
    ),
    "entry_differs": Words(
        "J-08",
        "Entry or exit told differently",
        """Exports tell one entry or exit in different ways: left or removed, joined or added, or by another hand. Which
        of them is right cannot be seen from the files.""",
        """Two things happened within two minutes; a label was given to the wrong person; phones of different versions
        word one thing differently.""",
        "The notice on each phone; the export of a third member.",
    ),
    "attachment": Words(
        "J-09",
        "Different files for one message",
        "Copies of one message name files of different content.",
        """Phones shrink and convert photos and videos; the sender keeps the original; one was saved in high quality,
        opened in an editor, or downloaded again; a file of that name lay there already.""",
        "Looking at both files; the message on either phone.",
    ),
    "dependence": Words(
        "J-10",
        "Exports that do not count as independent",
        "What the first export and the others agree on is confirmed by none of them.",
        "People keep several copies of an export, and export one chat more than once.",
        "Asking who made each export, when, and on which phone.",
    ),
    "repeat": Words(
        "J-12",
        "Missing from a later export of one person",
        """Messages of the first export are missing from the second, which the same phone or person made later and which
        covers their time.""",
        """Anybody may delete messages for themselves; messages disappear by a timer of the chat; the sender deleted one
        for everyone; the phone was changed or restored from a backup.""",
        "Asking the person; the exports of other members, who still have what one deleted.",
    ),
    "blind_spot": Words(
        "J-13",
        "Time that nothing independent covers",
        """Of this time no independent export of the chat was supplied: nothing confirms or contradicts what the first
        export shows. The lines are the first and the last message of each stretch.""",
        """People join and leave, export at different times, and phones cut long chats without a word.""",
        "The export of another member that reaches over this time.",
    ),
}
