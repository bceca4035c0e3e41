"""Find which of thousands of fixed words stand in a few short texts, without trying each word."""

from collections.abc import Sequence

_KEY = 3  # letters by which a word is looked up


class Needles:
    """Fixed words, by their first letters."""

    def __init__(self, words: Sequence[str]) -> None:
        """Sort the words by their first letters."""
        self.ranks = {word: rank for rank, word in enumerate(words)}
        self.short = [word for word in words if len(word) < _KEY]
        self.by_key: dict[str, list[str]] = {}
        for word in words:
            if len(word) >= _KEY:
                self.by_key.setdefault(word[:_KEY], []).append(word)

    def find(self, text: str) -> list[str]:
        """Return the words that stand in a text, in the order in which they were given."""
        found = {word for word in self.short if word in text}
        for at in range(len(text) - _KEY + 1):
            for word in self.by_key.get(text[at : at + _KEY], ()):
                if text.startswith(word, at):
                    found.add(word)
        return sorted(found, key=self.ranks.__getitem__)
