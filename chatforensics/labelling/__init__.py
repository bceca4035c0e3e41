"""Messages to labels: who is told how to vote, in which words, and for whom.

`label_messages` and `extract_slates` are the stage; `classify_texts` answers for single texts. The classifier reads
words only. It knows nothing of senders, chats, telephone numbers, communities or the origin of names.
"""

from chatforensics.labelling.candidates import Candidates, read_candidates
from chatforensics.labelling.classify import classify_texts
from chatforensics.labelling.model import describe_model
from chatforensics.labelling.sameslates import link_slates
from chatforensics.labelling.stage import extract_slates, label_messages
from chatforensics.labelling.stated import StatedLabel, decide_as_stated, state_labels

__all__ = [
    "Candidates", "StatedLabel", "classify_texts", "decide_as_stated", "describe_model", "extract_slates",
    "label_messages", "link_slates", "read_candidates", "state_labels",
]  # fmt: skip
