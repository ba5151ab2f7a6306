"""The e-mail backend of the embedded set-up: mails are printed to the terminal and kept as files to look at."""

import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone
from django.utils.crypto import get_random_string

KEPT = 200
_writing = threading.Lock()


class EmailBackend(BaseEmailBackend):
    """Prints each mail and writes it to EMAIL_FILE_PATH, where the newest are kept.

    It prints on standard error, because a command that sends a mail answers on standard output.
    """

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        folder = Path(settings.EMAIL_FILE_PATH)
        folder.mkdir(parents=True, exist_ok=True)
        for message in email_messages:
            with _writing:
                name = f"{timezone.now():%Y%m%dT%H%M%S.%f}-{get_random_string(6).lower()}.eml"
                (folder / name).write_bytes(message.message().as_bytes())
                sys.stderr.write(f"\nMail to {', '.join(message.to)}: {message.subject}\n\n{message.body}\n\n")
                sys.stderr.flush()
        for old in sorted(folder.glob("*.eml"))[:-KEPT]:
            old.unlink(missing_ok=True)  # another process may have been faster
        return len(email_messages)


@dataclass(frozen=True)
class Mail:
    """A mail that was sent."""

    path: Path
    sent: datetime
    to: str
    subject: str
    text: str
    html: str

    @property
    def name(self) -> str:
        return self.path.name


def mails() -> list[Mail]:
    """The mails kept, newest first."""
    return [_read(path) for path in sorted(Path(settings.EMAIL_FILE_PATH).glob("*.eml"), reverse=True)]


def find(name: str) -> Mail | None:
    """The mail of that file name, if there is one in the folder."""
    for path in Path(settings.EMAIL_FILE_PATH).glob("*.eml"):
        if path.name == name:
            return _read(path)
    return None


def _read(path: Path) -> Mail:
    message = message_from_bytes(path.read_bytes(), policy=policy.default)
    parts = {kind: message.get_body((kind,)) for kind in ("plain", "html")}
    text, html = (part.get_content() if part else "" for part in parts.values())
    sent = datetime.fromtimestamp(path.stat().st_mtime, timezone.get_default_timezone())
    return Mail(path, sent, str(message["To"]), str(message["Subject"]), text, html)
