"""The small verifier in the package is right about signatures, and stricter than the equation alone."""

import base64
import hashlib
from pathlib import Path

import pytest
from bags import key_file, signer
from hypothesis import given, settings
from hypothesis import strategies as st

from chatforensics.package.checker import Problem, check_signature, read_key, verify_ed25519

# RFC 8032, 7.1: public key, message, signature.
VECTORS = {
    "TEST 1": (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        (
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
            "d25bf5f0595bbe24655141438e7a100b"
        ),
    ),
    "TEST 2": (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        (
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
            "387b2eaeb4302aeeb00d291612bb0c00"
        ),
    ),
    "TEST 3": (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        (
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc659"
            "4a7c15e9716ed28dc027beceea1ec40a"
        ),
    ),
    "TEST SHA(abc)": (
        "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
        hashlib.sha512(b"abc").hexdigest(),
        (
            "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e030"
            "3dca179c138ac17ad9bef1177331a704"
        ),
    ),
}
ORDER = 2**252 + 27742317777372353535851937790883648493
PRIME = 2**255 - 19
# Every point of order 1, 2, 4 and 8, and the spellings of some of them that go beyond the prime.
SMALL_ORDER = [
    (1).to_bytes(32, "little"),
    (PRIME - 1).to_bytes(32, "little"),
    bytes(32),
    bytes(31) + b"\x80",
    bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
    bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"),
    PRIME.to_bytes(32, "little"),
    (PRIME + 1).to_bytes(32, "little"),
]


def _vector(name: str) -> tuple[bytes, bytes, bytes]:
    key, message, signature = VECTORS[name]
    return bytes.fromhex(key), bytes.fromhex(message), bytes.fromhex(signature)


@pytest.mark.parametrize("name", VECTORS)
def test_the_signatures_of_rfc_8032_are_accepted_and_not_with_one_bit_changed(name: str) -> None:
    key, message, signature = _vector(name)
    assert verify_ed25519(key, message, signature)
    assert not verify_ed25519(key, message + b"x", signature)
    for place in (0, 31, 32, 62):
        changed = bytearray(signature)
        changed[place] ^= 1
        assert not verify_ed25519(key, message, bytes(changed))


def test_a_second_spelling_of_a_signature_is_refused() -> None:
    key, message, signature = _vector("TEST 2")
    number = int.from_bytes(signature[32:], "little") + ORDER
    assert not verify_ed25519(key, message, signature[:32] + number.to_bytes(32, "little"))
    assert not verify_ed25519(key, message, signature + b"\x00")
    assert not verify_ed25519(key, message, signature[:63])


@pytest.mark.parametrize("key", SMALL_ORDER, ids=bytes.hex)
def test_a_key_for_which_anybody_can_sign_is_refused(key: bytes) -> None:
    for point in SMALL_ORDER:  # S = 0 and R = -hA hold for one of these points, whatever the message
        assert not verify_ed25519(key, b"message", point + bytes(32))


def test_bytes_that_spell_no_point_are_no_key() -> None:
    assert not verify_ed25519((2).to_bytes(32, "little"), b"", bytes(64))
    assert not verify_ed25519((1).to_bytes(31, "little") + b"\x80", b"", bytes(64))  # x = 0 with a sign
    assert not verify_ed25519(b"", b"", bytes(64))


@settings(max_examples=10)
@given(seed=st.binary(min_size=32, max_size=32), message=st.binary(max_size=99), place=st.integers(0, 511))
def test_the_library_and_the_small_verifier_agree(seed: bytes, message: bytes, place: int) -> None:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    secret = Ed25519PrivateKey.from_private_bytes(seed)
    key = secret.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    signature = secret.sign(message)
    assert verify_ed25519(key, message, signature)
    number = int.from_bytes(signature, "big") ^ 1 << place
    assert not verify_ed25519(key, message, number.to_bytes(64, "big"))


def test_both_forms_of_minisign_signatures_are_read(tmp_path: Path) -> None:
    from minisign import SecretKey

    secret = SecretKey.from_file(key_file(tmp_path))
    public = read_key(secret.get_public_key().to_base64().decode())
    for prehash in (False, True):
        signature = bytes(secret.sign(b"content", prehash=prehash, trusted_comment="a comment")) + b"\n"
        assert check_signature(b"content", signature, public) == "a comment"
        with pytest.raises(Problem, match="does not fit the file"):
            check_signature(b"Content", signature, public)
        with pytest.raises(Problem, match="does not fit its trusted comment"):
            check_signature(b"content", signature.replace(b"a comment", b"b comment"), public)
        with pytest.raises(Problem, match="with another key"):
            check_signature(b"content", signature, read_key(signer(tmp_path, 2).public_key))


def test_a_signature_spelt_otherwise_than_minisign_does_is_refused(tmp_path: Path) -> None:
    maker = signer(tmp_path)
    public, good = read_key(maker.public_key), maker.sign(b"content", comment="c")
    lines = good.split(b"\n")
    for bad in (
        b"",
        good[:-1],
        good + b"\n",
        good.replace(b"\n", b"\r\n"),
        good.replace(b"signature from", b"signed with"),
        b"\n".join([lines[0], lines[1][:-2] + b"p=", *lines[2:]]),
        good.replace(b"trusted comment: c", b"trusted comment: \xff"),
        b"\n".join([lines[0], base64.b64encode(b"Xx" + base64.b64decode(lines[1])[2:]), *lines[2:]]),
    ):
        with pytest.raises(Problem, match="as minisign writes it"):
            check_signature(b"content", bad, public)


def test_a_key_is_read_from_its_file_and_from_its_line(tmp_path: Path) -> None:
    line = signer(tmp_path).public_key
    path = tmp_path / "maker.pub"
    path.write_bytes(b"untrusted comment: minisign public key\r\n" + line.encode() + b"\r\n")
    assert read_key(line) == read_key(str(path))
    for bad in ("", "RW", str(tmp_path), str(key_file(tmp_path)), "RWÿ", "a\0b", line[:-4]):
        with pytest.raises(Problem, match="no minisign public key"):
            read_key(bad)
