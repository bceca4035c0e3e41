"""Corrections: what people state against what the program read, with who and why; taken back, never erased."""

import json
from collections.abc import Callable, Mapping

from starlette.requests import Request
from starlette.responses import Response

from chatforensics.casefile import list_originals
from chatforensics.casefile.corrections import EXPORT_FIELDS, KINDS, correct, list_corrections, withdraw
from chatforensics.errors import UsageError
from chatforensics.web.addresses import return_address
from chatforensics.web.context import Context, answer_json, context_of, form, post, render, see_other, wants_json
from chatforensics.web.correctionwords import FIELD_WORDS, KIND_WORDS, ORDERS, list_changes, list_rows
from chatforensics.web.forms import Form
from chatforensics.web.writers import UNKNOWN, writer_of
from chatforensics.workflow.effects import compare_summaries, read_effects, read_facts
from chatforensics.workflow.facts import Facts

_LONGEST_PLACE = 5000


def show_corrections(request: Request) -> Response:
    """Show every correction, whether the last analysis used it, and what it changed."""
    asked = request.query_params
    recorded = asked.get("recorded", "")
    return _show(
        request,
        recorded=recorded if recorded.isdecimal() else "",
        taken_back=asked.get("taken_back", ""),
        back=return_address(asked.get("back", ""), otherwise=""),
    )


def record_correction(request: Request, given: Form) -> Response:
    """Record a correction; one that is not in order is shown again with all that was typed, and what is wrong with it.

    A correction is somebody's word: that it is recorded does not show that it is right.
    """
    context = context_of(request)
    try:
        kind = given.one("kind")
        what = dict(read_what(kind, given))
        by = writer_of(context, given, field="actor")
        who = given.one("who") or (by.actor if by.actor != UNKNOWN else "")
        number = correct(context.case, kind, what, who=who, why=given.one("why"), by=by)
    except UsageError as error:
        if wants_json(request):
            raise
        return _show(request, status=400, error=str(error), typed=given)
    if wants_json(request):
        return answer_json({"number": number}, status=201)
    back = return_address(given.one("back"), otherwise="")
    return see_other(f"{context.base}/corrections?recorded={number}{_carry(back)}#correction-{number}")


def take_back(request: Request, given: Form) -> Response:
    """Take a correction back: it stays on record, and so does that it was taken back, by whom and why."""
    context = context_of(request)
    number = int(request.path_params["number"])
    try:
        withdraw(context.case, number, why=given.one("why"), by=writer_of(context, given, field="actor"))
    except UsageError as error:
        return _show(request, status=400, error=str(error))
    return see_other(f"{context.base}/corrections?taken_back={number}#correction-{number}")


def read_what(kind: str, given: Form) -> Mapping[str, object]:
    """Return what a form states, as the case keeps it.

    Raises:
        UsageError: it is of no kind that is known, or not as our own pages send it.
    """
    if kind not in _READERS:
        raise UsageError(f"'{kind[:40]}' is no kind of correction.", hint=f"Use one of: {', '.join(KINDS)}.")
    return _READERS[kind](given)


def _read_labels(given: Form) -> Mapping[str, object]:
    return {"labels": [read_place(place) for place in given.many("place")]}


def read_place(told: str) -> dict[str, str]:
    """Return a printed name with the export that prints it, from the JSON in which our forms send both.

    Raises:
        UsageError: it is none.
    """
    try:
        place = json.loads(told[:_LONGEST_PLACE])
        return {"label": str(place["label"])} | ({"source": str(place["source"])} if place.get("source") else {})
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise UsageError("A printed name did not come as this page sends it.", hint="Choose it again.") from error


def _read_custodian(given: Form) -> Mapping[str, object]:
    return {name: given.one(name) for name in ("source", "label")}


def _read_label(given: Form) -> Mapping[str, object]:
    return {"message_id": given.number("message_id"), "is": given.one("is")}


def _read_export(given: Form) -> Mapping[str, object]:
    said: dict[str, object] = {name: given.one(name) for name in EXPORT_FIELDS if given.one(name)}
    if "year" in said:
        said["year"] = given.number("year")
    return {"source_id": given.one("source_id"), **said}


_READERS: Mapping[str, Callable[[Form], Mapping[str, object]]] = {
    "same": _read_labels,
    "different": _read_labels,
    "custodian": _read_custodian,
    "label": _read_label,
    "export": _read_export,
}


def _show(request: Request, *, status: int = 200, typed: Form | None = None, **told: object) -> Response:
    context = context_of(request)
    facts, compared = read_facts(context.case), compare_summaries(context.case)
    rows = list_rows(list_corrections(context.case), facts=facts, effects=read_effects(context.case))
    named = {"error": "", "recorded": "", "taken_back": "", "back": "", **told}
    return render(
        request,
        "corrections.html.j2",
        status=status,
        rows=rows,
        waiting=sum(row.state in ("waiting", "leaving") for row in rows),
        analysed=facts is not None,
        compared=compared,
        changes=list_changes(compared) if compared else [],
        failed=_tell_failure(context),
        exports=name_exports(context, facts),
        fields=FIELD_WORDS,
        orders=ORDERS,
        kinds=KIND_WORDS,
        typed=_typed(typed) if typed else None,
        **named,
    )


def name_exports(context: Context, facts: Facts | None) -> dict[str, tuple[str, str]]:
    """Return the short name and the path of each export by its id; a dash where it was not analysed yet."""
    numbers = {key: str(row["source"]) for key, row in facts["sources"].items()} if facts else {}
    return {each.source_id: (numbers.get(each.source_id, "–"), each.shown) for each in list_originals(context.case)}


def _tell_failure(context: Context) -> str:
    """Return why the last analysis did not end, if it did not: a correction may be the cause."""
    job = context.desk.latest_job(context.slug)
    return str(job.error or "") if job is not None and job.kind == "analyse" and job.state == "failed" else ""


def _typed(given: Form) -> dict[str, object]:
    """Return what was typed, so that nothing of it has to be typed again."""
    fields = {name: given.one(name) for name in given.names()}
    places = [(place, place) for place in given.many("place")]
    return {**fields, "kind": fields.get("kind", ""), "places": [(_label_of(told), told) for told, _ in places]}


def _label_of(told: str) -> str:
    try:
        return str(read_place(told)["label"])
    except UsageError:
        return told


def _carry(back: str) -> str:
    from urllib.parse import quote

    return f"&back={quote(back, safe='')}" if back else ""


ROUTES = [
    form("/corrections", show_corrections, record_correction),
    post("/corrections/{number:int}/withdraw", take_back),
]
