"""Plain words for section 6: what had to be assumed, what each result is, and what cannot change by a reading."""

from chatforensics.report.language import say

# setting of the table `sensitivity`: what was assumed or chosen, in the order in which the report tells them
ASSUMED = {
    "date order": say("The order of day and month, in exports whose own dates do not decide it"),
    "clock": say(
        "The clock of each phone that no declared zone and no common message places: it is taken to show the zone "
        "of the case"
    ),
    "zone of the case": say("The zone of the case"),
    "labels": say("From which probability on a text counts as an instruction, or as one that a person should read"),
    "similarity": say("How alike two texts must be to count as one text with its near-copies"),
    "link model": say("How people pass texts on: the parameters of the model of links, estimated from the case"),
    "window_s": say("Within how many seconds two people count as close in time"),
    "phone left out": say("That what each phone shows can be relied on: each phone left out in turn"),
    "half of the exports": say("That these exports are enough: half of them, drawn at random"),
}
# what is said where the table does not have the setting
STAYS = {
    "date order": say("No export's order of day and month was in doubt, so none was read in the other order."),
    "clock": say(
        "No clock was moved: each phone is placed by a declared zone or by messages that another phone holds, or "
        "there is one phone only. Within one phone all times move together, so that order and lags in its chats stay."
    ),
}
OUTCOME_WORDS = {
    "n_flagged": say("messages flagged"),
    "n_families_tracked": say("texts followed"),
    "n_shares": say("shares"),
    "n_links_named": say("shares with a likely source"),
    "n_pairs_significant": say("pairs closer in time than chance"),
    "n_clusters": say("clusters of such pairs"),
    "reach": say("people who sent or could read the leading text"),
}
VALUE_WORDS = {
    "per_reader": say("weight of each reader of a share"),
    "per_unseen": say("weight of sources outside the evidence"),
    "again": say("weight of readers who had sent the text before"),
    "edited": say("part of the texts that are edited on the way"),
}
