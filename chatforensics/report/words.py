"""The report's plain words: what each label, count, status and level means, and what else could explain it."""

from chatforensics.report.language import say
from chatforensics.schema import LABELS, SLATE_LABEL

LABEL_MEANINGS = {
    SLATE_LABEL: say("In a ballot, the reader is told how to vote: derived from endorse or oppose."),
    "endorse": say(
        "Directs the reader to support a named person, slate, list, number or option in a ballot. "
        "Not: a writer's own choice, a report of others' support, a neutral list of candidates."
    ),
    "oppose": say(
        "Directs the reader to vote against, deselect, trigger a ballot against or leave off a named person or "
        "option. Not: criticism without a request about the vote."
    ),
    "procedure": say("Explains in steps, boxes, papers or screens how to cast the vote. Not: only a place or a time."),
    "mobilise": say(
        "Asks the reader to turn up, log in, register, bring documents or vote at all in a ballot. "
        "Not: an invitation with no ballot."
    ),
    "remind": say(
        "Marks itself as a reminder or last call for a ballot, or presses with a deadline. "
        "Not: a reminder of something else."
    ),
    "relay": say("Asks the reader to pass the message or its instruction on. Not: a message merely forwarded."),
    "conceal": say(
        "Asks to delete, hide or keep secret the message or the arrangement. Not: a mention that the ballot is secret."
    ),
    "bloc_appeal": say(
        "Speaks as, or to, a named group or list as one body of votes, in its own words. "
        "Never taken from who the sender is."
    ),
    "recruit": say(
        "Asks to sign people up as members, or to pay their fee, so that they can vote. "
        "Not: a general membership appeal."
    ),
    "vote_handling": say(
        "Asks for a ballot paper, code, login, photo of a vote, postal or proxy vote to be handed over. "
        "Not: the official postal or proxy route."
    ),
    "pressure": say(
        "Offers something for a vote, or threatens a consequence of not giving it. "
        "Not: an argument that the outcome matters."
    ),
}
LABEL_ORDER = {label: place for place, label in enumerate((SLATE_LABEL, *LABELS))}

DECISION_MEANINGS = {
    "flag": say("At or above the upper threshold."),
    "review": say("Between the thresholds: a person should read it."),
    "none": say("Below the lower threshold: not counted."),
}
STANCE_WORDS = {"for": say("support"), "against": say("oppose"), "trigger": say("trigger a ballot against")}
LEVEL_MEANINGS = {
    "contradiction": say("Two readings that cannot both hold; lawful causes remain possible."),
    "unexplained": say("No ordinary cause was found by the rules; one may exist."),
    "info": say("An observation with ordinary causes."),
}

# summary key, words beside the number, what the number means and does not mean
HEADLINES = (
    ("n_sources", say("exports read"), say("Files that were turned into messages.")),
    ("n_failed", say("files not read"), say("Each is listed under “What was received” with the reason.")),
    (
        "n_messages",
        say("records"),
        say("In all exports, notices included; a message in three exports is three records."),
    ),
    ("n_rejects", say("spans rejected"), say("Stretches of a file that belong to no record; listed, never dropped.")),
    ("n_chats", say("chats"), say("Conversations, however many exports hold them.")),
    ("n_people", say("people"), say("Participants, joined across exports only where messages or numbers show it.")),
    (
        "n_flagged",
        say("messages flagged"),
        say("Their words tell the reader how to vote; copies count once. Most such messages are lawful."),
    ),
    (
        "n_review",
        say("messages to be read"),
        say("The rules are not sure whether the words tell the reader how to vote."),
    ),
    (
        "n_families_tracked",
        say("texts followed"),
        say(
            "A text and its near-copies. Long texts seen in several chats are followed too, ordinary forwards among "
            "them."
        ),
    ),
    (
        "n_shares",
        say("shares"),
        say("One person sends a followed text into a chat; counted once however many exports show it."),
    ),
    (
        "n_links_named",
        say("shares with a likely source"),
        say("The likeliest source is another share. For the others it is not in the evidence."),
    ),
    (
        "n_edges",
        say("sender and recipient ties"),
        say("The recipient was a member of the chat; nobody knows from this whether they read it."),
    ),
    (
        "n_pairs_significant",
        say("pairs closer in time than chance"),
        say("Common timing, which has many ordinary causes."),
    ),
    (
        "n_conflicts",
        say("messages on which exports disagree"),
        say("Listed under “Where exports disagree”, with lawful explanations."),
    ),
    ("n_indicators", say("integrity observations"), ""),
)

STATUS_MEANINGS = {
    "text_conflict": say("Exports of the chat give different words."),
    "sender_conflict": say("Exports of the chat give different senders."),
    "time_conflict": say("Exports of the chat give times that differ by more than their clocks can explain."),
    "one_sided": say("Missing from an export that covers its time."),
    "single_source": say("No second export of the chat was supplied: nothing to compare with."),
    "outside_window": say("A second export exists but does not cover this time."),
    "agree": say("Exports of the chat agree on it."),
}

CONFLICT_CAUSES = (
    say("The sender edited the message after one of the exports was made; editing is an ordinary function."),
    say("One person deleted the message on their own phone, or it disappeared by a timer of the chat."),
    say("One phone joined the chat later, lost its connection, was restored from a backup, or exported without media."),
    say("The exports stop at different numbers of messages: long chats are cut by the app without a warning."),
    say("A clock or time zone was wrong, or changed, on one of the phones."),
    say("A file was re-saved by an editor, a mail program or a converter."),
)
PAIR_CAUSES = (
    say("Both copied the same third person, channel or newsletter."),
    say("Both are in the same chats at the same hour, as after a meeting, a service or a shift."),
    say("An event made many people write at once: a deadline, an announcement, the news."),
    say("They are family, friends, colleagues or fellow campaigners: working together is lawful."),
    say("With few shares, closeness in time is often chance; many pairs were looked at, hence the q-value."),
)
LIMITS = (
    (
        say("Sending"),
        say("does not show that a message was sent, delivered or read"),
        say("nor that it was not: an export is a text file that anyone can edit"),
    ),
    (
        say("Person"),
        say("does not show who held the phone; names are those of the exporter's address book"),
        say("nor that it was someone else"),
    ),
    (
        say("Reading of files"),
        say("does not show that each record was read as the phone meant it: a form, a date or a notice may be misread"),
        say(
            "nor that any was misread; what fits no record, or can be read in two ways, is listed. Words that were "
            "deleted, edited away or left out of an export are in no file"
        ),
    ),
    (
        say("Pasted lines"),
        say(
            "does not show that a record was a message: lines pasted into one, in the form of the export, read as "
            "messages"
        ),
        say("nor that any was pasted; a time that steps back, or another export of the chat, can tell"),
    ),
    (
        say("Times"),
        say("does not show that a phone's clock was right, nor in which zone it was where nothing places it"),
        say("nor that it was wrong; a time is no finer than its clock prints it"),
    ),
    (
        say("Who is who"),
        say("does not show that labels joined as one person are one: two people may share a name or a phone"),
        say("nor that people who stand apart are two: one person on phones that share no chat stays several"),
    ),
    (
        say("Agreeing exports"),
        say("does not show that a message was sent because exports agree on it: they may have one origin"),
        say("nor that it was not because they differ, or because one export alone holds it"),
    ),
    (
        say("Labels"),
        say(
            "does not show that a flagged text tells its reader how to vote. On 189 public texts (40 of them "
            "instructions, labelled by one person by the codebook, their totals seen while the model was built) 67 "
            "of 100 flags were right"
        ),
        say(
            "nor that an unflagged one does not: 85 of 100 instructions were flagged there, about half of those "
            "that only hint were missed among invented ones, and languages differ. On other chats the rates may be "
            "others; a hint without any word of voting is never found"
        ),
    ),
    (
        say("Slates"),
        say("does not show that a name was read whole, or on the right side: read the words at the place"),
        say("nor that somebody who was not read is not named"),
    ),
    (
        say("Pictures"),
        say("does not show that a picture says what a machine read in it: compare the words with the picture"),
        say(
            "nor that an unread picture, a voice note or a video says nothing; handwriting, and Urdu in Nastaliq, "
            "are hardly read"
        ),
    ),
    (
        say("Texts and near-copies"),
        say("does not show that texts put together come from one another: people write alike, and copy a third text"),
        say("nor that texts kept apart do not: a rewriting, or a translation, is a text of its own"),
    ),
    (
        say("First seen"),
        say("does not show that the earliest sender in the evidence wrote the text"),
        say("nor that they did not; chats outside the evidence are not seen"),
    ),
    (
        say("Passing on"),
        say(
            "does not show that a share came from the source with the highest probability. In simulated towns "
            "(exports of half of the groups) 63 to 72 of 100 named sources were right; on real chats nobody knows"
        ),
        say(
            "nor that a person with no share in the evidence passed nothing on elsewhere; there 37 to 66 of 100 "
            "true sources were found"
        ),
    ),
    (
        say("Reach"),
        say("does not show that anybody who was in a chat read what was sent into it"),
        say("nor that people outside these chats did not: reach counts the chats that somebody exported"),
    ),
    (
        say("Obeying"),
        say("does not show that anybody voted as told"),
        say("nor that nobody did; what the words had for effect is outside any export"),
    ),
    (
        say("Agreement"),
        say("does not show that people who send similar texts close in time arranged it"),
        say("nor that people who do not were strangers to one another"),
    ),
    (
        say("Pairs and clusters"),
        say(
            "does not show that a pair with a low q-value has a common plan: it says how seldom chance alone would "
            "bring two people together, and chance is not the only innocent reason"
        ),
        say(
            "nor that people without one act apart: in simulated towns with exports of half of the groups, 34 to 42"
            " of 100 clear pairs of a planted team were found"
        ),
    ),
    (
        say("Rules"),
        say("does not show that an instruction broke a law or the rules of the contest"),
        say("nor that it kept them: that is for the body whose rules they are"),
    ),
    (
        say("Integrity"),
        say("does not show that an export with observations was altered"),
        say("nor that an export without any was not: careful editing leaves no mark"),
    ),
    (
        say("Figures"),
        say(
            "does not show more than the tables behind it: nearness, size and order in a picture are a layout, and "
            "large figures leave rows out, which they say"
        ),
        say("nor that what is not drawn is not there: the tables have it"),
    ),
)
