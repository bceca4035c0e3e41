"""Places and what leads to them: a link is kept only where its place is printed."""

from collections.abc import Iterator

from chatforensics.report.pdf.runs import Json


def settle_links(blocks: list[Json]) -> list[Json]:
    """Return the blocks with each place named once, and with no link to a place that is not printed."""
    linked = [part for part in _walk(blocks) if "id" in part or "l" in part]
    places: set[object] = set()
    for part in linked:
        if part.get("id") in places:
            del part["id"]
        elif "id" in part:
            places.add(part["id"])
    for part in linked:
        if "l" in part and part["l"] not in places:
            del part["l"]
    return blocks


def _walk(value: object) -> Iterator[Json]:
    """Give every block, paragraph and run, however deep."""
    waiting = [value]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            yield part
            waiting += reversed([*part.values()])
        elif isinstance(part, list):
            waiting += reversed(part)
