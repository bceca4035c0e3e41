"""The names that phones give to exports, in many languages, and which text in a container is the chat."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatforensics.intake.chatnames import choose_chat, is_chat_name, is_sent_file, is_text, title_in


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("WhatsApp Chat with Adeyemi.txt", "Adeyemi"),
        ("whatsapp_chat_with_Ward_4.TXT", "Ward_4"),
        ("WhatsApp-Chat mit Çelik.txt", "Çelik"),
        ("Chat WhatsApp s uživatelem Novák.txt", "Novák"),
        ("Conversa do WhatsApp com +351 912 345 678.txt", "+351 912 345 678"),
        ("Чат WhatsApp с контактом Олег.txt", "Олег"),
        ("Koro ile WhatsApp Sohbeti.txt", "Koro"),
        ("與合唱團的WhatsApp對話.txt", "合唱團"),
        ("김하늘님과의 WhatsApp 대화.txt", "김하늘"),
        ("صفحه.txt", None),
        ("دردشة واتساب مع ليلى.txt", "ليلى"),
        ("WhatsApp Chat - \u2068Ngozi - Work\u2069.zip", "Ngozi - Work"),
        ("WhatsApp Chat - mit Kaffee.zip", "mit Kaffee"),
        ("Chat de WhatsApp - Vecinos", "Vecinos"),
        ("WhatsApp Chat with v1.2", "v1.2"),
        ("WhatsApp’i vestlus kontaktiga Tamm.txt", "Tamm"),
        ("WhatsApp Chat with Choir (1).txt", "Choir (1)"),
        ("WhatsApp Chat with .txt", None),
        ("WhatsApp Images.zip", None),
        ("_chat.txt", None),
        ("my WhatsApp Chat with Ben.txt", None),
    ],
)
def test_the_title_is_read_out_of_the_phones_name_in_its_language(name: str, title: str | None) -> None:
    assert title_in(name) == title
    assert is_chat_name(name) == (title is not None or name == "_chat.txt")


def test_a_name_in_another_unicode_form_is_the_same_name() -> None:
    assert title_in(unicodedata.normalize("NFD", "Conversație WhatsApp cu Ștefan.txt")) == "Ștefan"


def test_an_endless_name_is_no_chats_name() -> None:
    assert title_in("WhatsApp Chat with " + "a" * 1_000_000) is None


@given(st.text(alphabet="WhatsApp -_Chtwich", max_size=300))
def test_no_name_takes_long_or_raises(name: str) -> None:
    assert title_in(name) is None or is_chat_name(name)


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        ("00000012-PHOTO-2024-03-13-08-30-00.jpg", True),
        ("DOC-20240313-WA0002.txt", True),
        ("PTT-20240313-WA0002.opus", True),
        ("folder/00000012-minutes.txt", True),
        ("20240313.txt", False),
        ("minutes.txt", False),
    ],
)
def test_names_of_sent_files_are_known(name: str, *, sent: bool) -> None:
    assert is_sent_file(name) == sent


def test_shadow_files_are_no_texts() -> None:
    assert [name for name in ("a.txt", "._a.txt", "__MACOSX/a.txt", "a.TXT", "a.txt.exe") if is_text(name)] == [
        "a.txt",
        "a.TXT",
    ]


def test_a_text_that_bears_the_zips_name_against_one_with_a_phones_name_is_asked_about() -> None:
    assert choose_chat(["Choir.txt", "WhatsApp Chat with Q.txt"], container="Choir.zip") == [0, 1]


def test_a_phones_name_decides_in_a_folder() -> None:
    assert choose_chat(["minutes.txt", "a.jpg", "WhatsApp Chat with Q.txt"]) == [2]
    assert choose_chat(["minutes.txt", "letter.txt"]) == [0, 1]
    assert choose_chat(["a.jpg"]) == []
