import re
import unicodedata
from dataclasses import replace
from typing import Any

import polars as pl
import pytest
from package.secretsworld import (
    KEY,
    OTHER_KEY,
    PARTY,
    SOURCE,
    a_dossier,
    a_message,
    a_table,
    code_of,
    person_of,
    rules,
    write_files,
)

from chatforensics.errors import UsageError
from chatforensics.package.dossier import Dossier
from chatforensics.package.redactfile import ManualRule
from chatforensics.package.redaction import redact_dossier

OTHER = "Siobhan Achterberg"
CODE = r"P-[A-Z2-7]{10}"


def _texts(dossier: Dossier) -> list[str]:
    return [text or "" for text in dossier.tables["messages"]["text"]]


def _redact_text(text: str, *, label: str = OTHER, **options: Any) -> str:
    dossier = a_dossier({0: (PARTY,), 1: (label,)}, [text], **options.pop("tables", {}))
    return _texts(redact_dossier(dossier, rules(**options))[0])[0]


@pytest.mark.parametrize(
    "written",
    [
        OTHER,
        OTHER.upper(),
        OTHER.lower(),
        "Siobhan\u00a0Achterberg",
        "~ Siobhan Achterberg",
        "~\u202fSiobhan Achterberg",
        "\u2068Siobhan\u200e Achterberg\u2069",
        "Siobhan\nAchterberg",
        "Ｓiobhan Achterberg",
    ],
)
def test_a_name_of_no_party_is_replaced_in_every_writing(written: str) -> None:
    assert re.fullmatch(rf"Ask \W*\[{CODE}\]\W*'s sister", _redact_text(f"Ask {written}'s sister"))


@pytest.mark.parametrize("name", ["Zoë Łukasik", "Nguyễn Thị Hà", "José Ibáñez", "김민수 이"])
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_composed_and_separate_accents_are_one_name(name: str, form: str) -> None:
    label = unicodedata.normalize("NFD" if form == "NFC" else "NFC", name)
    told = _redact_text(f"then {unicodedata.normalize(form, name)}, left", label=label)  # type: ignore[arg-type]
    assert re.fullmatch(rf"then \[{CODE}\], left", told)


def test_a_single_name_is_replaced_as_a_whole_word_and_a_longer_word_is_not() -> None:
    assert re.fullmatch(
        rf"\[{CODE}\] and \[{CODE}\] met Hanako", _redact_text("hana and HANA met Hanako", label="Hana")
    )


def test_the_longest_name_wins_and_a_partys_name_shields_what_is_in_it() -> None:
    people = {0: ("Ama Mensah",), 1: ("Ama",), 2: ("Ama Owusu",)}
    done, _ = redact_dossier(a_dossier(people, ["Ama Mensah, Ama Owusu, Ama"]), rules())
    assert _texts(done) == [f"Ama Mensah, [{code_of(2)}], [{code_of(1)}]"]


def test_a_first_name_alone_stays_and_is_counted() -> None:
    done, told = redact_dossier(a_dossier({0: (PARTY,), 1: (OTHER,)}, ["Siobhan says yes", "so Siobhan"]), rules())
    assert _texts(done) == ["Siobhan says yes", "so Siobhan"]
    (stayed,) = told.stayed
    assert (stayed.token, stayed.name) == (code_of(1), OTHER)
    assert (stayed.words, stayed.n_places, stayed.on_slate) == ((("Siobhan", 2),), 2, False)
    assert "Siobhan" not in repr(told)


def test_names_of_one_or_two_letters_do_not_take_ordinary_words_with_them() -> None:
    assert _redact_text("A vote is a vote", label="A") == "A vote is a vote"
    assert re.fullmatch(rf"ask \[{CODE}\], not us jo or Joan", _redact_text("ask Jo, not us jo or Joan", label="Jo"))
    assert re.fullmatch(rf"hi @\u2068\[{CODE}\]\u2069", _redact_text("hi @\u2068A\u2069", label="A"))


def test_the_same_person_has_one_pseudonym_in_every_table_and_a_partys_label_stays() -> None:
    dossier = a_dossier(
        {0: (PARTY,), 1: (OTHER, "+44 7700 900123")},
        [f"{OTHER} wrote", "from +44 7700 900123 and 07700 900123"],
        events=a_table(
            "events", [{"message_id": 1, "event": "left", "actor": OTHER, "targets": ["+44 7700 900123", "You"]}]
        ),
        edges=a_table("edges", [{"sender_id": person_of(1), "recipient_id": person_of(0)}]),
        clusters=a_table("clusters", [{"cluster_id": "c" * 16, "person_ids": [person_of(0), person_of(1)]}]),
    )
    done, _ = redact_dossier(dossier, rules())
    party, other = code_of(0), code_of(1)
    assert re.fullmatch(f"{CODE} {CODE}", f"{other} {party}")
    assert dict(done.tables["people"].select("person_id", "labels").iter_rows()) == {party: [PARTY], other: [other]}
    assert done.tables["messages"]["sender_label"].to_list() == [PARTY, other]
    assert _texts(done) == [f"[{other}] wrote", f"from [phone {other}] and [phone {other}]"]
    assert done.tables["events"].row(0, named=True)["actor"] == other
    assert done.tables["events"].row(0, named=True)["targets"] == [other, "You"]
    assert done.tables["edges"].row(0)[:2] == (other, party)
    assert done.tables["clusters"]["person_ids"].to_list() == [sorted([party, other])]


def test_a_partys_own_number_is_masked_and_no_digit_of_it_is_left() -> None:
    dossier = a_dossier({0: (PARTY, "+44 7700 900123"), 1: (OTHER,)}, ["call me: 07700 900123"])
    done, _ = redact_dossier(dossier, rules())
    assert "7700" not in str(done.tables["people"].to_dicts()) + str(_texts(done))
    assert [PARTY] in [labels[:1] for labels in done.tables["people"]["labels"].to_list()]


def test_ids_made_from_names_without_a_key_are_in_no_table_and_no_id_is_shared_between_cases() -> None:
    dossier = a_dossier(
        {0: (PARTY,), 1: (OTHER,)},
        ["x"],
        shares=a_table(
            "shares", [{"share_id": "5" * 16, "family_id": "f" * 16, "variant_id": "e" * 16, "person_id": person_of(1)}]
        ),
    )
    one, two = (redact_dossier(dossier, rules(key=key))[0] for key in (KEY, OTHER_KEY))
    assert not re.search(r"person-0|chat-0|5{16}|f{16}|e{16}", str(write_files(one)))
    for table, columns in {
        "people": ["person_id", "pseudonym"],
        "chats": ["chat_id"],
        "shares": ["share_id", "family_id", "variant_id", "person_id"],
    }.items():
        for column in columns:
            assert set(one.tables[table][column]).isdisjoint(two.tables[table][column])


def test_a_rule_by_hand_that_finds_nothing_is_told_by_its_line() -> None:
    hand = (ManualRule("x", words="not there", line=2), ManualRule("x", message_id=99, line=3))
    assert redact_dossier(a_dossier({0: (PARTY,)}, ["hello"]), rules(manual=hand))[1].unused == hand


def test_words_to_keep_are_no_name_in_texts() -> None:
    hand = (ManualRule("an ordinary word", words="Will", keep=True),)
    assert _redact_text("I will go", label="Will", manual=hand) == "I will go"


def test_titles_of_direct_chats_paths_and_file_names_lose_the_names_in_them() -> None:
    sources = [
        {
            "source_id": SOURCE,
            "path": f"/x/{OTHER}/WhatsApp Chat with {OTHER}.txt",
            "chat_id": "c" * 16,
            "chat_title": OTHER,
        }
    ]
    members = [
        {"source_id": SOURCE, "name": "Siobhan_CV.pdf", "role": "other"},
        {"source_id": SOURCE, "name": "IMG-20250216-WA0000.jpg", "role": "sent"},
    ]
    dossier = a_dossier(
        {0: (PARTY,), 1: (OTHER,)},
        ["see WhatsApp Chat with Siobhan Achterberg.txt"],
        sources=a_table("sources", sources).with_columns(folder=pl.lit(f"/x/{OTHER}")),
        members=a_table("members", members),
        chats=a_table("chats", [{"chat_id": "c" * 16, "title": OTHER, "kind": "direct", "source_ids": [SOURCE]}]),
        attachments=a_table(
            "attachments", [{"source_id": SOURCE, "file": "Kwame.vcf", "message_id": 1, "status": "tied"}]
        ),
    )
    done, _ = redact_dossier(dossier, rules())
    row = done.tables["sources"].row(0, named=True)
    assert (row["path"], row["folder"]) == ("export-1.txt", "folder-1")
    assert row["chat_title"] == done.tables["chats"]["title"][0] == code_of(1)
    assert {re.sub(CODE, "P", name) for name in done.tables["members"]["name"]} == {
        "file-P.pdf",
        "IMG-20250216-WA0000.jpg",
    }
    assert re.fullmatch(rf"file-{CODE}\.vcf", done.tables["attachments"]["file"][0])
    assert _texts(done) == ["see export-1.txt"]


def test_the_programs_own_sentences_keep_ordinary_words_that_are_somebodys_name() -> None:
    told = a_table(
        "indicators",
        [{"indicator": "I-15", "value": "1 message of “Mark”: the mark may stand", "explanation": "Mark it"}],
    )
    done, _ = redact_dossier(a_dossier({0: (PARTY,), 1: ("Mark",)}, ["x"], indicators=told), rules())
    row = done.tables["indicators"].row(0, named=True)
    assert re.fullmatch(rf"1 message of “\[{CODE}\]”: the mark may stand", row["value"])
    assert row["explanation"] == "Mark it"


def test_the_list_of_redactions_counts_places_and_never_says_the_words() -> None:
    hand = (ManualRule("home address", words="12 Mill Lane"),)
    dossier = a_dossier({0: (PARTY,), 1: (OTHER,)}, [f"{OTHER} of 12 Mill Lane", "a@b.example SW1A 1AA", OTHER])
    done, _ = redact_dossier(dossier, rules(manual=hand, reviewer="N. Rao"))
    rows = {row["kind"]: row for row in done.redactions}
    assert set(rows) == {"words", "name", "e-mail", "postcode"}
    assert rows["name"]["n_places"] == 4  # two texts, one label of a message, one of the person
    assert (rows["words"]["reason"], rows["words"]["reviewer"]) == ("home address", "N. Rao")
    assert [row["number"] for row in done.redactions] == [1, 2, 3, 4]
    assert not re.search("Mill|Siobhan", str(done.redactions))


def test_a_kind_to_keep_that_is_none_is_refused() -> None:
    with pytest.raises(UsageError, match="colours"):
        redact_dossier(a_dossier({0: (PARTY,)}, []), rules(keep=frozenset({"colours"})))


def test_replies_answers_run_and_title_are_redacted_too() -> None:
    dossier = a_dossier({0: (PARTY,), 1: (OTHER,)}, ["x"])
    told = {"warnings": [f"“{OTHER}” twice"], "inputs": [{"path": f"/home/{OTHER}.txt"}], "n": 3}
    full = replace(
        dossier,
        title=f"On {OTHER}",
        run=told,
        answers=({"source_id": SOURCE, "exported_by": OTHER},),
        replies=({"person_id": person_of(1), "label": OTHER, "text": f"I am {OTHER}"},),
        reply_for=person_of(1),
    )
    done, _ = redact_dossier(full, rules())
    other = code_of(1)
    assert done.title == f"On [{other}]"
    assert (done.replies[0]["person_id"], done.replies[0]["label"], done.reply_for) == (other, other, other)
    assert "Siobhan" not in str((done.run, done.answers, done.replies))
    assert done.run["n"] == 3


def test_a_notice_that_names_somebody_of_one_letter_or_sign_loses_the_name() -> None:
    dossier = a_dossier({0: (PARTY,), 1: ("🌻",)}, [])
    row = a_message(1, sender=None, label=None, text="🌻 left")
    dossier.tables.update(messages=a_table("messages", [row]))  # type: ignore[attr-defined]
    assert re.fullmatch(rf"\[{CODE}\] left", _texts(redact_dossier(dossier, rules())[0])[0] or "")


def test_a_contact_card_is_named_by_no_hash() -> None:
    card = {
        "source_id": SOURCE,
        "file": "Kwame.vcf",
        "message_id": 1,
        "status": "tied",
        "sha256": "a" * 64,
        "size_bytes": 90,
    }
    member = {"source_id": SOURCE, "name": "Kwame.vcf", "role": "other", "crc32": 7, "size_bytes": 90}
    tables = {"attachments": a_table("attachments", [card]), "members": a_table("members", [member])}
    done, _ = redact_dossier(a_dossier({0: (PARTY,)}, ["x"], **tables), rules())
    assert done.tables["attachments"]["sha256"].to_list() == [None]
    assert done.tables["members"].select("crc32", "size_bytes").row(0) == (None, None)
