"""What a form says."""

from collections.abc import Mapping

from chatforensics.errors import UsageError


class Form:
    """What a form says: every field with the values given for it."""

    def __init__(self, fields: Mapping[str, list[str]]) -> None:
        """Take the fields."""
        self._fields = fields

    def one(self, name: str, default: str = "") -> str:
        """Return the last value of a field, without the space around it."""
        return self._fields.get(name, [default])[-1].strip()

    def raw(self, name: str) -> str:
        """Return the last value of a field as it was typed, for what may begin or end with a blank."""
        return self._fields.get(name, [""])[-1]

    def many(self, name: str) -> list[str]:
        """Return all values of a field."""
        return self._fields.get(name, [])

    def names(self) -> list[str]:
        """Return the names of the fields."""
        return list(self._fields)

    def number(self, name: str) -> int:
        """Return a whole number.

        Raises:
            UsageError: it is none.
        """
        said = self.one(name)
        if not said.removeprefix("-").isdecimal() or len(said) > 20:  # noqa: PLR2004 - of 64 bits
            raise UsageError(f"{name}: no whole number.")
        return int(said)
