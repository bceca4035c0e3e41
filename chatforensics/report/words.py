"""The report's plain words: what each label, count, status and level means, and what else could explain it."""

from chatforensics.schema import LABELS, SLATE_LABEL

LABEL_MEANINGS = {
    SLATE_LABEL: "In a ballot, the reader is told how to vote: derived from endorse or oppose.",
    "endorse": "Directs the reader to support a named person, slate, list, number or option in a ballot. "
    "Not: a writer's own choice, a report of others' support, a neutral list of candidates.",
    "oppose": "Directs the reader to vote against, deselect, trigger a ballot against or leave off a named person or "
    "option. Not: criticism without a request about the vote.",
    "procedure": "Explains in steps, boxes, papers or screens how to cast the vote. Not: only a place or a time.",
    "mobilise": "Asks the reader to turn up, log in, register, bring documents or vote at all in a ballot. "
    "Not: an invitation with no ballot.",
    "remind": "Marks itself as a reminder or last call for a ballot, or presses with a deadline. "
    "Not: a reminder of something else.",
    "relay": "Asks the reader to pass the message or its instruction on. Not: a message merely forwarded.",
    "conceal": "Asks to delete, hide or keep secret the message or the arrangement. "
    "Not: a mention that the ballot is secret.",
    "bloc_appeal": "Speaks as, or to, a named group or list as one body of votes, in its own words. "
    "Never taken from who the sender is.",
    "recruit": "Asks to sign people up as members, or to pay their fee, so that they can vote. "
    "Not: a general membership appeal.",
    "vote_handling": "Asks for a ballot paper, code, login, photo of a vote, postal or proxy vote to be handed over. "
    "Not: the official postal or proxy route.",
    "pressure": "Offers something for a vote, or threatens a consequence of not giving it. "
    "Not: an argument that the outcome matters.",
}
LABEL_ORDER = {label: place for place, label in enumerate((SLATE_LABEL, *LABELS))}

DECISION_MEANINGS = {
    "flag": "At or above the upper threshold.",
    "review": "Between the thresholds: a person should read it.",
    "none": "Below the lower threshold: not counted.",
}
STANCE_WORDS = {"for": "support", "against": "oppose", "trigger": "trigger a ballot against"}
LEVEL_MEANINGS = {
    "contradiction": "Two readings that cannot both hold; lawful causes remain possible.",
    "unexplained": "No ordinary cause was found by the rules; one may exist.",
    "info": "An observation with ordinary causes.",
}

# summary key, words beside the number, what the number means and does not mean
HEADLINES = (
    ("n_sources", "exports read", "Files that were turned into messages."),
    ("n_failed", "files not read", "Each is listed in section 1 with the reason."),
    (
        "n_messages",
        "records",
        "In all exports, notices included; a message in three exports is three records.",
    ),
    ("n_rejects", "spans rejected", "Stretches of a file that belong to no record; listed, never dropped."),
    ("n_chats", "chats", "Conversations, however many exports hold them."),
    ("n_people", "people", "Participants, joined across exports only where messages or numbers show it."),
    (
        "n_flagged",
        "messages flagged",
        "Their words tell the reader how to vote; copies count once. Most such messages are lawful.",
    ),
    ("n_review", "messages to be read", "The rules are not sure whether the words tell the reader how to vote."),
    (
        "n_families_tracked",
        "texts followed",
        "A text and its near-copies. Long texts seen in several chats are followed too, ordinary forwards among them.",
    ),
    (
        "n_shares",
        "shares",
        "One person sends a followed text into a chat; counted once however many exports show it.",
    ),
    (
        "n_links_named",
        "shares with a likely source",
        "The likeliest source is another share. For the others it is not in the evidence.",
    ),
    (
        "n_edges",
        "sender and recipient ties",
        "The recipient was a member of the chat; nobody knows from this whether they read it.",
    ),
    ("n_pairs_significant", "pairs closer in time than chance", "Common timing, which has many ordinary causes."),
    ("n_conflicts", "messages on which exports disagree", "Listed in section 5, with lawful explanations."),
    ("n_indicators", "integrity observations", ""),
)

STATUS_MEANINGS = {
    "text_conflict": "Exports of the chat give different words.",
    "sender_conflict": "Exports of the chat give different senders.",
    "time_conflict": "Exports of the chat give times that differ by more than their clocks can explain.",
    "one_sided": "Missing from an export that covers its time.",
    "single_source": "No second export of the chat was supplied: nothing to compare with.",
    "outside_window": "A second export exists but does not cover this time.",
    "agree": "Exports of the chat agree on it.",
}

CONFLICT_CAUSES = (
    "The sender edited the message after one of the exports was made; editing is an ordinary function.",
    "One person deleted the message on their own phone, or it disappeared by a timer of the chat.",
    "One phone joined the chat later, lost its connection, was restored from a backup, or exported without media.",
    "The exports stop at different numbers of messages: long chats are cut by the app without a warning.",
    "A clock or time zone was wrong, or changed, on one of the phones.",
    "A file was re-saved by an editor, a mail program or a converter.",
)
PAIR_CAUSES = (
    "Both copied the same third person, channel or newsletter.",
    "Both are in the same chats at the same hour, as after a meeting, a service or a shift.",
    "An event made many people write at once: a deadline, an announcement, the news.",
    "They are family, friends, colleagues or fellow campaigners: working together is lawful.",
    "With few shares, closeness in time is often chance; many pairs were looked at, hence the q-value.",
)
LIMITS = (
    (
        "Sending",
        "does not show that a message was sent, delivered or read",
        "nor that it was not: an export is a text file that anyone can edit",
    ),
    (
        "Person",
        "does not show who held the phone; names are those of the exporter's address book",
        "nor that it was someone else",
    ),
    (
        "Pasted lines",
        "does not show that a record was a message: lines pasted into one, in the form of the export, read as messages",
        "nor that any was pasted; a time that steps back, or another export of the chat, can tell",
    ),
    (
        "First seen",
        "does not show that the earliest sender in the evidence wrote the text",
        "nor that they did not; chats outside the evidence are not seen",
    ),
    (
        "Passing on",
        "does not show that a share came from the source with the highest probability",
        "nor that a person with no share in the evidence passed nothing on elsewhere",
    ),
    (
        "Obeying",
        "does not show that anybody voted as told",
        "nor that nobody did; what the words had for effect is outside any export",
    ),
    (
        "Agreement",
        "does not show that people who send similar texts close in time arranged it",
        "nor that people who do not were strangers to one another",
    ),
    (
        "Rules",
        "does not show that an instruction broke a law or the rules of the contest",
        "nor that it kept them: that is for the body whose rules they are",
    ),
    (
        "Integrity",
        "does not show that an export with observations was altered",
        "nor that an export without any was not: careful editing leaves no mark",
    ),
)
