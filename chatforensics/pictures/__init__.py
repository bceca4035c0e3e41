"""Words in pictures, and the same picture again.

`examine_picture` decodes and reads one picture in processes of their own, under limits; `build_pictures` joins what was
found to the messages; `match_pictures` links messages with the same picture. `shrink_picture` draws a small copy to
show beside the words.
"""

from chatforensics.intake.kinds import is_picture
from chatforensics.pictures.decode import MAX_BYTES, shrink_picture
from chatforensics.pictures.match import match_pictures
from chatforensics.pictures.read import Reader, find_reader
from chatforensics.pictures.stage import NO_READER, Examined, build_pictures, examine_picture

__all__ = [
    "MAX_BYTES",
    "NO_READER",
    "Examined",
    "Reader",
    "build_pictures",
    "examine_picture",
    "find_reader",
    "is_picture",
    "match_pictures",
    "shrink_picture",
]
