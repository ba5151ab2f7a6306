"""Signed statements (1.0.3 Data 2.6; 2.0 4.2.6)."""

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from standards.xapi.errors import StatementError
from standards.xapi.signatures import check_signature, signature_of
from standards.xapi.statements import SIGNATURE
from standards.xapi.versions import V1_0_3

from .statements import ATTACHMENT, FULL, SMALL, changed

HASHES = {"RS256": SHA256(), "RS384": SHA384(), "RS512": SHA512()}
SIGNED = {
    **SMALL,
    "attachments": [
        ATTACHMENT,
        {**ATTACHMENT, "usageType": SIGNATURE, "contentType": "application/octet-stream"},
    ],
}
BEFORE = {**SMALL, "attachments": [ATTACHMENT]}


@pytest.fixture(scope="module")
def key():
    return rsa.generate_private_key(65537, 2048)


def certificate(key):
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "signer")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    made = builder.not_valid_before(now).not_valid_after(now + timedelta(days=1)).sign(key, SHA256())
    return base64.b64encode(made.public_bytes(Encoding.DER)).decode()


def part(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def jws(key, payload=None, algorithm="RS256", **header):
    content = json.dumps(BEFORE).encode() if payload is None else payload
    signed = part(json.dumps({"alg": algorithm, **header}).encode()) + b"." + part(content)
    return signed + b"." + part(key.sign(signed, PKCS1v15(), HASHES.get(algorithm, SHA256())))


def refused(statement, signature):
    try:
        check_signature(statement, signature, V1_0_3)
    except StatementError as error:
        return str(error)
    return ""


def test_the_attachment_of_a_signature_is_found():
    assert signature_of(SIGNED) == SIGNED["attachments"][1]
    assert signature_of(BEFORE) is None
    assert signature_of(SMALL) is None


@pytest.mark.parametrize("algorithm", HASHES)
def test_signature_is_accepted_with_and_without_a_certificate(key, algorithm):
    assert refused(SIGNED, jws(key, algorithm=algorithm)) == ""
    assert refused(SIGNED, jws(key, algorithm=algorithm, x5c=[certificate(key)])) == ""


def test_the_payload_may_differ_as_statements_may(key):
    payload = changed(BEFORE, ("verb.display", {"en": "completed"}), ("id", FULL["id"]), ("authority", FULL["actor"]))

    assert refused(SIGNED, jws(key, json.dumps(payload).encode())) == ""


def test_a_certificate_of_another_key_is_found_out(key):
    other = rsa.generate_private_key(65537, 2048)

    assert "not made with the key of its certificate" in refused(SIGNED, jws(other, x5c=[certificate(key)]))


def test_a_signature_of_other_words_is_found_out(key):
    header, _, signature = jws(key, x5c=[certificate(key)]).split(b".")
    payload = part(json.dumps(changed(BEFORE, ("verb.display", {"en": "x"}))).encode())

    assert "not made with the key" in refused(SIGNED, b".".join([header, payload, signature]))


def test_what_is_no_signature_of_the_statement_is_refused_in_words(key):
    elliptic = certificate(ec.generate_private_key(ec.SECP256R1()))
    header, payload, signature = jws(key).split(b".")
    cases = {
        b"": "compact serialization",
        b"not a signature": "compact serialization",
        b'{"payload": "x", "signatures": []}': "compact serialization",
        b"a.b.c.d": "compact serialization",
        header + b".." + signature: "payload is not in base64url",
        header + b"." + payload + b".": "signature is not in base64url",
        b"*." + payload + b"." + signature: "header is not in base64url",
        header + b"=." + payload + b"." + signature: "header is not in base64url",
        part(b"{") + b"." + payload + b"." + signature: "header is no JSON",
        part(b"\xff\xfe") + b"." + payload + b"." + signature: "header is no JSON",
        part(b"[" * 100_000) + b"." + payload + b"." + signature: "header is no JSON",
        part(b"[]") + b"." + payload + b"." + signature: "header is no JSON object",
        jws(key, algorithm="HS256"): "RS256, RS384 or RS512, not HS256",
        jws(key, algorithm="none"): "RS256, RS384 or RS512, not none",
        jws(key, algorithm=5): "RS256, RS384 or RS512",
        jws(key, crit=["b64"], b64=False): "extensions that are not known",
        jws(key, json.dumps(BEFORE).replace('"', "'", 1).encode()): "payload is no JSON",
        jws(key, b"5"): "payload is no JSON object",
        jws(key, b"{}"): "payload is no statement: actor: is missing",
        jws(key, json.dumps(SMALL).encode()): "another statement",
        jws(key, json.dumps(changed(BEFORE, ("actor.mbox", "mailto:bo@example.com"))).encode()): "another statement",
        jws(key, x5c=[]): "x5c is no list",
        jws(key, x5c="abc"): "x5c is no list",
        jws(key, x5c=[5]): "x5c is no list",
        jws(key, x5c=["!"]): "no certificate",
        jws(key, x5c=["aGVsbG8="]): "no certificate",
        jws(key, x5c=[elliptic]): "not an RSA key",
    }

    assert [(words, said) for case, words in cases.items() if words not in (said := refused(SIGNED, case))] == []
