"""A site's own certificate authority: one key that signs, and a certificate for each process and for the broker.

Elliptic keys on P-256 with SHA-256 (FIPS 186-5), certificates of X.509 v3 (RFC 5280). The name of a process is the
common name of its certificate and nothing else is in its subject: the brokers take it for the user.
"""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from coldport.errors import RefusedError

AUTHORITY_LIFE = timedelta(days=3650)
LIFE = timedelta(days=397)
"""Thirteen months: renewed once a year, with a month to notice."""

EARLY = timedelta(hours=1)
"""A certificate holds from so long before it was made: a gateway's clock may be late."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A key and the certificate that names its holder."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @property
    def expires(self) -> datetime:
        """When it holds no longer."""
        return self.certificate.not_valid_after_utc

    @property
    def certificate_pem(self) -> bytes:
        """The certificate as it is kept in a file."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def key_pem(self) -> bytes:
        """The key as it is kept in a file, without a password: the file's mode guards it."""
        return self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )


def read_pair(certificate_pem: bytes, key_pem: bytes) -> Pair:
    """Read what `Pair` writes; raises ValueError for anything else."""
    key = serialization.load_pem_private_key(key_pem, password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise ValueError("the key is not elliptic")  # noqa: TRY004 - the file is wrong, not the caller's type
    return Pair(key, x509.load_pem_x509_certificate(certificate_pem))


def expiry(certificate_pem: bytes) -> datetime:
    """Return when a certificate expires; raises ValueError for what is none."""
    return x509.load_pem_x509_certificate(certificate_pem).not_valid_after_utc


def new_authority(site: str, now: datetime) -> Pair:
    """Make an authority that signs for the processes of `site`, and signs no other authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name(f"Coldport {site}")
    builder = _builder(name, name, key, (now - EARLY, now + AUTHORITY_LIFE))
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    builder = builder.add_extension(_usage(signs_certificates=True), critical=True)
    return Pair(key, builder.sign(key, hashes.SHA256()))


def issue(authority: Pair, name: str, now: datetime, hosts: Sequence[str] = ()) -> Pair:
    """Make a key and a certificate for a process, or for a server that is reached as one of `hosts`.

    Raises:
        RefusedError: The authority has expired.
    """
    if now >= authority.expires:
        raise RefusedError(f"the site's authority expired on {authority.expires:%Y-%m-%d}: enroll into a new folder")
    key = ec.generate_private_key(ec.SECP256R1())
    until = min(now + LIFE, authority.expires)
    builder = _builder(_name(name), authority.certificate.subject, key, (now - EARLY, until))
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    builder = builder.add_extension(_usage(signs_certificates=False), critical=True)
    purpose = ExtendedKeyUsageOID.SERVER_AUTH if hosts else ExtendedKeyUsageOID.CLIENT_AUTH
    builder = builder.add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
    if hosts:
        names = x509.SubjectAlternativeName([_host(host) for host in hosts])
        builder = builder.add_extension(names, critical=False)
    signer = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key())
    builder = builder.add_extension(signer, critical=False)
    return Pair(key, builder.sign(authority.key, hashes.SHA256()))


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, life: tuple[datetime, datetime]
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(life[0])
        .not_valid_after(life[1])
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _name(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )
