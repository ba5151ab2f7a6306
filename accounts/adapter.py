"""What the console asks of allauth beyond its settings."""

from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter

from .mail import on_console


class AccountAdapter(DefaultAccountAdapter):
    """Accounts with an e-mail address, a first and a last name."""

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send it with every link on CONSOLE_ORIGIN: a request can name any port as its host."""
        words = {name: _address(value) if name.endswith("_url") else value for name, value in context.items()}
        super().send_mail(template_prefix, email, words)


def _address(url: Any) -> Any:
    parts = urlsplit(str(url))
    return on_console(parts._replace(scheme="", netloc="").geturl())
