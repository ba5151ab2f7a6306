"""What the console asks of allauth beyond its settings."""

from contextlib import nullcontext
from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest
from django.utils.translation import get_language

from .mail import on_console, speaking_to
from .models import User


class AccountAdapter(DefaultAccountAdapter):
    """Accounts with an e-mail address, a first and a last name."""

    def new_user(self, request: HttpRequest) -> User:
        """Whoever signs up goes on in the language of the page they did it on."""
        user: User = super().new_user(request)
        user.language = get_language() or ""
        return user

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send it with every link on CONSOLE_ORIGIN: a request can name any port as its host."""
        words = {name: _address(value) if name.endswith("_url") else value for name, value in context.items()}
        user = context.get("user")
        with speaking_to(user) if isinstance(user, User) else nullcontext():
            super().send_mail(template_prefix, email, words)


def _address(url: Any) -> Any:
    parts = urlsplit(str(url))
    return on_console(parts._replace(scheme="", netloc="").geturl())
