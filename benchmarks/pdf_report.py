"""Set a report of about 200 pages as PDF from invented messages in English, Urdu, Bengali and mixed: CPU time and size.

python benchmarks/pdf_report.py --messages 3300 --out report.pdf
"""

import argparse
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
from pypdfium2 import PdfDocument

from chatforensics.report import render_report
from chatforensics.report.pdf import render_pdf
from chatforensics.schema import TABLES, check

START = datetime(2031, 3, 1, 8, tzinfo=UTC)
SENDERS = ("Ingrid Solheim", "ناصر محمود", "মৌসুমী পাল", "Tendai Moyo", "+44 7700 900123", "Oksana 🌻", "ریحانہ Bibi")
TALK = (
    "The minutes of Monday are on the board by the door, thank you all for the tea and for staying so long.",
    "کل شام سات بجے ہال میں سب سے ملاقات ہے، براہِ کرم وقت پر تشریف لائیں اور کرسیاں بھی لے آئیں۔",
    "আগামীকাল সন্ধ্যা সাতটায় হলঘরে সভা হবে, সবাই সময়মতো আসবেন এবং সঙ্গে চা নিয়ে আসবেন।",
    "Meeting at 7 pm: سب دوست آ جائیں, হলঘরে দেখা হবে 👍🏽 (gate B, not the front door)",
    "Has anybody seen a grey cat with one white ear? She was last seen near the allotments on Sunday.",
)
ORDERS = (
    "Final reminder: vote for Ingrid Solheim on paper {n}, then pass this on to two friends.",
    "آخری یاد دہانی: پرچہ {n} پر انگرڈ سولہیم کو ووٹ دیں اور یہ پیغام دو دوستوں کو بھیجیں۔",
    "শেষ অনুস্মারক: {n} নম্বর কাগজে ইনগ্রিড সোলহেইমকে ভোট দিন এবং বার্তাটি দুজন বন্ধুকে পাঠান।",
    "Reminder: paper {n} پر Ingrid Solheim کو ووٹ دیں, তারপর বন্ধুদের পাঠান.",
)
N_TEXTS = 20
EVERY = 4  # one message in four is an instruction


def build_case(n_messages: int) -> dict[str, pl.DataFrame]:
    """Return one export of a chat in four languages, in which twenty texts tell the reader how to vote."""
    told = {place: place // EVERY % N_TEXTS for place in range(0, n_messages, EVERY)}
    messages = [_say(place, told.get(place)) for place in range(n_messages)]
    source = {
        "source_id": "source-1", "path": "phone/WhatsApp Chat.txt", "sha256": "a" * 64, "size_bytes": 200 * n_messages,
        "platform": "android", "header_format": "d/M/y, H:m - ", "date_order": "dmy", "date_order_verdict": "certain",
        "clock_step_s": 60, "chat_id": "chat-1", "n_messages": n_messages, "n_rejects": 0,
    }  # fmt: skip
    labels = [
        {"message_id": place, "label": "slate_instruction", "probability": 0.9, "decision": "flag", "spans": []}
        for place in told
    ]
    families = [
        {
            "message_id": place,
            "family_id": f"family-{text}",
            "variant_id": f"variant-{text}",
            "similarity": 1.0,
            "tracked": True,
        }
        for place, text in told.items()
    ]
    return {
        "sources": _frame("sources", [source]),
        "messages": _frame("messages", messages),
        "chats": _frame(
            "chats", [{"chat_id": "chat-1", "title": "Ward — وارڈ — ওয়ার্ড", "kind": "group", "source_ids": ["source-1"]}]
        ),
        "labels": _frame("labels", labels),
        "families": _frame("families", families),
    }


def _say(place: int, text: int | None) -> dict[str, object]:
    """Return one message."""
    words = TALK[place % len(TALK)] if text is None else ORDERS[text % len(ORDERS)].format(n=text)
    sender, moment = SENDERS[place % len(SENDERS)], START + timedelta(minutes=7 * place)
    return {
        "message_id": place, "canonical_id": place, "source_id": "source-1", "chat_id": "chat-1", "line": place + 1,
        "byte_start": 200 * place, "byte_end": 200 * place + 200, "sent_local": moment.replace(tzinfo=None),
        "sent_at": moment, "sender_label": sender, "person_id": sender, "kind": "text", "text": words, "edited": False,
    }  # fmt: skip


def _frame(name: str, rows: list[dict[str, object]]) -> pl.DataFrame:
    """Return a table of the contract; what a row leaves out is null."""
    full = [{column: row.get(column) for column in TABLES[name]} for row in rows]
    return check(pl.DataFrame(full, schema=dict(TABLES[name])), table=name)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=3300)
    parser.add_argument("--out", type=Path, default=Path("report.pdf"))
    given = parser.parse_args()
    tables = build_case(given.messages)
    page = render_report(tables, drawings=[], run={"version": "benchmark"}, summary={})
    cpu, wall = time.process_time(), time.perf_counter()
    document = render_pdf(page, tables=tables)
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    given.out.write_bytes(document)
    pages = len(PdfDocument(document))
    print(f"{pages} pages, {len(document) / 1e6:.1f} MB: {cpu:.2f} CPU s, {wall:.2f} s of wall clock")


if __name__ == "__main__":
    main()
