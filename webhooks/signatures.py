"""Signatures by the Standard Webhooks scheme (standard-webhooks, specification 1.0, "Signature scheme")."""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime

from .models import secret_bytes


def headers(message_id: str, at: datetime, body: bytes, secrets: Sequence[str]) -> dict[str, str]:
    """The three headers; while a secret is rolled the signatures of both stand side by side."""
    timestamp = str(int(at.timestamp()))
    return {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(_signature(message_id, timestamp, body, secret) for secret in secrets),
    }


def _signature(message_id: str, timestamp: str, body: bytes, secret: str) -> str:
    signed = f"{message_id}.{timestamp}.".encode() + body
    digest = hmac.new(secret_bytes(secret), signed, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"
