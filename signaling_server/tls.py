"""The server's certificate: a given one, or its own self-signed one whose key is kept and pinned by links.

PIN is the SHA-256 of the public key (SubjectPublicKeyInfo, DER) in base64url without padding: it stays the same
when the certificate is reissued for other addresses.
"""

from __future__ import annotations

import base64
import contextlib
import datetime
import hashlib
import ipaddress
import logging
import os
import re
import secrets
import socket
import ssl
from collections.abc import Iterable
from pathlib import Path

import ifaddr
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

KEY_FILE = "server-key.pem"
CERTIFICATE_FILE = "server-certificate.pem"
VALIDITY = datetime.timedelta(days=365)
RENEW_BEFORE = datetime.timedelta(days=30)
_CLOCK_SKEW = datetime.timedelta(days=1)  # a client's clock may be behind

_log = logging.getLogger(__name__)


class TlsError(Exception):
    """The certificate or its key cannot be used; the text says why, in one line."""


class Identity:
    """A certificate in use. `given` and `self_signed` make one."""

    def __init__(self, certificate: Path, key: Path, *, own_names: frozenset[str] | None) -> None:
        """Use these files; `own_names`: the certificate is ours, to be reissued for these names.

        Raises TlsError.
        """
        self.context = _context()
        self.names: frozenset[str] = frozenset()  # what the certificate is valid for, in lower case
        self.pin = ""
        self.valid_until = datetime.datetime.now(datetime.UTC)
        self._files = (certificate, key)
        self._own_names = own_names
        self._loaded: tuple[bytes, bytes] = (b"", b"")
        self._load()

    @property
    def is_self_signed(self) -> bool:
        return self._own_names is not None

    def refresh(self) -> None:
        """Reissue our own certificate if it is due, take over given files that changed; for new connections.

        To be called now and then. What goes wrong is logged, and the certificate before stays in use.
        """
        try:
            if self._own_names is not None:
                _issue_if_due(*self._files, self._own_names | machine_names())
            self._load()
        except TlsError as error:
            _log.warning("the certificate stays as it was: %s", error)

    def _load(self) -> None:
        certificate, key = self._files
        loaded = (_read(certificate), _read(key))
        if loaded == self._loaded:
            return
        try:
            chain = x509.load_pem_x509_certificates(loaded[0])
            # an encrypted key is refused: there is nobody to ask for its password
            _context().load_cert_chain(certificate, key, password=_no_password)
            self.context.load_cert_chain(certificate, key, password=_no_password)
        except (ValueError, OSError) as error:
            raise TlsError(
                f"{certificate} and {key} do not work as a certificate and its key: {error}"
            ) from None
        self._loaded = loaded
        self.names = _names_in(chain[0])
        self.pin = pin_of(chain[0])
        self.valid_until = chain[0].not_valid_after_utc


def given(certificate: Path, key: Path) -> Identity:
    """A certificate (PEM, with its chain) and its key (PEM), of an authority or of one's own. Raises TlsError."""
    return Identity(certificate, key, own_names=None)


def self_signed(folder: Path, extra_names: Iterable[str] = ()) -> Identity:
    """Our own certificate, for this machine's names and addresses and `extra_names`; kept in `folder`.

    Raises TlsError: the folder cannot be used.
    """
    own_names = frozenset(name.lower() for name in extra_names)
    certificate, key = folder / CERTIFICATE_FILE, folder / KEY_FILE
    _issue_if_due(certificate, key, own_names | machine_names())
    return Identity(certificate, key, own_names=own_names)


def machine_names() -> frozenset[str]:
    """localhost, this machine's name, and its addresses."""
    names = {"localhost", "127.0.0.1", "::1"}
    host = socket.gethostname().lower()
    if re.fullmatch(r"[a-z0-9.-]+", host):  # else a certificate cannot hold it
        names |= {host} if "." in host else {host, f"{host}.local"}  # RFC 6762: on the local network
    for adapter in ifaddr.get_adapters():
        for ip in adapter.ips:
            address = ipaddress.ip_address(ip.ip if isinstance(ip.ip, str) else ip.ip[0])
            if not (address.version == 6 and address.is_link_local):  # not without naming the interface
                names.add(str(address))
    return frozenset(names)


def pin_of(certificate: x509.Certificate) -> str:
    """The pin of a certificate's key."""
    public_key = certificate.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return base64.urlsafe_b64encode(hashlib.sha256(public_key).digest()).rstrip(b"=").decode()


def _context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION
    context.set_alpn_protocols(["http/1.1"])
    return context


def _no_password() -> str:
    raise ValueError("the key is encrypted")


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise TlsError(f"cannot read {path}: {error.strerror}") from None


def _names_in(certificate: x509.Certificate) -> frozenset[str]:
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return frozenset()
    domains = names.get_values_for_type(x509.DNSName)
    addresses = names.get_values_for_type(x509.IPAddress)
    return frozenset([*(name.lower() for name in domains), *map(str, addresses)])


# ---- our own certificate


def _issue_if_due(certificate: Path, key_path: Path, names: frozenset[str]) -> None:
    """Make the key if there is none, and the certificate if it does not fit any more. Raises TlsError."""
    try:
        certificate.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        key = _kept_key(key_path) or _new_key(key_path)
        if not _fits(certificate, key, names):
            _replace(certificate, _issued(key, names), mode=0o644)
            _log.info("issued a certificate for %d names and addresses", len(names))
    except OSError as error:
        raise TlsError(f"cannot keep a key in {certificate.parent}: {error.strerror}") from None


def _kept_key(path: Path) -> ec.EllipticCurvePrivateKey | None:
    """The key in the file; None if there is none. A broken file is set aside."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    with contextlib.suppress(ValueError, TypeError):
        key = serialization.load_pem_private_key(data, password=None)
        if isinstance(key, ec.EllipticCurvePrivateKey):
            path.chmod(0o600)
            return key
    path.replace(path.with_name(f"{path.name}.broken-{secrets.token_hex(4)}"))
    _log.warning("the server's key is broken and was set aside; links with its pin lead nowhere any more")
    return None


def _new_key(path: Path) -> ec.EllipticCurvePrivateKey:
    key = ec.generate_private_key(ec.SECP256R1())
    _replace(
        path,
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ),
        mode=0o600,
    )
    return _kept_key(path) or key  # another process may have been as quick: the last one's counts


def _replace(path: Path, data: bytes, *, mode: int) -> None:
    """Write a file whole or not at all."""
    temporary = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _fits(path: Path, key: ec.EllipticCurvePrivateKey, names: frozenset[str]) -> bool:
    try:
        certificate = x509.load_pem_x509_certificate(path.read_bytes())
    except (OSError, ValueError):
        return False
    now = datetime.datetime.now(datetime.UTC)
    return (
        certificate.public_key() == key.public_key()
        and names <= _names_in(certificate)
        and certificate.not_valid_before_utc <= now < certificate.not_valid_after_utc - RENEW_BEFORE
    )


def _issued(key: ec.EllipticCurvePrivateKey, names: frozenset[str]) -> bytes:
    now = datetime.datetime.now(datetime.UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "CallApp signaling server")])
    usage = x509.KeyUsage(True, *[False] * 8)  # digital signature
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCK_SKEW)
        .not_valid_after(now + VALIDITY)
        .add_extension(
            x509.SubjectAlternativeName([_general_name(name) for name in sorted(names)]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.PEM)


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
