"""Stand-ins for people, labels, numbers and chats: made with a secret key, so that only its holder can tie them again.

A stand-in is HMAC-SHA256 (RFC 2104) of a namespace and an id, as ten letters and digits of base32 (RFC 4648): the same
in all packages of a case, another one in any other case. Without the key nobody can try out numbers or names.
"""

import base64
import hmac

from chatforensics.errors import UsageError

NAMESPACES = ("person", "label", "phone", "chat", "e-mail", "link", "words", "file", "share", "text", "cluster")
KEY_BYTES = 32
CODE = "[A-Z2-7]{10}"  # as a pattern
PSEUDONYM = f"P-{CODE}"
_LETTERS = 10


def pseudonym(key: bytes, *, namespace: str, value: str) -> str:
    """Return the stand-in of a person, label, number or other text: `P-` and ten letters or digits.

    It cannot show whom it stands for. Two stand-ins that are alike stand for one thing but in one of about 10^15 pairs.

    Args:
        key: The case's secret, 32 bytes or more; it stays outside of every package.
        namespace: What the value is, one of `NAMESPACES`; one text in two namespaces has two stand-ins.
        value: What to stand in for.

    Raises:
        UsageError: the key is too short or the namespace is none.
    """
    return f"P-{code_of(key, namespace=namespace, value=value)}"


def code_of(key: bytes, *, namespace: str, value: str) -> str:
    """Return the ten letters and digits of a stand-in; see `pseudonym`."""
    if len(key) < KEY_BYTES:
        raise UsageError(f"The key for pseudonyms has {len(key)} bytes; it must have {KEY_BYTES} or more.")
    if namespace not in NAMESPACES:
        raise UsageError(f"'{namespace}' is no namespace of pseudonyms.", hint=f"Use one of {', '.join(NAMESPACES)}.")
    told = f"{namespace}\0{value}".encode("utf-8", "surrogatepass")
    return base64.b32encode(hmac.digest(key, told, "sha256")).decode("ascii")[:_LETTERS]
