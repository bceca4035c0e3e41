"""Views of the database: rows that a reader would otherwise have to put together from several tables."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class View:
    """What one row of a view is, the tables that it needs, and its query."""

    row: str
    tables: Sequence[str]
    query: str


VIEWS: Mapping[str, View] = {
    "readable_messages": View(
        "one record in the order of time, with its chat, its sender and its place in the file received",
        ("messages", "chats", "people", "sources"),
        """
        SELECT m.sent_at, m.sent_local, c.title AS chat, m.sender_label, p.pseudonym AS person, m.kind, m.text,
          m.attachment, s.path, m.line, m.byte_start, m.byte_end, m.message_id, m.person_id, m.chat_id, m.source_id
        FROM messages AS m
        LEFT JOIN chats AS c ON c.chat_id = m.chat_id
        LEFT JOIN people AS p ON p.person_id = m.person_id
        LEFT JOIN sources AS s ON s.source_id = m.source_id
        ORDER BY m.sent_at, m.source_id, m.byte_start
        """,
    ),
    "labelled_messages": View(
        "one label that was decided flag or review, with its probability and the words; a label is a reading of the "
        "words by a program, and says nothing of who meant what",
        ("labels", "messages"),
        """
        SELECT l.label, l.decision, l.probability, m.sent_at, m.sender_label, m.text, l.spans, l.explanation,
          m.message_id, m.person_id, m.chat_id, m.source_id, m.line
        FROM labels AS l JOIN messages AS m ON m.message_id = l.message_id
        WHERE l.decision <> 'none'
        ORDER BY m.sent_at, m.message_id, l.label
        """,
    ),
    "possible_sources": View(
        "one share and one share it may have come from, with the probability; where the other side is empty, its "
        "source is not in the evidence",
        ("links", "shares"),
        """
        SELECT child.family_id, child.sent_at, child.person_id, child.chat_id, l.rank, l.probability, l.lag_s, l.basis,
          parent.sent_at AS source_sent_at, parent.person_id AS source_person_id, parent.chat_id AS source_chat_id,
          l.share_id, l.parent_share_id
        FROM links AS l
        JOIN shares AS child ON child.share_id = l.share_id
        LEFT JOIN shares AS parent ON parent.share_id = l.parent_share_id
        ORDER BY child.sent_at, l.share_id, l.rank
        """,
    ),
    "pairs_by_chance": View(
        "two people who sent the same families close in time, with how often chance alone would bring them together; "
        "common timing does not show a common plan",
        ("pairs", "people"),
        """
        SELECT a.labels AS labels_a, b.labels AS labels_b, q.n_occasions, q.n_expected, q.n_common, q.p_value,
          q.q_value, q.median_lag_s, q.may_be_one, q.n_shares, q.n_families, q.person_a, q.person_b
        FROM pairs AS q
        LEFT JOIN people AS a ON a.person_id = q.person_a
        LEFT JOIN people AS b ON b.person_id = q.person_b
        ORDER BY q.q_value, q.p_value, q.person_a, q.person_b
        """,
    ),
}
