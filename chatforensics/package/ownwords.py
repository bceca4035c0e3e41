"""What people wrote, before and after: the texts to which spans belong, of messages, pictures and wordings."""

from collections.abc import Mapping

import polars as pl

from chatforensics.package import spans
from chatforensics.package.dossier import Tables
from chatforensics.package.folding import fold
from chatforensics.package.rewriting import NOTICE, Rewriter, Rewritten, replace_whole
from chatforensics.package.withholding import Withheld

_Told = Mapping[int, tuple[str, Rewritten]]


class OwnWords:
    """Rewrites the texts of messages, pictures and wordings; of withheld ones nothing stays."""

    def __init__(self, rewriter: Rewriter, withheld: Withheld) -> None:
        """Take what rewrites texts, and which messages are withheld."""
        self._rewriter, self._withheld = rewriter, withheld

    def rewrite_messages(self, frame: pl.DataFrame) -> _Told:
        """Return the texts of messages that change, before and after."""
        is_notice = pl.col("kind").is_in(["system"])
        rows = frame.select("message_id", "text", notice=is_notice).iter_rows()
        notices = set(frame.filter(is_notice)["text"].drop_nulls())
        said = self._rewriter.rewrite_all(frame.filter(~is_notice)["text"].drop_nulls().unique(maintain_order=True))
        noted = self._rewriter.rewrite_all(sorted(notices), manner=NOTICE)
        found: dict[int, tuple[str, Rewritten]] = {}
        for number, text, notice in rows:
            thing = self._withheld.things.get(number)
            if thing is not None:
                found[number] = text or "", Rewritten(thing.token, replace_whole(text or " ", thing).edits)
            elif text and (noted if notice else said)[text].edits:
                found[number] = text, (noted if notice else said)[text]
        return found

    def read_texts(self, tables: Tables) -> spans.Texts:
        """Return the texts of messages that change, and for each message the texts that its explanations may quote."""
        if "messages" not in tables:
            return spans.Texts({}, {}, {})
        messages = tables["messages"]
        of_message = self.rewrite_messages(messages)
        pictures = self._read_pictures(tables)
        groups: dict[str, list[int]] = {}
        for number, group in messages.select("message_id", "group_id").drop_nulls().iter_rows():
            groups.setdefault(group, []).append(number)
        texts = self._with_unchanged(messages, of_message)
        around = {
            number: [told[one] for one in (number, *groups.get(group, ())) for told in (texts, pictures) if one in told]
            for number, group in messages.select("message_id", pl.col("group_id").fill_null("")).iter_rows()
        }
        return spans.Texts(of_message, {}, around)

    def _with_unchanged(self, messages: pl.DataFrame, changed: _Told) -> _Told:
        rows = messages.select("message_id", "text").drop_nulls().iter_rows()
        return {number: changed.get(number, (text, Rewritten(text))) for number, text in rows}

    def _read_pictures(self, tables: Tables) -> _Told:
        if "pictures" not in tables:
            return {}
        rows = tables["pictures"].select("message_id", "text").drop_nulls().iter_rows()
        return {number: (text, self._whole_or(number, text)) for number, text in rows}

    def _whole_or(self, number: int, text: str) -> Rewritten:
        thing = self._withheld.things.get(number)
        return self._rewriter.rewrite(text) if thing is None else replace_whole(text, thing)

    def read_variants(self, tables: Tables) -> dict[str, tuple[str, Rewritten]]:
        """Return the wordings of tracked families, before and after."""
        if "variants" not in tables:
            return {}
        rows = tables["variants"].select("variant_id", "text", "message_ids").drop_nulls(["variant_id", "text"])
        said = self._list_said(tables) if self._withheld.things else {}
        return {one: (text, self._variant(text, numbers or [], said)) for one, text, numbers in rows.iter_rows()}

    def _list_said(self, tables: Tables) -> dict[int, list[str]]:
        """Return what each message says, and its picture, as it is searched."""
        said: dict[int, list[str]] = {}
        for frame in (tables[table] for table in ("messages", "pictures") if table in tables):
            for number, text in frame.select("message_id", "text").drop_nulls().iter_rows():
                said.setdefault(number, []).append(fold(text).strip())
        return said

    def _variant(self, text: str, numbers: list[int], said: Mapping[int, list[str]]) -> Rewritten:
        """Return a wording rewritten; it is withheld unless messages that stay say all that withheld ones said in it.

        A wording joins all messages of a group: with one of them withheld its words would stand here.
        """
        gone = [number for number in numbers if number in self._withheld.things]
        if not gone:
            return self._rewriter.rewrite(text)
        stays = [one for number in numbers if number not in self._withheld.things for one in said.get(number, ())]
        lost = [one for number in gone for one in said.get(number, ())]
        if stays and lost and all(any(one in other for other in stays) for one in lost):
            return self._rewriter.rewrite(text)
        return replace_whole(text, self._withheld.things[gone[0]])
