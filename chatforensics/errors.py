"""Every error this package raises.

ChatForensicsError            base; carries `.hint`, what to do now
├─ EvidenceError              the input is at fault (exit 1)
│  ├─ UnreadableExport        also OSError      cannot be opened or decoded, or breaks a safety limit
│  ├─ UnknownExportFormat     also ValueError   no line looks like the start of a message
│  ├─ AmbiguousDates          also ValueError   day and month cannot be told apart; pass dates
│  └─ HashMismatch            the file changed while it was read, or since it was added
├─ SchemaError                also TypeError    a table lacks a column or has one of another type
├─ CaseError                  the case folder is missing, locked, or newer than this version
│  └─ Stale                   somebody else changed the same thing since it was read; nothing was saved
├─ PrecisionError             also ValueError   the question is finer than the clock
├─ UsageError                 also ValueError   an option or parameter that cannot be (exit 2)
└─ MissingDependency          also ImportError  an extra is not installed; names the command to run
"""


class ChatForensicsError(Exception):
    """Base of all errors of this package: what is wrong, where, and in `hint` what to do now."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        """Keep the message and the hint; `str()` prints both."""
        super().__init__(message)
        self.hint = hint

    def __str__(self) -> str:
        """Return the message followed by the hint."""
        message = str(self.args[0])
        return f"{message} {self.hint}" if self.hint else message


class EvidenceError(ChatForensicsError):
    """The input is at fault."""


class UnreadableExport(EvidenceError, OSError):
    """The export cannot be opened or decoded, or breaks a safety limit."""


class UnknownExportFormat(EvidenceError, ValueError):
    """No line looks like the start of a message, or the dates make no sense under any reading."""


class AmbiguousDates(EvidenceError, ValueError):
    """Day and month cannot be told apart, and the caller asked for certainty."""


class HashMismatch(EvidenceError):
    """The file changed while it was read, or since it was added to the case."""


class SchemaError(ChatForensicsError, TypeError):
    """A table lacks a column or has one of another type."""


class CaseError(ChatForensicsError):
    """The case folder is missing, locked, or newer than this version."""


class Stale(CaseError):
    """Somebody else changed the same thing since it was read; nothing was saved."""


class PrecisionError(ChatForensicsError, ValueError):
    """The question is finer than the clock that recorded the times."""


class UsageError(ChatForensicsError, ValueError):
    """An option or parameter has a value that cannot be."""


class MissingDependency(ChatForensicsError, ImportError):
    """An optional package is not installed; the hint names the command to run."""
