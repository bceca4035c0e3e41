"""What each measure of a cascade means, in plain words, and where it comes from."""

from typing import NamedTuple

from chatforensics.report.language import say


class Measure(NamedTuple):
    """One measure of the table `cascades` as the report prints it."""

    key: str
    name: str
    meaning: str
    is_duration: bool = False


COUNTED = (
    Measure(
        "reach", say("Reached"), say("People who sent the text or were in a chat when somebody else sent it there.")
    ),
    Measure("n_senders", say("Senders"), say("People who sent it.")),
    Measure("n_chats", say("Chats"), say("Chats into which it was sent.")),
    Measure(
        "n_shares",
        say("Shares"),
        say(
            "One person sends it into one chat at one time. Copies in several exports count once, and so do sendings "
            "at most ten minutes apart."
        ),
    ),
    Measure(
        "half_reach_s",
        say("Time to half reach"),
        say(
            "Time from the earliest share in the evidence until half of those reached were reached; no finer than the "
            "clocks."
        ),
        is_duration=True,
    ),
)
LINKED = (
    Measure("n_trees", say("Shares without a source"), say("Shares whose source is not in the evidence.")),
    Measure("unseen_share", say("Their part"), say("These as a part of all shares, 0 to 1.")),
    Measure(
        "depth",
        say("Depth"),
        say(
            "Steps from a share without a source in the evidence to the share most steps away; 0: nobody in the "
            "evidence passed it on from another share in it."
        ),
    ),
    Measure("breadth", say("Breadth"), say("The largest number of shares at one depth.")),
    Measure(
        "structural_virality",
        say("Structural virality"),
        say(
            "Mean number of steps between two shares: low where few senders reach all, higher where many hand on in "
            "turn. All trees of a text hang on one point outside the evidence. None for a single share. After Goel, "
            "Anderson, Hofman and Watts (2016), Management Science 62(1), there for one tree."
        ),
    ),
)
ALL = (*COUNTED, *LINKED)
