"""One message: its words, why it was labelled, where it stands, what stands around it, and what people noted on it."""

from typing import TYPE_CHECKING, Any

from starlette.exceptions import HTTPException

from chatforensics.casefile.corrections import list_corrections
from chatforensics.casefile.desk import list_ticks
from chatforensics.casefile.papers import list_documents, list_notes
from chatforensics.errors import UsageError
from chatforensics.report.language import Phrase, say
from chatforensics.report.marks import Piece, Span, mark_spans
from chatforensics.report.words import LABEL_ORDER, STANCE_WORDS
from chatforensics.web.blocks import read_number
from chatforensics.web.context import context_of, page, render
from chatforensics.web.opened import open_view
from chatforensics.web.pages.notes import DONE as NOTED
from chatforensics.web.showing import (
    is_close,
    is_stated,
    name_decision,
    name_label,
    show_sender,
    soften_label,
    split_stated,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    from chatforensics.casefile import Case
    from chatforensics.casefile.corrections import Correction

NEAR, FARTHEST = 5, 320  # messages before and after; each step shows four times as many
_DONE: "Mapping[str, Phrase]" = NOTED | {
    "quoted": say("It was quoted."),
    "corrected": say("The correction was recorded. It takes effect when the case is analysed again."),
    "ticked": say("Ticks were kept."),
}


def show_message(request: "Request") -> "Response":
    """Show a message with all that is known of it.

    Raises:
        HTTPException: the case as last analysed has no such message.
    """
    context, message_id = context_of(request), _message_of(request)
    view = open_view(context.case)
    item = view.message(message_id) if view else None
    if view is None or item is None:
        raise HTTPException(404, str(say("The case as it was last analysed has no such message.")))
    same, ticks = {message_id, *_list_ids(item["copies"])}, list_ticks(context.case)
    near = _read_reach(request.query_params.get("around", ""))
    sources = {row["source_id"]: row for row in view.sources()}
    asked = request.query_params
    return render(
        request,
        "message.html.j2",
        item=item,
        here=f"/message/{message_id}" + (f"?around={near}" if near != NEAR else ""),
        place=f"{item['source']}:{item['line']}",
        pieces=mark_words(item),
        labels=show_labels(item),
        slate=[{**row, "stance_words": STANCE_WORDS.get(row["stance"], row["stance"])} for row in item["slate"]],
        pictures=[row for row in item["pictures"] if row["sha256"]],
        corroboration=[words for words in (item["corroboration"], item["corroboration_detail"]) if words],
        copies=[{**copy, "agreement": tell_agreement(copy, item)} for copy in item["copies"]],
        sha256=sources.get(item["source_id"], {}).get("sha256", ""),
        around=view.around(message_id, before=near, after=near),
        more_around=near * 4 if near < FARTHEST else None,
        more_before=near < FARTHEST,
        chat_address=f"/search?chat={item['chat_id']}" if item["chat_id"] else None,
        sender_address=f"/search?person={item['person_id']}" if item["person_id"] else None,
        corrections=list_label_corrections(context.case, same),
        notes=list_notes(context.case, message_id),
        documents=list_documents(context.case),
        chosen=asked.get("in", ""),
        is_ticked=not same.isdisjoint(ticks),
        current=view.is_current(context.case),
        done=_DONE.get(asked.get("did", "")),
    )


def _list_ids(copies: "Iterable[Mapping[str, Any]]") -> list[int]:
    return [int(copy["message_id"]) for copy in copies if copy["message_id"]]


def list_label_corrections(case: "Case", ids: "Collection[int]") -> "list[Correction]":
    """Return what people state of the label of a message, given with its copies, without what was taken back."""
    return [
        each
        for each in list_corrections(case)
        if each.kind == "label" and each.is_active and each.what["message_id"] in ids
    ]


def mark_words(item: "Mapping[str, Any]") -> list[Piece]:
    """Return the whole text of a message in pieces, each with the labels that its words carried."""
    spans = [
        Span(start=int(start), end=int(end), cue=str(name_label(row["label"])))
        for row in _count_labels(item)
        for start, end, _cue in row["spans"]
    ]
    return mark_spans(item["text"] or "", spans)


def show_labels(item: "Mapping[str, Any]") -> list[dict[str, Any]]:
    """Return the labels of a message with the words that carried each."""
    text = item["text"] or ""
    return [
        {
            **(told := {**row, **_part(row)}),
            "words": soften_label(row["label"], row["probability"]),
            "is_close": is_close(row["label"], row["probability"], told["decision"]),
            "carried": _list_words(text, row["spans"]),
        }
        for row in _count_labels(item)
    ]


def _part(row: "Mapping[str, Any]") -> dict[str, Any]:
    """Return the program's own reading of a label apart from what somebody stated of it."""
    if not is_stated(row["explanation"]):
        return {"stated": "", "decided": name_decision(row["decision"])}
    parts = split_stated(row["explanation"])
    own = {"decision": parts.own, "decided": name_decision(parts.own) if parts.own else ""}
    return {"stated": parts.said, "explanation": parts.rest, **own}


def _count_labels(item: "Mapping[str, Any]") -> "list[Mapping[str, Any]]":
    """Return the labels that count, and those of which somebody stated otherwise, in the order of the codebook."""
    counted = [row for row in item["label_rows"] if row["decision"] != "none" or is_stated(row["explanation"])]
    return sorted(counted, key=lambda row: LABEL_ORDER.get(row["label"], len(LABEL_ORDER)))


def _list_words(text: str, spans: "Iterable[tuple[int, int, str]]") -> list[str]:
    """Return the stretches of words, each once and on one line, without those that stand within another."""
    words = dict.fromkeys(" ".join(text[start:end].split()) for start, end, _cue in spans)
    return [each for each in words if each and not any(each in other for other in words if other != each)]


def tell_agreement(copy: "Mapping[str, Any]", item: "Mapping[str, Any]") -> list[Phrase]:
    """Say in words how a copy in another export agrees with the message: in its words, its sender and its time."""
    same_name = show_sender(copy["sender"]) == show_sender(item["sender"])
    return [
        say("Its words differ:") if copy["text_differs"] else say("The same words."),
        say("The same name.") if same_name else say("Printed under another name, as phones may save it."),
        _compare_times(copy["sent_local"], item["sent_local"]),
    ]


def _compare_times(one: str | None, other: str | None) -> Phrase:
    """Compare two printed times as far as the coarser of two clocks goes."""
    if one == other:
        return say("The same printed time.")
    step = min(len(one or ""), len(other or ""))
    if step and (one or "")[:step] == (other or "")[:step]:
        return say("The same printed time, as far as both clocks print it.")
    return say("Another printed time, as clocks and zones may differ.")


def _read_reach(said: str) -> int:
    """Return how many messages are shown on each side."""
    try:
        return min(max(read_number(said), NEAR), FARTHEST)
    except UsageError:
        return NEAR


def _message_of(request: "Request") -> int:
    return read_number(str(request.path_params["message_id"]))


def give_picture(request: "Request") -> "Response":
    """Give a picture of the case, small and drawn anew; never the file as it was received.

    Raises:
        HTTPException: no message of the case names such a picture, or it cannot be drawn.
    """
    from starlette.responses import Response

    view = open_view(context_of(request).case)
    picture = view.picture(str(request.path_params["sha256"])) if view else None
    if picture is None:
        raise HTTPException(404)
    return Response(picture, media_type="image/jpeg")


ROUTES = [page("/message/{message_id:int}", show_message), page("/media/{sha256}", give_picture)]
