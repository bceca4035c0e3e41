"""CASE/UCO: what the file says, that nobody can be found out by its identifiers, and that the validator takes it."""

import json
import subprocess
import sys
import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from package.dossiers import FIRST, HAQUE, SLATE, ZIELONY, a_dossier, a_table
from package.exchanging import HOSTILE, NAMES, a_hostile_dossier, shuffled, texts, without_names

from chatforensics.package.dossier import Dossier
from chatforensics.package.uco import write_uco
from chatforensics.tablefiles import unmark

Node = dict[str, Any]


def _graph(dossier: Dossier) -> dict[str, Node]:
    found = json.loads(write_uco(dossier)["case.jsonld"])["@graph"]
    assert len({node["@id"] for node in found}) == len(found)
    return {node["@id"]: node for node in found}


def _of(graph: dict[str, Node], kind: str) -> list[Node]:
    return [node for node in graph.values() if node["@type"].endswith(f":{kind}")]


def _facet(graph: dict[str, Node], node: Node, kind: str) -> Node:
    found = [graph[ref["@id"]] for ref in node["uco-core:hasFacet"]]
    return next(facet for facet in found if facet["@type"].endswith(f":{kind}"))


def _message(graph: dict[str, Node], message_id: int) -> Node:
    content = next(node for node in _of(graph, "MessageFacet") if node["uco-observable:messageID"] == str(message_id))
    return next(node for node in _of(graph, "Message") if {"@id": content["@id"]} in node["uco-core:hasFacet"])


def _references(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        if set(value) == {"@id"}:
            yield value["@id"]
        yield from (found for each in value.values() for found in _references(each))
    elif isinstance(value, list):
        yield from (found for each in value for found in _references(each))


def test_a_message_has_its_words_its_time_in_utc_its_sender_and_why_it_is_there() -> None:
    graph = _graph(a_dossier())
    message = _message(graph, 1002)
    content = _facet(graph, message, "MessageFacet")
    assert content["uco-observable:messageText"] == SLATE
    assert content["uco-observable:sentTime"] == {"@type": "xsd:dateTime", "@value": "2031-03-03T19:42:00Z"}
    account = graph[content["uco-observable:from"]["@id"]]
    assert _facet(graph, account, "DigitalAccountFacet")["uco-observable:displayName"] == "Nkechi Adeyemi"
    assert graph[content["uco-observable:application"]["@id"]]["uco-core:name"] == "WhatsApp"
    assert message["uco-core:tag"] == ["kind: text", "ticked"]
    assert any("steps of 60 s; UTC by: zone of the case, assumed" in told for told in message["uco-core:description"])


def test_a_copy_in_another_export_is_a_message_of_its_own_and_said_to_be_one() -> None:
    graph = _graph(a_dossier())
    assert _message(graph, 2002)["uco-core:tag"] == ["copy of a ticked message", "kind: text"]
    pair = {_message(graph, number)["@id"] for number in (1002, 2002)}
    related = [node for node in _of(graph, "ObservableRelationship") if not node["uco-core:isDirectional"]]
    assert pair in [{node["uco-core:source"]["@id"], node["uco-core:target"]["@id"]} for node in related]


def test_a_message_without_a_time_or_words_has_neither() -> None:
    base = a_dossier()
    tables = {
        **base.tables,
        "messages": base.tables["messages"].with_columns(sent_at=pl.lit(None, pl.Datetime("us", "UTC"))),
    }
    graph = _graph(replace(base, tables=tables))
    content = _facet(graph, _message(graph, 1005), "MessageFacet")
    assert "uco-observable:sentTime" not in content
    assert "uco-observable:messageText" not in content


def test_each_message_leads_to_the_bytes_of_a_file_and_the_file_to_its_hash() -> None:
    graph = _graph(a_dossier())
    message = _message(graph, 1002)["@id"]
    held = [node for node in _of(graph, "ObservableRelationship") if node.get("uco-core:source") == {"@id": message}]
    place = next(node for node in held if node["uco-core:kindOfRelationship"] == "Contained_Within")
    span = _facet(graph, place, "DataRangeFacet")
    assert (span["uco-observable:rangeOffset"], span["uco-observable:rangeSize"]) == (12_400, 200)
    data = _facet(graph, graph[place["uco-core:target"]["@id"]], "ContentDataFacet")
    found = graph[data["uco-observable:hash"]["@id"]]
    assert found["uco-types:hashMethod"] == "SHA256"
    assert found["uco-types:hashValue"] == {"@type": "xsd:hexBinary", "@value": FIRST * 4}


def test_the_text_of_a_zip_is_a_file_within_the_zip() -> None:
    graph = _graph(a_dossier())
    (archive,) = _of(graph, "ArchiveFile")
    inside = [node for node in _of(graph, "ObservableRelationship") if node["uco-core:target"]["@id"] == archive["@id"]]
    (member,) = [graph[node["uco-core:source"]["@id"]] for node in inside]
    assert _facet(graph, member, "FileFacet")["uco-observable:fileName"] == "_chat.txt"


def test_a_file_name_does_not_tell_in_which_folder_it_lay() -> None:
    assert b"phones/" not in write_uco(a_dossier())["case.jsonld"]


def test_the_thread_of_an_export_has_its_messages_in_the_order_of_the_file() -> None:
    graph = _graph(shuffled(a_dossier()))
    thread = next(node for node in _of(graph, "Thread") if node["co:size"]["@value"] == "7")
    items = [graph[ref["@id"]] for ref in thread["co:item"]]
    assert [item.get("uco-types:threadNextItem") for item in items] == [
        *({"@id": each["@id"]} for each in items[1:]),
        None,
    ]
    places = [_facet(graph, graph[item["co:itemContent"]["@id"]], "MessageFacet") for item in items]
    ids = [int(place["uco-observable:messageID"]) for place in places]
    assert ids == sorted(ids)


def test_only_a_chat_of_two_with_a_known_exporter_says_to_whom_a_message_went() -> None:
    base = a_dossier()
    direct = {**base.tables, "chats": base.tables["chats"].with_columns(kind=pl.lit("direct"))}
    two = direct | {"messages": base.tables["messages"].filter(~pl.col("person_id").eq_missing(HAQUE))}
    graphs = [_graph(replace(base, tables=tables)) for tables in (base.tables, direct, two)]
    assert ["uco-observable:to" in _facet(graph, _message(graph, 1002), "MessageFacet") for graph in graphs] == [
        False,
        False,
        True,
    ]
    content = _facet(graphs[2], _message(graphs[2], 1002), "MessageFacet")
    to = graphs[2][content["uco-observable:to"]["@id"]]
    assert _facet(graphs[2], to, "DigitalAccountFacet")["uco-observable:displayName"] == "Piotr Zielony"
    assert "uco-observable:to" not in _facet(graphs[2], _message(graphs[2], 2002), "MessageFacet")


def test_only_ticked_messages_have_labels_each_with_its_probability_and_what_it_does_not_show() -> None:
    graph = _graph(a_dossier())
    notes = _of(graph, "Annotation")
    assert {ref["@id"] for note in notes for ref in note["uco-core:object"]} == {
        _message(graph, number)["@id"] for number in (1002, 1004)
    }
    first = next(note for note in notes if len(note["uco-core:statement"]) == 3)
    assert first["uco-core:statement"][0].startswith("conceal: review, probability 0.410.")
    classes = _facet(graph, first, "ArtifactClassificationResultFacet")["uco-analysis:classification"]
    sure = [graph[ref["@id"]]["uco-analysis:classificationConfidence"] for ref in classes]
    assert sure[0] == {"@type": "xsd:decimal", "@value": "0.410000"}
    assert "not what their writer meant" in first["uco-core:description"]


def test_the_custody_log_is_a_chain_of_actions_with_who_when_and_which_version() -> None:
    graph = _graph(a_dossier())
    actions = {node["uco-core:name"]: node for node in _of(graph, "InvestigativeAction")}
    add = actions["add"]
    assert add["case-investigation:wasInformedBy"] == [{"@id": actions["new"]["@id"]}]
    assert graph[add["uco-action:performer"]["@id"]]["uco-core:name"] == "R. Okafor-Lindqvist"
    assert add["uco-action:endTime"]["@value"] == "2031-04-01T09:02:00Z"
    assert graph[add["uco-action:instrument"][0]["@id"]]["uco-tool:version"] == "0.7.0"
    (file,) = add["uco-action:object"]
    assert _facet(graph, graph[file["@id"]], "FileFacet")["uco-observable:sizeInBytes"] == 30_211


def test_a_line_of_the_log_that_cannot_be_read_stays_in_its_place() -> None:
    lines = ("no json\x00", '{"action":"add","at":"whenever","inputs":["zz",7],"actor":null}', "[]", "[" * 100_000)
    graph = _graph(a_dossier(log=lines))
    steps = [node for node in _of(graph, "InvestigativeAction") if node.get("uco-core:name") != "run"]
    assert len(steps) == len(lines)
    assert "Not read: no json[NUL]" in steps[0]["uco-core:description"]


def test_each_reference_leads_to_a_node_and_the_bundle_lists_each_object() -> None:
    whole = json.loads(write_uco(a_dossier())["case.jsonld"])
    ids = {node["@id"] for node in whole["@graph"]}
    assert set(_references(whole["@graph"])) <= ids
    bundle = whole["@graph"][0]
    assert bundle["@type"] == "uco-core:Bundle"
    kinds = ("Facet", "Hash", "Thread", "ThreadItem", "Classification", "Bundle")
    objects = {node["@id"] for node in whole["@graph"] if not node["@type"].endswith(kinds)}
    threads = {node["@id"] for node in whole["@graph"] if node["@type"].endswith(":MessageThread")}
    assert {ref["@id"] for ref in bundle["uco-core:object"]} == objects | threads


def test_nothing_has_to_be_fetched_to_read_the_file() -> None:
    whole = json.loads(write_uco(a_dossier())["case.jsonld"])
    assert all(isinstance(value, str) and value.endswith(("/", "#")) for value in whole["@context"].values())
    assert b"http" not in json.dumps(whole["@graph"]).encode()


def test_identifiers_do_not_follow_from_names() -> None:
    base = a_dossier()
    people = base.tables["people"].with_columns(labels=pl.concat_list(pl.lit("Someone Else")), pseudonym=pl.lit("P-X"))
    other = replace(base, title="Another", tables={**base.tables, "people": people})
    ids = {node for node in _graph(base) if uuid.UUID(node.removeprefix("urn:uuid:")).version == 5}
    assert ids == _graph(base).keys()
    assert ids == _graph(other).keys()
    assert write_uco(base) != write_uco(other)


def test_person_ids_which_may_be_made_of_names_are_not_told() -> None:
    assert ZIELONY.encode() not in write_uco(a_dossier())["case.jsonld"]


def test_other_exports_give_other_identifiers() -> None:
    base = a_dossier()
    moved = base.tables["sources"].with_columns(sha256=pl.col("sha256").str.reverse())
    assert not _graph(base).keys() & _graph(replace(base, tables={**base.tables, "sources": moved})).keys()


def test_a_redacted_dossier_gives_a_file_without_a_name() -> None:
    written = write_uco(without_names(a_dossier()))["case.jsonld"].decode()
    assert SLATE[:20] in written
    assert not [part for name in NAMES for part in name.split() if part in written]


def test_equal_dossiers_give_equal_bytes_in_whatever_order_their_rows_are() -> None:
    assert write_uco(a_dossier()) == write_uco(a_dossier()) == write_uco(shuffled(a_dossier()))


def test_a_dossier_without_tables_gives_a_file() -> None:
    graph = _graph(Dossier(title="", made_at=a_dossier().made_at, tables={}, ticked=(), run={}))
    assert len(_of(graph, "Bundle")) == 1


def _holds(text: str) -> bool:
    graph = _graph(a_hostile_dossier(text))
    content = _facet(graph, _message(graph, 1002), "MessageFacet")
    return unmark(content["uco-observable:messageText"]) == text and len(graph) == len(
        _graph(a_hostile_dossier("plain"))
    )


def test_a_hostile_text_comes_back_as_it_was_and_adds_no_node() -> None:
    assert [text for text in HOSTILE if not _holds(text)] == []


@given(texts)
@settings(max_examples=15, deadline=None)
def test_any_text_comes_back_as_it_was_and_adds_no_node(text: str) -> None:
    assert _holds(text)


def _validate(*files: Path) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("case_validate")
    command = [str(program), "--built-version", "case-1.5.0", *map(str, files)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_the_validator_of_case_takes_the_file(tmp_path: Path) -> None:
    pytest.importorskip("case_utils")
    given = [a_dossier(), a_hostile_dossier("".join(HOSTILE[:9]))]
    given.append(a_dossier(answers=(), log=(), tables={**a_dossier().tables, "sources": a_table("sources", [])}))
    files = [tmp_path / f"{number}.jsonld" for number in range(len(given))]
    for number, (file, dossier) in enumerate(zip(files, given, strict=True)):
        # Identifiers apart from each other's, so that all can be looked at in one go.
        lone = write_uco(dossier)["case.jsonld"].replace(b"urn:uuid:", f"urn:x-{number}:uuid:".encode())
        file.write_bytes(lone if number else write_uco(dossier)["case.jsonld"])
    found = _validate(*files)
    assert (found.returncode, found.stdout.splitlines()[:2]) == (0, ["Validation Report", "Conforms: True"]), found


@pytest.mark.slow
def test_the_validator_of_case_refuses_a_wrong_type_and_a_misspelt_property(tmp_path: Path) -> None:
    pytest.importorskip("case_utils")
    whole = write_uco(a_dossier())["case.jsonld"].decode()
    typed = tmp_path / "typed.jsonld"
    typed.write_text(whole.replace('"@type": "xsd:dateTime"', '"@type": "xsd:date"'), encoding="utf-8")
    found = _validate(typed)
    assert found.returncode == 1
    assert "xsd:dateTime" in found.stdout
    spelt = tmp_path / "spelt.jsonld"
    spelt.write_text(whole.replace("uco-observable:messageText", "uco-observable:mesageText"), encoding="utf-8")
    found = _validate(spelt)
    assert found.returncode == 1
    assert "mesageText" in found.stderr
