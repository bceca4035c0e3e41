import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatforensics.errors import UsageError
from chatforensics.package.pseudonyms import NAMESPACES, PSEUDONYM, code_of, pseudonym

KEY, OTHER = b"a" * 32, b"b" * 32


def test_a_pseudonym_is_ten_letters_of_a_keyed_hash_of_namespace_and_id() -> None:
    import base64

    whole = base64.b32encode(hmac.new(KEY, b"person\0Ama", hashlib.sha256).digest()).decode()
    assert pseudonym(KEY, namespace="person", value="Ama") == f"P-{whole[:10]}"


@given(st.text(), st.text())
def test_equal_things_have_equal_pseudonyms_and_others_have_others(one: str, other: str) -> None:
    same = pseudonym(KEY, namespace="label", value=one) == pseudonym(KEY, namespace="label", value=other)
    assert same == (one == other)


@given(st.text(), st.sampled_from(NAMESPACES))
def test_two_keys_share_no_pseudonym_and_the_form_is_fixed(value: str, namespace: str) -> None:
    import re

    one = pseudonym(KEY, namespace=namespace, value=value)
    assert re.fullmatch(PSEUDONYM, one)
    assert one != pseudonym(OTHER, namespace=namespace, value=value)


def test_one_text_in_two_namespaces_has_two_pseudonyms() -> None:
    assert len({code_of(KEY, namespace=one, value="x") for one in NAMESPACES}) == len(NAMESPACES)


def test_a_short_key_or_a_strange_namespace_is_refused() -> None:
    with pytest.raises(UsageError, match="32"):
        pseudonym(b"short", namespace="person", value="x")
    with pytest.raises(UsageError, match="namespace"):
        pseudonym(KEY, namespace="colour", value="x")
