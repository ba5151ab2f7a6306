"""Signed statements: a JSON web signature as attachment (1.0.3 Data 2.6; 2.0 4.2.6)."""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from typing import Any, NoReturn

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512, HashAlgorithm

from .comparison import equivalent
from .errors import StatementError
from .statements import SIGNATURE, check_statement
from .versions import Version

_ALGORITHMS: Mapping[str, HashAlgorithm] = {"RS256": SHA256(), "RS384": SHA384(), "RS512": SHA512()}
_SEGMENT = re.compile(rb"[A-Za-z0-9_\-]*")
_CLAUSE = "Data 2.6"


def signature_of(statement: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The attachment that says where the statement's signature is; None for one that is not signed."""
    attachments = statement.get("attachments", ())
    return next((entry for entry in attachments if entry["usageType"] == SIGNATURE), None)


def check_signature(statement: Mapping[str, Any], jws: bytes, version: Version) -> None:
    """Raises StatementError unless `jws` is a well-formed signature of this very statement.

    JWS Compact Serialization, RS256, RS384 or RS512, its payload the statement as it was before it was signed. Where
    the header holds the signer's certificate (x5c) the signature must be of its key. That finds mistakes; whom to
    trust is the reader's affair (1.0.3 Data 2.6, note).
    """
    header_part, payload_part, signature = _parts(jws)
    header = _json(_decoded(header_part, "header"), "header")
    algorithm = header.get("alg")
    if not isinstance(algorithm, str) or algorithm not in _ALGORITHMS:
        _refuse(f"its algorithm must be RS256, RS384 or RS512, not {str(algorithm)[:20]}")
    if "crit" in header:
        _refuse("its header demands extensions that are not known (RFC 7515 4.1.11)")
    payload = _json(_decoded(payload_part, "payload"), "payload")
    try:
        check_statement(payload, version)
    except StatementError as error:
        _refuse(f"its payload is no statement: {error}")
    if not equivalent(payload, statement):
        _refuse("its payload is another statement than the one it is attached to")
    if "x5c" in header:
        _verify(_public_key(header["x5c"]), signature, header_part + b"." + payload_part, _ALGORITHMS[algorithm])


def _refuse(words: str) -> NoReturn:
    raise StatementError("attachments", f"The signature is malformed: {words}", _CLAUSE)


def _parts(jws: bytes) -> tuple[bytes, bytes, bytes]:
    parts = jws.strip().split(b".")
    if len(parts) != 3:
        _refuse("it is no JWS in compact serialization, three parts with dots between them")
    header, payload, signature = parts
    return header, payload, _decoded(signature, "signature")


def _decoded(part: bytes, name: str) -> bytes:
    if not part or not _SEGMENT.fullmatch(part) or len(part) % 4 == 1:
        _refuse(f"its {name} is not in base64url")
    return base64.urlsafe_b64decode(part + b"=" * (-len(part) % 4))


def _json(data: bytes, name: str) -> dict[str, Any]:
    try:
        value = json.loads(data.decode())
    except (ValueError, RecursionError):
        _refuse(f"its {name} is no JSON")
    if not isinstance(value, dict):
        _refuse(f"its {name} is no JSON object")
    return value


def _public_key(chain: object) -> RSAPublicKey:
    """The key of the signer's certificate, the first of the chain (RFC 7515 4.1.6)."""
    if not isinstance(chain, list) or not chain or not all(isinstance(entry, str) for entry in chain):
        _refuse("its x5c is no list of certificates")
    keys: list[object] = []
    for entry in chain:
        try:
            keys.append(x509.load_der_x509_certificate(base64.b64decode(entry, validate=True)).public_key())
        except (binascii.Error, ValueError):
            _refuse("its x5c holds what is no certificate")
        except UnsupportedAlgorithm:
            keys.append(None)  # an issuer's key need not be known to us
    if not isinstance(keys[0], RSAPublicKey):
        _refuse("the key of its certificate is not an RSA key")
    return keys[0]


def _verify(key: RSAPublicKey, signature: bytes, signed: bytes, algorithm: HashAlgorithm) -> None:
    try:
        key.verify(signature, signed, PKCS1v15(), algorithm)
    except InvalidSignature:
        _refuse("it was not made with the key of its certificate")
