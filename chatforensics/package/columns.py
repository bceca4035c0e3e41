"""What each column of the tables holds, as far as redaction must know. What is not named here counts as words."""

from collections.abc import Mapping

PLAIN = "plain"  # hashes, words of the contract, names of zones: nothing that a person wrote
WORDS = "words"  # what people wrote
SENTENCE = "sentence"  # what this program wrote, which may quote what people wrote
LABEL = "label"  # a name as a phone prints it
TITLE = "title"  # of a chat: of one with one person it is that person's name
FILE = "file"  # the name of a file that came with an export
PATH = "path"  # of an export or a folder of them, as its maker called it
# Ids that were made from names, numbers or texts without a key, by the namespace of what stands in for them.
PERSON, CHAT, SHARE, TEXT, CLUSTER = "person", "chat", "share", "text", "cluster"
IDS = (PERSON, CHAT, SHARE, TEXT, CLUSTER)

_COLUMNS: Mapping[str, str] = {
    PERSON: "person_id person_a person_b person_ids custodian_id sender_id recipient_id added_by removed_by",
    CHAT: "chat_id",
    SHARE: "share_id parent_share_id burst_id",
    TEXT: "family_id variant_id parent_variant_id variant_ids family_ids family_a family_b",
    CLUSTER: "cluster_id",
    LABEL: "sender_label actor targets deleted_by label_a label_b declared_custodian",
    TITLE: "title chat_title declared_chat",
    FILE: "attachment file member",
    PATH: "path folder",
    WORDS: "text parent_text question option name names old new contest candidate labels",
    SENTENCE: "value explanation innocent resolve detail dependence date_order_evidence header_format reason unread"
    " setting",
    PLAIN: "source_id source_ids source_a source_b group_id sha256 perceptual_hash magic kind event language languages"
    " status platform date_order date_order_verdict timezone dst role conflicts lacking relation reference stance entry"
    " exit decision measure change call outcome indicator level taken_as pseudonym",
}
_BY_COLUMN = {column: what for what, columns in _COLUMNS.items() for column in columns.split()}
# Columns that hold what people wrote or were called; `label` has somebody's name in answers and replies.
WRITTEN = frozenset(name for what in (WORDS, LABEL, TITLE, FILE) for name in _COLUMNS[what].split()) | {"label"}
_BY_PLACE: Mapping[tuple[str, str], str] = {
    ("labels", "label"): PLAIN,
    ("indicators", "title"): SENTENCE,
    ("members", "name"): FILE,
    ("namesakes", "name"): LABEL,
    ("clocks", "basis"): SENTENCE,
    ("memberships", "basis"): PLAIN,
    ("links", "basis"): PLAIN,
    ("sensitivity", "outcome"): SENTENCE,
}


def what_is(table: str, column: str) -> str:
    """Say what a column holds: one of the words above; what nobody named counts as words that people wrote."""
    return _BY_PLACE.get((table, column)) or _BY_COLUMN.get(column, WORDS)
