"""The pages of a case, in the order in which people meet them."""

from chatforensics.report.language import say

FIRST = (
    ("/", say("Received and choose")),
    ("/package", say("Questions and package")),
)
DEEPER = (
    ("/search", say("Search")),
    ("/views", say("Linked views")),
    ("/results", say("Report and files")),
    ("/exports", say("Exports")),
    ("/people", say("People")),
    ("/corrections", say("Corrections")),
    ("/replies", say("Replies")),
    ("/notes", say("Notes")),
    ("/documents", say("Documents")),
    ("/addresses", say("Kept searches")),
    ("/log", say("Custody log")),
    ("/save", say("Save the case")),
)
STAGES = {
    "looking": say("Looking at what came in"),
    "hashing": say("Hashing the originals"),
    "reading": say("Reading the exports"),
    "pictures": say("Reading the pictures"),
    "joining": say("The exports were joined"),
    "labelling": say("The messages were labelled"),
    "families": say("Wordings were compared"),
    "spread": say("Their spread was followed"),
    "coordination": say("Times of sending were compared"),
    "sensitivity": say("Assumptions were varied"),
    "figures": say("The figures were drawn"),
    "report": say("The report was written"),
    "view": say("Preparing these pages"),
    "checking": say("Checking the package"),
    "putting together": say("Putting the package together"),
}


def list_pages() -> dict[str, tuple[tuple[str, str], ...]]:
    """Return the pages for everybody, and those for people who look deeper."""
    return {"first": FIRST, "deeper": DEEPER}
