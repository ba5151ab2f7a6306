"""Settings of the tests: the embedded defaults, quick and in a folder of their own.

What the developer's shell says of the product must not reach its tests, so it is taken out first.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from tests import postgresql

for name in (
    "DATABASE_URL",
    "REDIS_URL",
    "ENVIRONMENT",
    "DEBUG",
    "PORT",
    "HOST",
    "CONSOLE_ORIGIN",
    "CONTENT_ORIGIN",
    "EMAIL_VERIFICATION",
):
    os.environ.pop(name, None)
os.environ["DATA_DIR"] = _folder = tempfile.mkdtemp(prefix="scormcloud-tests-")
atexit.register(shutil.rmtree, _folder, ignore_errors=True)
if os.environ.get("TEST_DATABASE") == "postgresql":
    os.environ["DATABASE_URL"] = postgresql.server_url()

from config.settings import *  # noqa: E402, F403

# Processes that tests start are not on the tests' database nor in their folder.
os.environ.pop("DATA_DIR")
os.environ.pop("DATABASE_URL", None)

SECRET_KEY = "only for tests, long enough for what is signed with it"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES["staticfiles"] = {  # noqa: F405
    "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
}
WHITENOISE_AUTOREFRESH = True
Path(STATIC_ROOT).mkdir(parents=True, exist_ok=True)  # noqa: F405
