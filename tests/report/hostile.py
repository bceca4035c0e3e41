"""Forty texts that attack whoever shows them, and exports with them as senders, words, titles and file names."""

from pathlib import Path

PAYLOADS = (
    "<script>alert(1)</script>",
    "</script><script>alert(2)</script>",
    "<img src=x onerror=alert(3)>",
    "<img src=//evil.test/x.png>",
    "<svg onload=alert(4)>",
    "<svg><script>alert(5)</script></svg>",
    "<svg><foreignObject><iframe srcdoc='<script>alert(6)</script>'></foreignObject></svg>",
    "<iframe src=javascript:alert(7)></iframe>",
    "<a href=javascript:alert(8)>press</a>",
    "<body onload=alert(9)>",
    "<math><mtext><style><img src=x onerror=alert(10)></style></mtext></math>",
    "<style>@import 'https://evil.test/x.css';</style>",
    "<link rel=stylesheet href=https://evil.test/x.css>",
    "<meta http-equiv=refresh content='0;url=https://evil.test/'>",
    "<base href=https://evil.test/>",
    "<form action=https://evil.test/><input name=q autofocus onfocus=alert(11)>",
    "<object data=https://evil.test/x.swf></object>",
    "<details open ontoggle=alert(12)>",
    "--><script>alert(13)</script><!--",
    "]]><script>alert(14)</script><![CDATA[",
    "</style><script>alert(15)</script>",
    "</title><script>alert(16)</script>",
    "</textarea><script>alert(17)</script>",
    '"><script>alert(18)</script>',
    "' onmouseover='alert(19)",
    '" autofocus onfocus="alert(20)',
    "{{ 7 * 7 }}{% raw %}",
    "${alert(21)} `${alert(22)}`",
    "\\u003cscript\\u003ealert(23)\\u003c/script\\u003e",
    "&lt;script&gt;alert(24)&lt;/script&gt;",
    "javascript:alert(25)",
    "data:text/html,<script>alert(26)</script>",
    "__proto__",
    "constructor",
    "$\\frac{$ \\alpha_{ x^",
    '=HYPERLINK("https://evil.test/","press")',
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "\x1b]0;pwned\x07\x1b[31mred",
    "\u202egpj.exe\u202c \u2066left\u2069 a\u200bb",
    '#panic("typst") #read("/etc/passwd") ../../../../etc/passwd',
)


def write_exports(folder: Path) -> Path:
    """Write two chats in which forty people with such names send such words, each text by two people in two chats."""
    for number, title in enumerate(
        ("<script>alert(27)</script>".replace("/", "\u2215"), "$\\frac{ <img src=x onerror=alert(28)>"), 1
    ):
        path = folder / f"phone-{number}" / f"WhatsApp Chat with {title}.txt"
        path.parent.mkdir(parents=True)
        path.write_text("".join(_lines(shift=number - 1)), encoding="utf-8")
    return folder


def _lines(*, shift: int) -> list[str]:
    lines = ["03/03/2031, 08:00 - Messages and calls are end-to-end encrypted. Tap to learn more.\n"]
    for k, payload in enumerate(PAYLOADS):
        sender = PAYLOADS[(k + shift) % len(PAYLOADS)].replace(": ", ":")
        minute = 10 * k + shift
        stamp = f"03/03/2031, {9 + minute // 60:02}:{minute % 60:02} - "
        lines.append(
            f"{stamp}{sender}: Final reminder: vote for {payload} in the ward selection on Thursday, "
            f"then vote against Oyelaran Brzeska, pass this on and delete it once read. Number {k}.\n"
        )
    return lines
