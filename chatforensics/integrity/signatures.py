"""What kind of file it is by its first bytes, and which kinds belong to which ending.

The table is our own, after the published forms of these files; it knows what people send in chats and nothing else.
"""

from collections.abc import Mapping

# Kind, and what stands at which places.
_SIGNATURES: tuple[tuple[str, tuple[tuple[int, bytes], ...]], ...] = (
    ("JPEG", ((0, b"\xff\xd8\xff"),)),
    ("PNG", ((0, b"\x89PNG\r\n\x1a\n"),)),
    ("GIF", ((0, b"GIF8"),)),
    ("WebP", ((0, b"RIFF"), (8, b"WEBP"))),
    ("WAV", ((0, b"RIFF"), (8, b"WAVE"))),
    ("AVI", ((0, b"RIFF"), (8, b"AVI "))),
    ("TIFF", ((0, b"II*\0"),)),
    ("TIFF", ((0, b"MM\0*"),)),
    ("MP4", ((4, b"ftyp"),)),
    ("Matroska", ((0, b"\x1aE\xdf\xa3"),)),
    ("Ogg", ((0, b"OggS"),)),
    ("AMR", ((0, b"#!AMR"),)),
    ("MP3", ((0, b"ID3"),)),
    ("PDF", ((0, b"%PDF-"),)),
    ("zip", ((0, b"PK\x03\x04"),)),
    ("zip", ((0, b"PK\x05\x06"),)),
    ("old Office", ((0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),)),
    ("RAR", ((0, b"Rar!\x1a\x07"),)),
    ("7z", ((0, b"7z\xbc\xaf\x27\x1c"),)),
    ("gzip", ((0, b"\x1f\x8b\x08"),)),
    ("Windows program", ((0, b"MZ"),)),
    ("Linux program", ((0, b"\x7fELF"),)),
    ("vCard", ((0, b"BEGIN:VCARD"),)),
)
# MPEG sound without a tag: eleven bits set, then a layer that tells MP3 from AAC.
_SYNC, _LAYER = 0xE0, 0x06

_PICTURES = ("JPEG", "PNG", "GIF", "WebP", "TIFF")
_KINDS_OF_ENDING: Mapping[tuple[str, ...], tuple[str, ...]] = {
    ("jpg", "jpeg", "jpe", "thumb"): ("JPEG",),
    ("png",): ("PNG",),
    ("gif",): ("GIF",),
    ("webp",): ("WebP",),
    ("tif", "tiff"): ("TIFF",),
    ("mp4", "m4v", "mov", "3gp", "3gpp", "3g2", "heic", "heif", "avif"): ("MP4",),
    ("m4a", "aac"): ("MP4", "AAC"),
    ("opus", "ogg", "oga"): ("Ogg",),
    ("amr",): ("AMR",),
    ("mp3",): ("MP3",),
    ("wav",): ("WAV",),
    ("avi",): ("AVI",),
    ("mkv", "webm"): ("Matroska",),
    ("pdf",): ("PDF",),
    ("docx", "xlsx", "pptx", "odt", "ods", "odp", "zip", "apk", "epub"): ("zip",),
    ("doc", "xls", "ppt"): ("old Office",),
    ("vcf",): ("vCard",),
}
KINDS_OF: Mapping[str, tuple[str, ...]] = {
    ending: kinds for endings, kinds in _KINDS_OF_ENDING.items() for ending in endings
}
MEDIA_KINDS = (*_PICTURES, "WAV", "AVI", "MP4", "Matroska", "Ogg", "AMR", "MP3", "AAC")


def tell_kind(magic: bytes) -> str | None:
    """Return the kind of file that begins so; None where the table does not know it."""
    for kind, marks in _SIGNATURES:
        if all(magic[at : at + len(mark)] == mark for at, mark in marks):
            return kind
    if len(magic) > 1 and magic[0] == 0xFF and magic[1] & _SYNC == _SYNC:  # noqa: PLR2004 - the first eight bits
        return "MP3" if magic[1] & _LAYER else "AAC"
    return None


def ending_of(name: str) -> str:
    """Return a file name's ending in small letters, without the dot; empty where it has none."""
    own = name.replace("\\", "/").rpartition("/")[2]
    return own.rpartition(".")[2].lower() if "." in own else ""
