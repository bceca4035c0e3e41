"""A timestamp is asked for by hand, and a reply is attached only if it answers this folder's request."""

import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from bags import make_bag
from commandline import run
from hypothesis import given, settings
from hypothesis import strategies as st

from chatforensics.errors import EvidenceError, MissingDependency, UsageError
from chatforensics.package.checker import REPLY, REQUEST, TAGS
from chatforensics.package.timestamps import attach_reply, sort_certificates, write_request

CONFIG = """
[req]
distinguished_name = name
prompt = no
[name]
CN = Invented Time Office
[ca]
basicConstraints = critical,CA:TRUE
[tsa]
basicConstraints = critical,CA:FALSE
extendedKeyUsage = critical,timeStamping
[tsa_config]
serial = serial
crypto_device = builtin
signer_cert = tsa.pem
certs = ca.pem
signer_key = tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ess_cert_id_alg = sha256
"""


class Authority:
    """A timestamp authority in a folder, made with openssl, that answers requests without a network."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ca = folder / "ca.pem"
        (folder / "config").write_text(CONFIG)
        (folder / "serial").write_text("01\n")
        key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-config", "config"]
        days = ["-days", "3650"]
        self.call("req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", *days, "-extensions", "ca")
        self.call("req", "-new", *key, "-keyout", "tsa.key", "-out", "tsa.csr", "-subj", "/CN=Invented Clock")
        signing = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", "config", "-extensions", "tsa"]
        self.call("x509", "-req", "-in", "tsa.csr", *signing, *days, "-out", "tsa.pem")

    def call(self, *words: str | Path) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(["openssl", *words], cwd=self.folder, capture_output=True, check=True)

    def answer(self, request: Path, name: str = "reply.tsr") -> Path:
        words = ("-config", "config", "-section", "tsa_config", "-queryfile", request, "-out", name)
        self.call("ts", "-reply", *words)
        return self.folder / name


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    if not shutil.which("openssl"):
        pytest.skip("openssl is not on this machine")
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def bag(tmp_path: Path) -> Path:
    return make_bag(tmp_path / "bag")


def test_openssl_reads_the_request_answers_it_and_verifies_what_was_attached(authority: Authority, bag: Path) -> None:
    request = write_request(bag)
    shown = authority.call("ts", "-query", "-in", request, "-text").stdout.decode()
    assert "Hash Algorithm: sha256" in shown
    assert "Nonce: 0x" in shown
    assert "Certificate required: yes" in shown
    stamp = attach_reply(bag, authority.answer(request), ca=authority.ca)
    assert stamp.checked
    assert abs((stamp.at - datetime.now(UTC)).total_seconds()) < 60
    done = authority.call("ts", "-verify", "-data", bag / TAGS, "-in", bag / REPLY, "-CAfile", "ca.pem")
    assert b"Verification: OK" in done.stdout
    assert run("verify", bag).returncode == 0
    assert attach_reply(bag, bag / REPLY, ca=authority.ca) == stamp


def test_a_request_holds_a_hash_and_no_words_and_is_kept_until_the_list_changes(bag: Path) -> None:
    request = write_request(bag)
    content = request.read_bytes()
    assert request.name == REQUEST
    assert len(content) < 100
    assert write_request(bag).read_bytes() == content
    (bag / TAGS).write_bytes(b"another list\n")
    assert write_request(bag).read_bytes() != content


def test_without_certificates_the_time_is_told_as_unchecked(authority: Authority, bag: Path) -> None:
    stamp = attach_reply(bag, authority.answer(write_request(bag)))
    assert not stamp.checked
    assert (bag / REPLY).exists()


def test_a_reply_to_another_request_is_refused(authority: Authority, bag: Path, tmp_path: Path) -> None:
    write_request(bag)
    other = make_bag(tmp_path / "other", extra={"more": b"x"})
    with pytest.raises(EvidenceError, match="a timestamp of something else"):
        attach_reply(bag, authority.answer(write_request(other)))
    twin = make_bag(tmp_path / "twin")
    with pytest.raises(EvidenceError, match="answers another request"):
        attach_reply(bag, authority.answer(write_request(twin)))
    assert not (bag / REPLY).exists()


def test_a_refusal_is_told_with_its_reason(authority: Authority, bag: Path) -> None:
    request = write_request(bag)
    query = authority.folder / "sha512.tsq"
    authority.call("ts", "-query", "-data", bag / TAGS, "-sha512", "-out", query)
    refused = authority.answer(query, "refused.tsr")
    with pytest.raises(EvidenceError, match=r"refused by the authority \(rejection: .*not supported"):
        attach_reply(bag, refused)
    assert request.exists()


def test_a_reply_that_is_none_or_has_a_bit_changed_is_an_error_that_says_so(authority: Authority, bag: Path) -> None:
    good = authority.answer(write_request(bag)).read_bytes()
    bad = authority.folder / "bad.tsr"
    for content in (b"", b"<html>Bad gateway</html>", good[:-20], b"0" * 2_000_000):
        bad.write_bytes(content)
        with pytest.raises((EvidenceError, UsageError)):
            attach_reply(bag, bad)
    assert not (bag / REPLY).exists()
    stamp, n_refused = attach_reply(bag, authority.folder / "reply.tsr"), 0
    (bag / REPLY).unlink()
    for place in range(0, len(good), 23):
        changed = bytearray(good)
        changed[place] ^= 4
        bad.write_bytes(changed)
        try:  # what is not signed, such as the copy of the authority's own certificate, may differ
            told = attach_reply(bag, bad, ca=authority.ca)
        except (EvidenceError, UsageError):
            n_refused += 1
        else:
            assert (told.at, told.serial) == (stamp.at, stamp.serial), place
            (bag / REPLY).unlink()
    assert n_refused > 20


def test_certificates_of_another_authority_do_not_do(authority: Authority, bag: Path, tmp_path: Path) -> None:
    (tmp_path / "authority").mkdir()
    other = Authority(tmp_path / "authority")
    reply = authority.answer(write_request(bag))
    with pytest.raises(EvidenceError, match="the authority's signature does not hold"):
        attach_reply(bag, reply, ca=other.ca)
    with pytest.raises(UsageError, match="no certificates in PEM"):
        attach_reply(bag, reply, ca=reply)
    assert not (bag / REPLY).exists()


def test_a_second_reply_does_not_replace_the_first(authority: Authority, bag: Path) -> None:
    request = write_request(bag)
    attach_reply(bag, authority.answer(request, "one.tsr"))
    held = (bag / REPLY).read_bytes()
    with pytest.raises(UsageError, match="another reply is attached"):
        attach_reply(bag, authority.answer(request, "two.tsr"))
    with pytest.raises(UsageError, match="a reply is attached already"):
        write_request(bag)
    assert (bag / REPLY).read_bytes() == held


def test_a_list_changed_after_the_request_is_told(authority: Authority, bag: Path) -> None:
    reply = authority.answer(write_request(bag))
    (bag / TAGS).write_bytes(b"another list\n")
    with pytest.raises(EvidenceError, match="for another list"):
        attach_reply(bag, reply)


def test_what_is_missing_is_named(bag: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="No such file"):
        write_request(tmp_path)
    with pytest.raises(UsageError, match="Write it first"):
        attach_reply(bag, tmp_path / "none")
    (bag / REQUEST).write_bytes(b"none")
    with pytest.raises(UsageError, match="no timestamp request"):
        write_request(bag)


def test_without_the_extra_the_error_names_the_command_to_run(bag: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rfc3161_client", None)
    with pytest.raises(MissingDependency, match=r"pip install 'chatforensics\[timestamp\]'"):
        write_request(bag)
    assert run("timestamp", bag).returncode == 2


def test_the_command_tells_what_to_do_and_then_attaches_the_reply(authority: Authority, bag: Path) -> None:
    asked = run("timestamp", bag)
    assert asked.returncode == 0
    told = asked.stdout.decode()
    assert f"--data-binary @{bag / REQUEST}" in told
    assert "://" not in told
    reply = authority.answer(bag / REQUEST)
    attached = run("timestamp", bag, "--reply", reply, "--ca", authority.ca)
    assert attached.stdout.decode().startswith("Attached: the package was there at 2")
    assert "Its signature agrees" in attached.stdout.decode()
    assert run("timestamp", bag, "--ca", authority.ca).returncode == 0
    assert "not checked" in run("timestamp", bag, "--reply", reply).stdout.decode()
    os.truncate(reply, 30)
    assert run("timestamp", bag, "--reply", reply).returncode == 1


def _der(tag: int, *inside: bytes) -> bytes:
    value = b"".join(inside)
    return bytes([tag]) + (bytes([len(value)]) if len(value) < 128 else b"\x81" + bytes([len(value)])) + value


def test_certificates_in_any_order_are_read_in_that_of_der_and_nothing_else_moves() -> None:
    certificates = [_der(0x30, b"b" * 60), _der(0x30, b"a" * 60), _der(0x30, b"c")]

    def reply(listed: list[bytes]) -> bytes:
        signed = _der(0x30, _der(2, b"\x03"), _der(0x31), _der(0x30, b"said"), _der(0xA0, *listed), _der(0x31, b"by"))
        return _der(0x30, _der(0x30, _der(2, b"\x00")), _der(0x30, _der(6, b"\x2a"), _der(0xA0, signed)))

    for listed in (certificates, certificates[::-1]):
        assert sort_certificates(reply(listed)) == reply(sorted(certificates))
    for other in (b"", b"<html>", reply([])[:-1], _der(0x30, _der(0x30)), b"\x30\x80\x00\x00", b"\x30\xff"):
        assert sort_certificates(other) == other


@settings(max_examples=50)
@given(content=st.binary(max_size=60))
def test_what_is_no_reply_is_left_as_it_is(content: bytes) -> None:
    assert sorted(sort_certificates(content)) == sorted(content)
