"""The codes of the tables in the words of the page: statuses, kinds, decisions, levels and outcomes."""

from chatforensics.report.language import Phrase, say

CODES = {
    # what exports say of one message
    "agree": say("agree"),
    "text_conflict": say("text conflict"),
    "sender_conflict": say("sender conflict"),
    "time_conflict": say("time conflict"),
    "one_sided": say("one sided"),
    "single_source": say("single source"),
    "outside_window": say("outside window"),
    "order": say("order"),
    # kinds of messages
    "text": say("text"),
    "media": say("media"),
    "deleted": say("deleted"),
    "system": say("system"),
    "poll": say("poll"),
    "location": say("location"),
    "contact": say("contact"),
    "call": say("call"),
    "view_once": say("view once"),
    # decisions of labels
    "flag": say("flag"),
    "review": say("review"),
    "none": say("none"),
    # levels of observations
    "contradiction": say("contradiction"),
    "unexplained": say("unexplained"),
    "info": say("info"),
    # how sure the order of day and month is
    "certain": say("certain"),
    "likely": say("likely"),
    "ambiguous": say("ambiguous"),
    "declared": say("declared"),
    # calls
    "voice": say("voice"),
    "video": say("video"),
    "answered": say("answered"),
    "silenced": say("silenced"),
    "declined": say("declined"),
    "no_answer": say("no answer"),
    "cancelled": say("cancelled"),
    "failed": say("failed"),
    "missed": say("missed"),
}


def name_code(code: str) -> str:
    """Return a code of the tables in plain words; one that nobody has worded with spaces for its underscores.

    A phrase is returned as it is.
    """
    return CODES.get(code) or (code if isinstance(code, Phrase) else code.replace("_", " "))
