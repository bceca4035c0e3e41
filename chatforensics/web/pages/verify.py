"""A package that somebody was given: dropped here, checked, and told in one plain line and the details."""

from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.routing import Route

from chatforensics.errors import UnreadableExport, UsageError
from chatforensics.web.context import answer_json, desk_of, form, page, render, root_of, see_other, wants_json
from chatforensics.web.forms import Form
from chatforensics.web.uploads import LARGEST, find_file, receive_file
from chatforensics.workflow.opening import read_public_line

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from chatforensics.web.jobs import Job


def show_form(request: "Request") -> "Response":
    """Ask for a package."""
    return render(request, "verify.html.j2", job=None, largest=LARGEST)


async def take_upload(request: "Request") -> "Response":
    """Take the file in, to a place that goes when the page is stopped."""
    return answer_json(await receive_file(request, desk_of(request).scratch), status=201)


def begin(request: "Request", sent: Form) -> "Response":
    """Have an uploaded file checked, or once more one that was kept for that, with a key that was given since.

    Raises:
        UnreadableExport: it is not here.
        UsageError: the key is none.
    """
    if again := sent.one("again"):
        return _check_again(request, again, said=sent.one("key"))
    key = read_public_line(sent.one("key")) if sent.one("key") else ""
    return submit(request, "verify", sent, {"key": key})


def _check_again(request: "Request", number: str, *, said: str) -> "Response":
    before = _find_kept(request, number)
    if before is None:
        raise UnreadableExport("The file is not here any more.", hint="Drop it once more, with the key.")
    try:
        args = {**before.args, "key": read_public_line(said)}
    except UsageError as error:
        told = {"job": before, "kept": True, "error": str(error), "largest": LARGEST}
        return render(request, "verify.html.j2", status=400, **told)
    return see_other(f"{root_of(request)}/verify/{desk_of(request).submit('verify', '', args).id}")


def _find_kept(request: "Request", number: str) -> "Job | None":
    """Return an earlier check if its file is still here, and can be checked with another key."""
    desk = desk_of(request)
    job = desk.find_job(number)
    if job is None or (job.kind, job.state) != ("verify", "done") or job.result.get("signature") == "ok":
        return None
    return job if find_file(desk.scratch, str(job.args.get("upload", ""))) is not None else None


def submit(request: "Request", kind: str, sent: Form, more: dict[str, str]) -> "Response":
    """Have something done with an uploaded file, and send the browser to where it is told.

    Raises:
        UnreadableExport: it is not here.
    """
    desk, upload = desk_of(request), sent.one("upload")
    if find_file(desk.scratch, upload) is None:
        raise UnreadableExport("No file came in.", hint="Choose one first.")
    passphrase = sent.many("passphrase")[-1] if sent.many("passphrase") else ""
    job = desk.submit(kind, "", {"folder": str(desk.scratch), "upload": upload, "passphrase": passphrase, **more})
    place = f"{root_of(request)}/{kind}/{job.id}"
    return answer_json({"job": job.id, "place": place}, status=202) if wants_json(request) else see_other(place)


def show_result(request: "Request") -> "Response":
    """Tell how it goes, and at the end what was found."""
    job = find_job(request, "verify")
    kept = _find_kept(request, job.id) is not None
    return render(request, "verify.html.j2", job=job, kept=kept, error="", largest=LARGEST)


def find_job(request: "Request", kind: str, slug: str = "") -> "Job":
    """Return the job that a page tells of.

    Raises:
        HTTPException: nothing is known of it any more.
    """
    job = desk_of(request).find_job(str(request.path_params["number"]))
    if job is None or (job.kind, job.slug) != (kind, slug):
        raise HTTPException(404, "Nothing is known of this any more. Begin again.")
    return job


ROOT_ROUTES = [
    form("/verify", show_form, begin),
    Route("/verify/upload", take_upload, methods=["PUT"]),
    page("/verify/{number}", show_result),
]
