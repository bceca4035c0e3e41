"""Write messages as a phone exports them: the other half of the parser, for round trips."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Line:
    """One message to be written; a sender of None makes a notice."""

    sent: datetime
    sender: str | None
    text: str


@dataclass(frozen=True)
class Style:
    """How a phone writes: date pattern (strftime), clock, layout and line end."""

    name: str
    platform: str
    date: str
    time: str
    joiner: str = ", "
    period: tuple[str, str] | None = None
    end: str = "\n"

    @property
    def step_s(self) -> int:
        return 1 if "%S" in self.time else 60


STYLES = (
    Style("android-24h-dmy", "android", "%d/%m/%Y", "%H:%M"),
    Style("android-us-12h", "android", "%m/%d/%y", "%I:%M", period=("\u202fAM", "\u202fPM")),
    Style("android-mexico-12h", "android", "%d/%m/%y", "%I:%M", period=("\u202fa.\u202fm.", "\u202fp.\u202fm.")),
    Style("android-german", "android", "%d.%m.%y", "%H:%M"),
    Style("android-iso", "android", "%Y-%m-%d", "%H:%M", period=("\u00a0a.m.", "\u00a0p.m.")),
    Style("android-brazil", "android", "%d/%m/%Y", "%H:%M", joiner=" "),
    Style("ios-24h", "ios", "%d/%m/%Y", "%H:%M:%S", end="\r\n"),
    Style("ios-us", "ios", "%m/%d/%y", "%I:%M:%S", period=("\u202fAM", "\u202fPM"), end="\r\n"),
    Style("ios-finnish", "ios", "%d.%m.%Y", "%H.%M.%S", joiner=" klo ", end="\r\n"),
    Style("ios-french", "ios", "%d/%m/%Y", "%H:%M:%S", joiner=" à ", end="\r\n"),
)


def render(lines: Sequence[Line], style: Style) -> bytes:
    return "".join(render_line(line, style) for line in lines).encode()


def render_line(line: Line, style: Style) -> str:
    clock = line.sent.strftime(style.time)
    if style.period:
        clock = line.sent.strftime(style.time.replace("%H", "%I")) + style.period[line.sent.hour >= 12]
    stamp = f"{line.sent.strftime(style.date)}{style.joiner}{clock}"
    if style.platform == "android":
        return f"{stamp} - {line.text if line.sender is None else f'{line.sender}: {line.text}'}{style.end}"
    if line.sender is None:
        return f"\u200e[{stamp}] Group: \u200e{line.text}{style.end}"
    return f"[{stamp}] {line.sender}: {line.text}{style.end}"
