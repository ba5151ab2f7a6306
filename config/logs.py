"""What the log must not hold: paths that open something for whoever has them."""

import logging
import re

# Launch links, launches, package files; links of mails that confirm an address or set a password.
# Passwords of PENS messages that come as a query.
SECRET = re.compile(
    r"(/(?:launch|play|files|accounts/confirm-email|accounts/password/reset/key)/|(?:system|package-url)-password=)"
    r"[^/?&\s]+"
)


class NoSecrets(logging.Filter):
    """Leaves out of each line the part of a path that is as good as a password."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.msg, str):
            record.msg = SECRET.sub(r"\1…", record.msg)
        if isinstance(record.args, tuple):
            record.args = tuple(SECRET.sub(r"\1…", part) if isinstance(part, str) else part for part in record.args)
        return True
