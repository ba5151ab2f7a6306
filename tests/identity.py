"""Identity providers for tests: one of OpenID Connect that answers on a port, and what one of SAML would send."""

import base64
import hashlib
import json
import secrets
import threading
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
import xmlsec
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from lxml import etree

CLIENT_ID, SECRET = "console", "a secret of the client"


class OpenIdProvider:
    """Signs in whoever `person` says, without asking."""

    def __init__(self, port: int) -> None:
        self.issuer = f"http://127.0.0.1:{port}"
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.person: dict[str, Any] = {"sub": "1", "email": "ada@corp.example", "given_name": "Ada", "family_name": "L"}
        self._codes: dict[str, dict[str, str]] = {}
        self.tokens: dict[str, dict[str, Any]] = {}
        self.metadata: str | None = None  # of a provider of SAML, at /metadata

    def description(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "jwks_uri": f"{self.issuer}/keys",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        }

    def authorize(self, asked: dict[str, str]) -> str:
        """Where the browser is sent back to."""
        code = secrets.token_urlsafe()
        self._codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def token(self, asked: dict[str, str]) -> tuple[int, dict[str, Any]]:
        begun = self._codes.pop(asked.get("code", ""), None)
        digest = hashlib.sha256(asked.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        is_right = begun and begun["code_challenge"] == challenge and begun["redirect_uri"] == asked["redirect_uri"]
        if not is_right or (asked.get("client_id"), asked.get("client_secret")) != (CLIENT_ID, SECRET):
            return 400, {"error": "invalid_grant"}
        access = secrets.token_urlsafe()
        self.tokens[access] = self.person
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT_ID, "iat": now, "exp": now + 60, "sub": self.person["sub"]}
        id_token = jwt.encode(claims | self.person, self.key, "RS256", {"kid": "1"})
        return 200, {"access_token": access, "token_type": "Bearer", "expires_in": 60, "id_token": id_token}


@contextmanager
def open_id_provider() -> Iterator[OpenIdProvider]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
            if parts.path == "/.well-known/openid-configuration":
                self._answer(200, provider.description())
            elif parts.path == "/authorize":
                self.send_response(302)
                self.send_header("Location", provider.authorize(asked))
                self.end_headers()
            elif parts.path == "/metadata" and provider.metadata is not None:
                self._send(200, "application/samlmetadata+xml", provider.metadata.encode())
            elif parts.path == "/userinfo":
                person = provider.tokens.get(self.headers.get("Authorization", "").removeprefix("Bearer "))
                self._answer(200 if person else 401, person or {})
            else:
                self._answer(404, {})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            self._answer(*provider.token({name: values[0] for name, values in parse_qs(body).items()}))

        def _answer(self, status: int, told: dict[str, Any]) -> None:
            self._send(status, "application/json", json.dumps(told).encode())

        def _send(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider = OpenIdProvider(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class SamlProvider:
    """Makes metadata and signed responses."""

    entity_id = "https://idp.corp.example/metadata"
    sign_in_url = "https://idp.corp.example/sign-in"

    def __init__(self) -> None:
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "idp.corp.example")])
        now = datetime.now(UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(1)
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .sign(key, hashes.SHA256())
        )
        private = serialization.PrivateFormat.TraditionalOpenSSL
        self.key = key.private_bytes(serialization.Encoding.PEM, private, serialization.NoEncryption())
        self.certificate = base64.b64encode(certificate.public_bytes(serialization.Encoding.DER)).decode()

    def metadata(self, *others: "SamlProvider") -> str:
        """`others`: whose certificates sign as well, as while it changes over to a new one."""
        keys = "".join(
            '<KeyDescriptor use="signing"><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data>'
            f"<X509Certificate>{each.certificate}</X509Certificate></X509Data></KeyInfo></KeyDescriptor>"
            for each in (self, *others)
        )
        return (
            f'<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="{self.entity_id}">'
            '<IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">'
            f"{keys}"
            '<SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"'
            f' Location="{self.sign_in_url}"/></IDPSSODescriptor></EntityDescriptor>'
        )

    def asked(self, location: str) -> Any:
        """The request, as an element, with which a browser was sent to `location`."""
        request = base64.b64decode(parse_qs(urlsplit(location).query)["SAMLRequest"][0])
        return etree.fromstring(zlib.decompress(request, -15))

    def response(self, location: str, email: str, name_id: str = "1") -> dict[str, str]:
        """What the browser posts back after it was sent to `location` with a request."""
        asked = self.asked(location)
        acs, audience = asked.get("AssertionConsumerServiceURL"), asked.findtext("{*}Issuer")
        now = datetime.now(UTC)
        moment, soon, ago = (
            f"{at:%Y-%m-%dT%H:%M:%SZ}" for at in (now, now + timedelta(minutes=5), now - timedelta(minutes=5))
        )
        root = etree.fromstring(
            '<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol"'
            ' xmlns="urn:oasis:names:tc:SAML:2.0:assertion" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
            f' ID="r{secrets.token_hex(8)}" Version="2.0" IssueInstant="{moment}" Destination="{acs}"'
            f' InResponseTo="{asked.get("ID")}"><Issuer>{self.entity_id}</Issuer>'
            '<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>'
            f'<Assertion ID="a{secrets.token_hex(8)}" Version="2.0" IssueInstant="{moment}">'
            f"<Issuer>{self.entity_id}</Issuer><Subject>"
            f'<NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">{name_id}</NameID>'
            '<SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><SubjectConfirmationData'
            f' NotOnOrAfter="{soon}" Recipient="{acs}" InResponseTo="{asked.get("ID")}"/></SubjectConfirmation>'
            "</Subject>"
            f'<Conditions NotBefore="{ago}" NotOnOrAfter="{soon}"><AudienceRestriction><Audience>{audience}</Audience>'
            f'</AudienceRestriction></Conditions><AuthnStatement AuthnInstant="{moment}" SessionIndex="s">'
            "<AuthnContext>"
            "<AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:Password</AuthnContextClassRef></AuthnContext>"
            '</AuthnStatement><AttributeStatement><Attribute Name="email"><AttributeValue>'
            f'{email}</AttributeValue></Attribute><Attribute Name="firstName"><AttributeValue>Ada</AttributeValue>'
            "</Attribute></AttributeStatement></Assertion></samlp:Response>"
        )
        self._sign(root.find("{*}Assertion"))
        return {"SAMLResponse": base64.b64encode(etree.tostring(root)).decode(), "RelayState": ""}

    def _sign(self, assertion: Any) -> None:
        signature = xmlsec.template.create(assertion, xmlsec.Transform.EXCL_C14N, xmlsec.Transform.RSA_SHA256, ns="ds")
        assertion.insert(1, signature)
        reference = xmlsec.template.add_reference(signature, xmlsec.Transform.SHA256, uri=f"#{assertion.get('ID')}")
        xmlsec.template.add_transform(reference, xmlsec.Transform.ENVELOPED)
        xmlsec.template.add_transform(reference, xmlsec.Transform.EXCL_C14N)
        xmlsec.tree.add_ids(assertion, ["ID"])
        context = xmlsec.SignatureContext()
        context.key = xmlsec.Key.from_memory(self.key, xmlsec.KeyFormat.PEM)
        context.sign(signature)
