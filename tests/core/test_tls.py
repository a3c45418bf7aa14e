"""Certificates and TLS streams, without a socket."""

import base64
import contextlib
import datetime
import hashlib
import logging
import ssl
import stat
import sys
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from hypothesis import given, settings
from hypothesis import strategies as st

from signaling_server import tls
from signaling_server.tls import CERTIFICATE_FILE, KEY_FILE, TlsError
from signaling_server.tls_stream import TlsStream


@pytest.fixture
def addresses(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The names and addresses this machine has; tests change them."""
    names = {"localhost", "127.0.0.1", "::1", "host", "192.0.2.1"}
    monkeypatch.setattr(tls, "machine_names", lambda: frozenset(names))
    return names


def certificate_in(folder: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate((folder / CERTIFICATE_FILE).read_bytes())


def test_this_machine_has_names_and_addresses() -> None:
    names = tls.machine_names()
    assert {"localhost", "127.0.0.1", "::1"} <= names
    assert not [name for name in names if name.startswith("fe80")]


def test_the_certificate_is_for_this_machine_and_its_key_stays_private(
    tmp_path: Path, addresses: set[str]
) -> None:
    folder = tmp_path / "new" / "folder"
    identity = tls.self_signed(folder, ["Call.Example.org"])
    assert identity.is_self_signed
    assert identity.names == addresses | {"call.example.org"}
    certificate = certificate_in(folder)
    assert certificate.issuer == certificate.subject
    lifetime = certificate.not_valid_after_utc - datetime.datetime.now(datetime.UTC)
    assert datetime.timedelta(days=364) < lifetime <= datetime.timedelta(days=365)
    if sys.platform != "win32":
        assert stat.S_IMODE((folder / KEY_FILE).stat().st_mode) == 0o600
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert sorted(path.name for path in folder.iterdir()) == sorted([CERTIFICATE_FILE, KEY_FILE])


def test_the_pin_is_the_hash_of_the_public_key(tmp_path: Path, addresses: set[str]) -> None:
    identity = tls.self_signed(tmp_path)
    public_key = certificate_in(tmp_path).public_key()
    der = public_key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    assert base64.urlsafe_b64decode(identity.pin + "=") == hashlib.sha256(der).digest()
    assert len(identity.pin) == 43


def test_the_same_certificate_is_used_again(tmp_path: Path, addresses: set[str]) -> None:
    tls.self_signed(tmp_path)
    first = certificate_in(tmp_path)
    addresses.remove("192.0.2.1")
    tls.self_signed(tmp_path)
    assert certificate_in(tmp_path) == first, "an address less is no reason to warn every guest again"


def test_new_addresses_get_a_new_certificate_for_the_same_key(tmp_path: Path, addresses: set[str]) -> None:
    identity = tls.self_signed(tmp_path)
    pin = identity.pin
    addresses.add("192.0.2.2")
    identity.refresh()
    assert identity.pin == pin
    assert "192.0.2.2" in identity.names
    assert greeted_with(identity.context) == certificate_in(tmp_path)
    assert tls.self_signed(tmp_path).pin == pin


def test_a_certificate_near_its_end_is_reissued(
    tmp_path: Path, addresses: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tls, "VALIDITY", tls.RENEW_BEFORE)
    tls.self_signed(tmp_path)
    old = certificate_in(tmp_path)
    monkeypatch.undo()
    tls.self_signed(tmp_path)
    assert certificate_in(tmp_path).not_valid_after_utc > old.not_valid_after_utc


@pytest.mark.logs_warnings
@pytest.mark.parametrize(
    "broken", [b"", b"no key", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"]
)
def test_a_broken_key_is_set_aside_and_said(
    tmp_path: Path, addresses: set[str], broken: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    pin = tls.self_signed(tmp_path).pin
    (tmp_path / KEY_FILE).write_bytes(broken)
    assert tls.self_signed(tmp_path).pin != pin
    (kept,) = tmp_path.glob(f"{KEY_FILE}.broken-*")
    assert kept.read_bytes() == broken
    assert "set aside" in caplog.text


def test_a_broken_certificate_is_replaced(tmp_path: Path, addresses: set[str]) -> None:
    pin = tls.self_signed(tmp_path).pin
    (tmp_path / CERTIFICATE_FILE).write_bytes(b"garbage")
    assert tls.self_signed(tmp_path).pin == pin


def test_a_folder_that_cannot_be_used_is_said(tmp_path: Path, addresses: set[str]) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(TlsError, match="cannot keep a key"):
        tls.self_signed(tmp_path / "file")


# ---- given certificates


def given_in(folder: Path) -> tuple[Path, Path]:
    return folder / CERTIFICATE_FILE, folder / KEY_FILE


def test_a_given_certificate_is_used_as_it_is(tmp_path: Path, addresses: set[str]) -> None:
    pin = tls.self_signed(tmp_path).pin
    before = certificate_in(tmp_path)
    addresses.add("192.0.2.2")
    identity = tls.given(*given_in(tmp_path))
    identity.refresh()
    assert not identity.is_self_signed
    assert identity.pin == pin
    assert identity.names == {"localhost", "127.0.0.1", "::1", "host", "192.0.2.1"}
    assert certificate_in(tmp_path) == before


def test_given_files_that_were_renewed_are_taken_over(tmp_path: Path, addresses: set[str]) -> None:
    tls.self_signed(tmp_path / "a")
    pin = tls.self_signed(tmp_path / "b").pin
    identity = tls.given(*given_in(tmp_path / "a"))
    for old, new in zip(given_in(tmp_path / "a"), given_in(tmp_path / "b"), strict=True):
        old.write_bytes(new.read_bytes())
    identity.refresh()
    assert identity.pin == pin
    assert greeted_with(identity.context) == certificate_in(tmp_path / "b")


@pytest.mark.logs_warnings
def test_a_renewal_that_is_half_done_changes_nothing(tmp_path: Path, addresses: set[str]) -> None:
    tls.self_signed(tmp_path / "a")
    tls.self_signed(tmp_path / "b")
    identity = tls.given(*given_in(tmp_path / "a"))
    before = certificate_in(tmp_path / "a")
    (tmp_path / "a" / CERTIFICATE_FILE).write_bytes((tmp_path / "b" / CERTIFICATE_FILE).read_bytes())
    identity.refresh()
    assert greeted_with(identity.context) == before


def test_given_files_that_do_not_work_are_refused(tmp_path: Path, addresses: set[str]) -> None:
    tls.self_signed(tmp_path / "a")
    tls.self_signed(tmp_path / "b")
    certificate, key = given_in(tmp_path / "a")
    encrypted = tmp_path / "encrypted.pem"
    secret_key = serialization.load_pem_private_key(key.read_bytes(), None)
    encrypted.write_bytes(
        secret_key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"password"),
        )
    )
    for wrong_certificate, wrong_key in (
        (tmp_path / "none", key),
        (certificate, tmp_path / "none"),
        (certificate, tmp_path / "b" / KEY_FILE),
        (key, key),
        (certificate, encrypted),
    ):
        with pytest.raises(TlsError) as caught:
            tls.given(wrong_certificate, wrong_key)
        assert "\n" not in str(caught.value)


# ---- streams


class Browser:
    """The other end of a TlsStream."""

    def __init__(self) -> None:
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.incoming, self.outgoing)

    def shake_hands(self, server: TlsStream) -> None:
        for _ in range(3):
            with contextlib.suppress(ssl.SSLWantReadError):
                self.tls.do_handshake()
            assert list(server.receive(self.outgoing.read())) == []
            self.incoming.write(server.pending())


def greeted_with(context: ssl.SSLContext) -> x509.Certificate:
    browser = Browser()
    browser.shake_hands(TlsStream(context))
    der = browser.tls.getpeercert(binary_form=True)
    assert der is not None
    return x509.load_der_x509_certificate(der)


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    return tls.self_signed(tmp_path_factory.mktemp("tls")).context


@pytest.mark.parametrize("size", [1, 16_384, 200_000])
def test_what_one_says_the_other_hears(context: ssl.SSLContext, size: int) -> None:
    browser, server = Browser(), TlsStream(context)
    before = server.has_begun
    browser.shake_hands(server)
    assert (before, server.has_begun) == (False, True)
    data = bytes(number % 251 for number in range(size))
    browser.tls.write(data)
    sent = browser.outgoing.read()
    heard = b"".join(b"".join(server.receive(sent[at : at + 1000])) for at in range(0, len(sent), 1000))
    assert heard == data
    browser.incoming.write(server.send(data))
    read = b""
    while len(read) < size:
        read += browser.tls.read(65_536)
    assert read == data


def test_the_end_is_said(context: ssl.SSLContext) -> None:
    browser, server = Browser(), TlsStream(context)
    browser.shake_hands(server)
    browser.incoming.write(server.close())
    assert browser.tls.read(1) == b""


def test_old_versions_are_refused(context: ssl.SSLContext) -> None:
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2


@settings(deadline=None)
@given(st.binary(min_size=1, max_size=400), st.booleans())
def test_garbage_raises_an_ssl_error_or_says_nothing(
    context: ssl.SSLContext, garbage: bytes, after_handshake: bool
) -> None:
    browser, server = Browser(), TlsStream(context)
    if after_handshake:
        browser.shake_hands(server)
    with contextlib.suppress(ssl.SSLError):
        assert list(server.receive(garbage)) == []
    server.pending()
    server.close()


def test_no_key_is_logged(tmp_path: Path, addresses: set[str], caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    tls.self_signed(tmp_path)
    assert "PRIVATE" not in caplog.text
