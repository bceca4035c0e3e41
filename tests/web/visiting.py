"""Pages visited as people do: with the mouse, with the keyboard alone, on a small screen, by a program that reads."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from web.serving import Served

if TYPE_CHECKING:
    from playwright.sync_api import Page

ROOT_PAGES = ("/?other=yes", "/verify", "/nothing-of-this-name")
CASE_PAGES = (
    "/", "/package", "/questions", "/search", "/search?words=vote&decision=flag", "/search?words=nothing-like-it",
    "/views", "/results", "/exports", "/people", "/corrections", "/replies", "/notes", "/documents", "/addresses",
    "/log", "/save",
)  # fmt: skip
FOCUS = """() => {
  const e = document.activeElement;
  if (!e || e === document.body) return null;
  const s = getComputedStyle(e), r = e.getBoundingClientRect();
  const look = () => [e, ...e.querySelectorAll("*")].map((each) => {
    const { stroke, strokeWidth, fill, outline } = getComputedStyle(each);
    return [stroke, strokeWidth, fill, outline];
  }).join();
  let drawn = false;
  if (e instanceof SVGElement) { // marks of a chart show it by their lines
    const beside = e.closest(".cascade-shares") && document.querySelector(".cascade-focus > *");
    const focused = look();
    e.blur();
    drawn = beside || look() !== focused;
    e.focus({ preventScroll: true, focusVisible: true });
  }
  const [left, top] = [Math.max(r.left, 0), Math.max(r.top, 0)];
  const [right, bottom] = [Math.min(r.right, innerWidth), Math.min(r.bottom, innerHeight)];
  const mine = [0.1, 0.5, 0.9].some((part) => {
    const at = document.elementFromPoint(left + part * (right - left), top + part * (bottom - top));
    return at && (e.contains(at) || at.contains(e) || [...(e.labels ?? [])].some((label) => label.contains(at)));
  });
  return {
    what: e.outerHTML.slice(0, 120),
    ring: Boolean(drawn) || (s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 1) || s.boxShadow !== "none",
    seen: r.width > 0 && r.bottom > 0 && r.top < innerHeight && r.right > 0 && r.left < innerWidth, mine,
  };
}"""
FIELDS = "a[href], button, input, select, textarea, summary, [tabindex='0']"
REACHABLE = f"""() => [...document.querySelectorAll("{FIELDS}")].filter(
  (e) => !e.disabled && e.type !== "hidden" && e.tabIndex >= 0 && e.checkVisibility({{ visibilityProperty: true }})
    && !(e.type === "radio" && e.name && !e.checked)).length"""
SMALL = """() => [...document.querySelectorAll("a.button, button, input, select, textarea, summary")].filter(
  (e) => e.type !== "hidden" && e.checkVisibility({ visibilityProperty: true })).map((e) => {
    const boxes = [e, ...(e.labels ?? [])].map((each) => each.getBoundingClientRect());
    return [e.outerHTML.slice(0, 120), Math.max(...boxes.map((r) => r.width)), Math.max(...boxes.map((r) => r.height))];
  }).filter(([, width, height]) => width < 24 || height < 24)"""
MOVING = """() => document.getAnimations().length + [...document.querySelectorAll("*")].filter((e) =>
  getComputedStyle(e).transitionDuration.split(",").some((each) => parseFloat(each) > 0.01)).length"""
WIDER = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


def go_to(page: "Page", served: Served, path: str) -> None:
    """Open a path below the secret."""
    page.goto(f"{served.address}{path}")
    if path.endswith("/views"):
        wait_for(page, "#explorer[data-ready]")


def wait_for(page: "Page", selector: str, *, seconds: float = 60) -> None:
    """Wait until something is there; the policy of the page forbids what the browser's driver would use for texts."""
    page.wait_for_selector(selector, timeout=1000 * seconds, state="attached")


def press_until(page: "Page", selector: str, *, key: str = "Tab", limit: int = 1500) -> None:
    """Move with the keyboard until something has the focus, which must be seen all the way."""
    for _ in range(limit):
        page.keyboard.press(key)
        check_focus(page)
        if page.evaluate("(selector) => document.activeElement?.matches(selector)", selector):
            return
    raise AssertionError(f"{selector} was not reached: {page.evaluate(FOCUS)}")


def check_focus(page: "Page") -> Any:
    """Return what has the focus; it must be seen, ringed and not covered by anything, at the latest in five seconds."""
    at = page.evaluate(FOCUS)
    for _ in range(100):  # a page that is being drawn moves, on a busy machine for long
        if at is None or (at["ring"] and at["seen"] and at["mine"]):
            return at
        page.wait_for_timeout(50)
        at = page.evaluate(FOCUS)
    raise AssertionError(f"no ring, not on the screen, or covered: {at}")


def walk_through(page: "Page", *, limit: int = 1500) -> Iterator[str]:
    """Press Tab through a whole page, until the focus leaves it again."""
    page.evaluate("document.activeElement.blur()")
    for _ in range(limit):
        page.keyboard.press("Tab")
        at = check_focus(page)
        if at is None:
            return
        yield str(at["what"])
    raise AssertionError("the focus never leaves the page")


def find_faults(page: "Page") -> list[str]:
    """Return what axe finds at both widths, light and dark, and what runs over the side of a small screen."""
    import pytest

    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed").Axe()
    faults = []
    for width in (1280, 320):
        page.set_viewport_size({"width": width, "height": 900})
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            faults += [
                f"{width} {scheme} {found['id']}: {[node['html'][:200] for node in found['nodes'][:3]]}"
                for found in axe.run(page).response["violations"]
            ]
        if page.evaluate(WIDER):
            faults.append(f"{width}: wider than the screen")
    return faults
