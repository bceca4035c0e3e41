"""A dossier as CASE/UCO JSON-LD, which the tools of digital forensics exchange among each other.

Written for CASE 1.5.0 with UCO 1.5.0. Nothing in the file has to be fetched: its context stands in it. Identifiers come
from the hashes of the exports and the ids of messages, so that no name can be tried against them.
"""

import json

from chatforensics.package.custody import describe_custody, describe_run
from chatforensics.package.dossier import Dossier
from chatforensics.package.exchanged import (
    APPLICATION,
    Exchange,
    PersonKey,
    Row,
    exporter_key,
    gather,
    person_key,
    rows_of,
    show_utc,
    tell_part,
    tell_time,
)
from chatforensics.package.uconodes import CONTEXT, Facet, Graph, Node, instant, number_of, typed, words
from chatforensics.tablefiles.marks import mark

ABOUT = (
    "Messages chosen from exports of WhatsApp chats, with what stands around them. A name is what a phone printed, not "
    "who wrote. A time is a phone's clock put into UTC; each message says on what that rests. Characters that RDF "
    "cannot hold, carriage returns and marks that write a text backwards are written out, such as [NUL]; "
    "messages.jsonl beside this file has them as they are. Records of one message in several exports are several "
    "messages here."
)
_ON_ACCOUNTS = "A participant as exports name one; it does not show who held the phone."
_ON_THREADS = "What was chosen of one export of a chat, in the order of the file; other messages may lie between."
_ON_LABELS = (
    "Computed from the words of the message; the sender plays no part in it. The method sheet says how often that "
    "errs. A label describes words, not what their writer meant."
)
_ON_COPIES = "Two exports were taken to hold one message here; words, sender or time may differ between them."


def write_uco(dossier: Dossier) -> dict[str, bytes]:
    """Return the dossier as one file of CASE/UCO JSON-LD.

    It cannot show who wrote a message or who read it, and holds no uncertainty beyond the words of its descriptions
    and the probabilities of labels. Media are named by hash only. Times are UTC, sizes and places bytes.

    Returns:
        `case.jsonld` and its bytes; equal dossiers give equal bytes.
    """
    exchange = gather(dossier)
    graph = Graph(exchange.namespace)
    application = graph.add("application", type="uco-observable:Application", name=APPLICATION)
    accounts = _describe_speakers(graph, exchange, application)
    files = {source_id: _describe_export(graph, row) for source_id, row in exchange.sources.items()}
    records = _describe_records(graph, exchange, dossier, accounts)
    for message in exchange.messages:
        _describe_message(graph, exchange, message, {"application": application, **_ends(exchange, message, accounts)})
        _place_message(graph, message, records)
    _describe_copies(graph, exchange)
    _describe_threads(graph, exchange, accounts)
    _describe_attachments(graph, dossier, exchange)
    notes = _describe_labels(graph, dossier)
    describe_run(graph, dossier, files=list(files.values()), results=notes)
    describe_custody(graph, dossier, files={row["sha256"]: files[key] for key, row in exchange.sources.items()})
    graph.add(
        "investigation",
        type="case-investigation:Investigation",
        name=mark(dossier.title),
        properties={"case-investigation:investigationForm": "case", "uco-core:object": graph.refs("provenance")},
    )
    nodes = graph.enclose(name=mark(dossier.title), description=ABOUT, created=show_utc(dossier.made_at))
    whole = {"@context": CONTEXT, "@graph": nodes}
    text = json.dumps(whole, ensure_ascii=False, sort_keys=True, indent=1)
    return {"case.jsonld": f"{text}\n".encode()}


def _describe_speakers(graph: Graph, exchange: Exchange, application: Node) -> dict[PersonKey, Node]:
    """Add an account for each participant; two labels of one participant are one account."""
    accounts = {}
    for key, speaker in sorted(exchange.speakers.items(), key=lambda item: item[1].key):
        facets: list[Facet] = [
            ("ApplicationAccountFacet", {"uco-observable:application": application}),
            ("DigitalAccountFacet", {"uco-observable:displayName": speaker.name}),
        ]
        accounts[key] = graph.add(
            "account",
            speaker.key,
            type="uco-observable:ApplicationAccount",
            properties=words(_ON_ACCOUNTS, *(f"Named: {label}" for label in speaker.labels))
            | ({"uco-core:tag": speaker.pseudonym} if speaker.pseudonym else {}),
            facets=facets,
        )
    return accounts


def _describe_export(graph: Graph, source: Row) -> Node:
    """Add an export as the file that it is."""
    facets = [
        ("FileFacet", {"uco-observable:fileName": _name(source["path"]), **_size(source["size_bytes"])}),
        ("ContentDataFacet", graph.hashed(source["sha256"]) | _size(source["size_bytes"])),
    ]
    kind = "uco-observable:ArchiveFile" if source["member"] else "uco-observable:File"
    told = words(f"Export of a chat, read as written by {source['platform']}.")
    return graph.add("file", source["sha256"], type=kind, properties=told, facets=facets)


def _describe_records(
    graph: Graph, exchange: Exchange, dossier: Dossier, accounts: dict[PersonKey, Node]
) -> dict[str, tuple[Node, str]]:
    """Add where each export comes from; return the file in which its lines are counted, and that file's name."""
    answers = {str(row.get("source_id")): row for row in dossier.answers}
    texts = {}
    for source_id, source in exchange.sources.items():
        file = graph.ref("file", source["sha256"])
        texts[source_id] = (file, _name(source["path"]))
        if source["member"]:
            name = _name(source["member"])
            facets = [("FileFacet", {"uco-observable:fileName": name})]
            text = graph.add("member", source["sha256"], type="uco-observable:File", facets=facets)
            graph.relate(text, file, kind="Contained_Within", key=("member", source["sha256"]))
            texts[source_id] = (text, name)
        made = exporter_key(source)
        told = [f"{key}: {said}" for key, said in sorted(answers.get(source_id, {}).items()) if key != "source_id"]
        exported = [accounts[made]] if made in accounts else []
        about = "Where the export comes from. The second object, where there is one, is the account that exported it."
        graph.add(
            "provenance",
            source["sha256"],
            type="case-investigation:ProvenanceRecord",
            properties=words(about, *(told or ["No custody question was answered."]))
            | {"case-investigation:exhibitNumber": source_id, "uco-core:object": [file, *exported]},
        )
    return texts


def _ends(exchange: Exchange, message: Row, accounts: dict[PersonKey, Node]) -> dict[str, Node]:
    """Return from whom a message is and, in a chat of two with a known exporter, to whom."""
    sender = person_key(message)
    if sender is None:
        return {}
    ends = {"from": accounts[sender]}
    source, chat = exchange.sources.get(message["source_id"]), exchange.chats.get(message["chat_id"])
    exporter = exporter_key(source) if source else None
    if exporter is None or chat is None or chat["kind"] != "direct":
        return ends
    others = (exchange.posters[message["source_id"]] | {exporter}) - {sender}
    return ends | {"to": accounts[next(iter(others))]} if len(others) == 1 else ends


def _describe_message(graph: Graph, exchange: Exchange, message: Row, ends: dict[str, Node]) -> None:
    """Add one record of one export."""
    content: Node = {f"uco-observable:{name}": node for name, node in ends.items()}
    content["uco-observable:messageID"] = str(message["message_id"])
    content["uco-observable:messageType"] = "notice" if message["kind"] == "system" else "chat"
    if message["text"] is not None:
        content["uco-observable:messageText"] = mark(message["text"])
    if message["sent_at"] is not None:
        content["uco-observable:sentTime"] = instant(show_utc(message["sent_at"]))
    told = [tell_time(exchange, message)]
    told += [f"Sender as printed: {mark(message['sender_label'])}"] if message["sender_label"] is not None else []
    told += [f"File as printed: {mark(message['attachment'])}"] if message["attachment"] is not None else []
    told += [f"Deleted by, as printed: {mark(message['deleted_by'])}"] if message["deleted_by"] is not None else []
    tags = sorted(
        {f"kind: {message['kind']}", tell_part(exchange, message)} | ({"edited"} if message["edited"] else set())
    )
    graph.add(
        "message",
        message["message_id"],
        type="uco-observable:Message",
        properties=words(*told) | {"uco-core:tag": tags},
        facets=[("MessageFacet", content)],
    )


def _place_message(graph: Graph, message: Row, texts: dict[str, tuple[Node, str]]) -> None:
    """Add where in its file a message stands: line, first byte, number of bytes."""
    if message["source_id"] not in texts:
        return
    file, name = texts[message["source_id"]]
    place = {
        "uco-observable:rangeOffset": message["byte_start"],
        "uco-observable:rangeOffsetType": "file",
        "uco-observable:rangeSize": message["byte_end"] - message["byte_start"],
    }
    graph.relate(
        graph.ref("message", message["message_id"]),
        file,
        kind="Contained_Within",
        key=("place", message["message_id"]),
        told=f"Line {message['line']} of {name}, counted from 1; bytes counted from 0.",
        facets=[("DataRangeFacet", place)],
    )


def _describe_copies(graph: Graph, exchange: Exchange) -> None:
    """Add which records were taken to be one message."""
    for first, *others in (sorted(ids) for _, ids in sorted(exchange.copies.items())):
        for other in others:
            ends = graph.ref("message", other), graph.ref("message", first)
            graph.relate(*ends, kind="Related_To", key=("copy", other), told=_ON_COPIES, directional=False)


def _describe_threads(graph: Graph, exchange: Exchange, accounts: dict[PersonKey, Node]) -> None:
    """Add for each export the thread of its messages, in the order of the file."""
    threads: dict[tuple[str, str], list[Row]] = {}
    for message in exchange.messages:
        threads.setdefault((message["source_id"], message["chat_id"]), []).append(message)
    for (_, chat_id), found in sorted(threads.items()):
        rows = sorted(found, key=lambda row: (row["byte_start"], row["message_id"]))
        first = rows[0]["message_id"]
        items = [graph.ref("item", row["message_id"]) for row in rows]
        for row, item, after in zip(rows, items, [*items[1:], None], strict=True):
            content = {"co:itemContent": graph.ref("message", row["message_id"])}
            following = {"uco-types:threadNextItem": after} if after else {}
            graph.attach(item, type="uco-types:ThreadItem", properties=content | following)
        thread = graph.ref("order", first)
        size = typed("nonNegativeInteger", str(len(rows)))
        graph.attach(thread, type="uco-types:Thread", properties={"co:item": items, "co:size": size})
        people = {key for row in rows if (key := person_key(row))}
        part = sorted((accounts[key] for key in people), key=lambda node: str(node["@id"]))
        participants = {"uco-observable:participant": part} if part else {}
        title = (exchange.chats.get(chat_id) or {}).get("title")
        facets = [("MessageThreadFacet", {"uco-observable:messageThread": thread, **participants})]
        kind = "uco-observable:MessageThread"
        graph.add("thread", first, type=kind, name=mark(title or ""), properties=words(_ON_THREADS), facets=facets)


def _describe_attachments(graph: Graph, dossier: Dossier, exchange: Exchange) -> None:
    """Add the files that messages name; one that did not come with the text has no hash."""
    here = {row["message_id"] for row in exchange.messages}
    found = [row for row in rows_of(dossier.tables, "attachments") if row["message_id"] in here]
    for number, row in enumerate(sorted(found, key=lambda row: (row["message_id"], row["file"], row["sha256"] or ""))):
        hashed = [("ContentDataFacet", graph.hashed(row["sha256"], about=number))] if row["sha256"] else []
        facets = [("FileFacet", {"uco-observable:fileName": _name(row["file"]), **_size(row["size_bytes"])}), *hashed]
        told = words(
            f"A file of the name that the message prints: {row['status']}. It need not be the one that was sent."
        )
        file = graph.add("attachment", number, type="uco-observable:File", properties=told, facets=facets)
        message = graph.ref("message", row["message_id"])
        graph.relate(file, message, kind="Attachment_Of", key=("attachment", number))


def _describe_labels(graph: Graph, dossier: Dossier) -> list[Node]:
    """Add what the classifier says of the ticked messages, with its probabilities."""
    labels: dict[int, list[Row]] = {}
    for row in rows_of(dossier.tables, "labels"):
        labels.setdefault(row["message_id"], []).append(row)
    ticked = sorted(
        set(dossier.ticked) & labels.keys() & {row["message_id"] for row in rows_of(dossier.tables, "messages")}
    )
    return [_describe_label(graph, message_id, sorted(labels[message_id], key=_by_label)) for message_id in ticked]


def _describe_label(graph: Graph, message_id: int, rows: list[Row]) -> Node:
    classes = []
    for row in rows:
        sure = (
            {"uco-analysis:classificationConfidence": number_of(row["probability"])}
            if row["probability"] is not None
            else {}
        )
        node = graph.ref("class", message_id, row["label"])
        graph.attach(
            node, type="uco-analysis:ArtifactClassification", properties={"uco-analysis:class": row["label"], **sure}
        )
        classes.append(node)
    return graph.add(
        "annotation",
        message_id,
        type="uco-core:Annotation",
        properties=words(_ON_LABELS)
        | {
            "uco-core:object": [graph.ref("message", message_id)],
            "uco-core:statement": [_say_label(row) for row in rows],
        },
        facets=[("uco-analysis:ArtifactClassificationResultFacet", {"uco-analysis:classification": classes})],
    )


def _say_label(row: Row) -> str:
    sure = f", probability {row['probability']:.3f}" if row["probability"] is not None else ""
    return mark(f"{row['label']}: {row['decision']}{sure}. {row['explanation'] or ''}".strip())


def _by_label(row: Row) -> str:
    return str(row["label"])


def _name(path: str) -> str:
    """Return the last part of a path of any system: folders say where somebody kept a file, not what it is."""
    return mark(path.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1])


def _size(size: int | None) -> Node:
    return {} if size is None else {"uco-observable:sizeInBytes": size}
