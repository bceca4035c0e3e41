"""A whole case in one file, and back."""

from pathlib import Path
from typing import TYPE_CHECKING

from starlette.routing import Route

from chatforensics.casefile.desk import desk_folder
from chatforensics.errors import UsageError
from chatforensics.web.boxtasks import SAVED
from chatforensics.web.context import context_of, desk_of, form, page, post, render, see_other
from chatforensics.web.finished import find_finished, hand_out, list_rows
from chatforensics.web.forms import Form
from chatforensics.web.pages.verify import find_job, submit, take_upload
from chatforensics.web.uploads import LARGEST
from chatforensics.workflow.handing import check_passphrase

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response


def show_save(request: "Request") -> "Response":
    """Say what a saved case is, and list those that there are."""
    return render(request, "save.html.j2", job=None, error="", files=list_rows(_folder(request)))


def begin_save(request: "Request", sent: Form) -> "Response":
    """Have the case saved; where the passphrases differ or are too short, the form comes back with a sentence."""
    context = context_of(request)
    first, second = (sent.many(name)[-1] if sent.many(name) else "" for name in ("passphrase", "again"))
    try:
        if first != second:
            raise UsageError("The two passphrases are not the same.", hint="Type both once more.")  # noqa: TRY301
        passphrase = check_passphrase(first)
        if passphrase is None and not sent.one("plain"):
            hint = "Type a passphrase; or tick that the file is not to be locked."
            raise UsageError("No passphrase was given.", hint=hint)  # noqa: TRY301
    except UsageError as error:
        files = list_rows(_folder(request))
        return render(request, "save.html.j2", status=400, job=None, error=str(error), files=files)
    args = {"case": str(context.case.folder), "actor": context.actor, "passphrase": passphrase}
    job = context.desk.submit("save", context.slug, args)
    return see_other(f"{context.base}/save/{job.id}")


def show_saving(request: "Request") -> "Response":
    """Tell how it goes, and at the end where the file is."""
    job = find_job(request, "save", context_of(request).slug)
    return render(request, "save.html.j2", job=job, error="", files=list_rows(_folder(request)), here="/save")


def give_saved(request: "Request") -> "Response":
    """Hand out a saved case."""
    return hand_out(_folder(request), str(request.path_params["name"]))


def remove_saved(request: "Request", _form: Form) -> "Response":
    """Remove a saved case from this computer's case folder; the case itself stays."""
    find_finished(_folder(request), str(request.path_params["name"])).unlink(missing_ok=True)
    return see_other(f"{context_of(request).base}/save")


def show_restore(request: "Request") -> "Response":
    """Ask for a saved case."""
    return render(request, "restore.html.j2", job=None, place=str(desk_of(request).place), largest=LARGEST)


def begin_restore(request: "Request", sent: Form) -> "Response":
    """Have an uploaded case brought back."""
    return submit(request, "restore", sent, {"place": str(desk_of(request).place)})


def show_restored(request: "Request") -> "Response":
    """Tell how it goes, and at the end what was checked, with the way into the case."""
    desk, job = desk_of(request), find_job(request, "restore")
    folder = str(job.result.get("folder", ""))
    slug = next((slug for slug, case in desk.list_cases().items() if str(case.folder) == _resolve(folder)), "")
    return render(request, "restore.html.j2", job=job, place=str(desk.place), slug=slug, largest=LARGEST)


def _resolve(folder: str) -> str:
    return str(Path(folder).resolve()) if folder else ""


def _folder(request: "Request") -> Path:
    return desk_folder(context_of(request).case) / SAVED


ROOT_ROUTES = [
    form("/restore", show_restore, begin_restore),
    Route("/restore/upload", take_upload, methods=["PUT"]),
    page("/restore/{number}", show_restored),
]
ROUTES = [
    form("/save", show_save, begin_save),
    page("/save/{number}", show_saving),
    page("/saved/{name}", give_saved),
    post("/saved/{name}/remove", remove_saved),
]
