"""The last step of the way: where the exports are from, who stays visible, and the package itself."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from starlette.exceptions import HTTPException

from chatforensics.casefile.desk import desk_folder, list_ticks
from chatforensics.errors import UsageError
from chatforensics.report.language import Phrase, say
from chatforensics.web.asking import record_said, view_questions
from chatforensics.web.boxtasks import PACKAGES
from chatforensics.web.choosing import count_ticked
from chatforensics.web.context import Context, context_of, form, page, render, see_other
from chatforensics.web.forms import Form
from chatforensics.web.jobs import Job
from chatforensics.web.ordering import People, Wishes, list_people, load_wishes, make_order, read_wishes, save_wishes
from chatforensics.web.writers import writer_of

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from chatforensics.casefile import Case

_SHOWN_AGAIN = 50  # ticked messages that are shown once more
HIDDEN_WORDS: Mapping[str, Phrase] = {
    "name": say("Places where names stood"),
    "words": say("Places where words of your list stood"),
    "message": say("Places where a withheld message stood"),
    "phone": say("Places where telephone numbers stood"),
    "e-mail": say("Places where e-mail addresses stood"),
    "link": say("Places where links stood"),
    "postcode": say("Places where postcodes stood"),
    "file name": say("Places where names of files stood"),
}


def show_questions(request: "Request") -> "Response":
    """Show the custody questions with the answers on record."""
    context = context_of(request)
    saved = request.query_params.get("saved") == "yes"
    return render(request, "questions.html.j2", custody=view_questions(context.case), saved=saved)


def store_answers(request: "Request", sent: Form) -> "Response":
    """Store answers about the exports, and who gave them."""
    context = context_of(request)
    _store(context, sent)
    return see_other(f"{context.base}/questions?saved=yes")


def _store(context: Context, sent: Form) -> None:
    record_said(context.case, sent, by=writer_of(context, sent, field="actor"))


def show_package(request: "Request") -> "Response":
    """Show what is still to be said before messages are packed."""
    return _render(request, load_wishes(context_of(request).case))


def make_package(request: "Request", sent: Form) -> "Response":
    """Store what was said, and have the package made; where something is wrong, the form comes back with a sentence."""
    from chatforensics.workflow.handing import read_order

    context, wishes = context_of(request), read_wishes(sent)
    try:
        _store(context, sent)
        order = make_order(context.case, wishes, actor=context.actor)
        read_order(order)
    except UsageError as error:
        return _render(request, wishes, error=str(error), actor=sent.one("actor"), status=400)
    save_wishes(context.case, wishes)
    args = {"case": str(context.case.folder), "order": order, "actor": context.actor, "name": context.case.title}
    job = context.desk.submit("pack", context.slug, args)
    return see_other(f"{context.base}/package/made/{job.id}")


def show_made(request: "Request") -> "Response":
    """Show how far a package is, and at the end where it is and what to do with it."""
    context = context_of(request)
    job = context.desk.find_job(str(request.path_params["number"]))
    if job is None or job.slug != context.slug or job.kind != "pack":
        raise HTTPException(404, "Nothing is known of this any more. Finished packages are listed with the questions.")
    if job.state == "done":
        return render(
            request,
            "made.html.j2",
            made={**job.result, "is_reply": _is_reply(job)},
            hidden_words=HIDDEN_WORDS,
            here="/package",
        )
    return render(request, "progress.html.j2", job=job, is_reply=_is_reply(job), here="/package")


def _is_reply(job: Job) -> bool:
    order = job.args.get("order")
    return isinstance(order, Mapping) and bool(order.get("reply_for"))


def _render(
    request: "Request", wishes: Wishes, *, error: str = "", actor: str | None = None, status: int = 200
) -> "Response":
    from chatforensics.workflow.parts import list_finished
    from chatforensics.workflow.viewing import open_view

    context = context_of(request)
    ticks = list_ticks(context.case)
    known = "" if context.actor == "unknown" else context.actor
    people = list_people(context.case) if ticks else None
    return render(
        request,
        "package.html.j2",
        status=status,
        error=error,
        wishes=wishes,
        actor_typed=known if actor is None else actor,
        n_ticked=count_ticked(open_view(context.case), ticks),
        ticked_items=find_items(context.case, ticks[:_SHOWN_AGAIN]) if ticks else [],
        custody=view_questions(context.case),
        signed_elsewhere=_is_signed_elsewhere(context.case),
        people=people,
        names_itself=_is_printed(actor if actor is not None else known, people),
        n_packages=len(list_finished(desk_folder(context.case) / PACKAGES)),
    )


def _is_printed(actor: str, people: People | None) -> bool:
    """Tell whether the chats print the name of who sits here: the log has it, so it is shown."""
    from chatforensics.package.replychoice import fold_name

    everybody = [*people.senders, *people.makers, *people.others] if people else []
    return bool(actor) and fold_name(actor) in {fold_name(person.name) for person in everybody}


def _is_signed_elsewhere(case: "Case") -> bool:
    """Tell whether packages of a case were signed before, with a key that is not kept in it."""
    from chatforensics.workflow.handing import read_public_key
    from chatforensics.workflow.packing import find_earlier_key

    return read_public_key(case) is None and find_earlier_key(case) is not None


def find_items(case: "Case", ids: Sequence[int]) -> list[Mapping[str, Any]]:
    """Return messages by their ids, the earliest first: from the analysis of the case, else from the first looks."""
    from chatforensics.workflow.looking import list_looks
    from chatforensics.workflow.viewing import open_view

    if (view := open_view(case)) is not None:
        shown = [message for each in ids if (message := view.message(each)) is not None]
        found = list({item["row"]: item for item in shown}.values())  # copies of one message are one
    else:
        wanted = {str(each) for each in ids}
        found = [item for look in list_looks(case) for item in look["items"] if str(item["message_id"]) in wanted]
    return sorted(
        found, key=lambda item: (item["sent_local"] is None, str(item["sent_local"]), str(item["message_id"]))
    )


ROUTES = [
    form("/questions", show_questions, store_answers),
    form("/package", show_package, make_package),
    page("/package/made/{number}", show_made),
]
