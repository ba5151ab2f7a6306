"""What every test of packages arranges: an empty disk, a person in a realm, and the same person's browser."""

from pathlib import Path

import pytest
from django.test import Client

from content import storage
from realms.models import Realm
from tests import make


@pytest.fixture(autouse=True)
def disk(settings, tmp_path: Path) -> Path:
    """The folder packages are kept in; uploads gather beside it."""
    packages = tmp_path / "packages"
    settings.STORAGES = settings.STORAGES | {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": str(packages)}}
    }
    settings.UPLOAD_DIR = tmp_path / "uploads"
    return packages


@pytest.fixture
def kept(disk: Path):
    """Names of all files on the disk, of packages and of uploads, to see that nothing is left over."""

    def names() -> list[str]:
        folders = (disk, storage.upload_folder())
        return sorted(
            str(path.relative_to(disk.parent)) for folder in folders for path in folder.rglob("*") if path.is_file()
        )

    return names


@pytest.fixture
def realm(db) -> Realm:
    return make.realm()


@pytest.fixture
def application(realm: Realm):
    return make.internal_application(realm)


@pytest.fixture
def owner(client: Client, realm: Realm) -> Client:
    """The browser of the realm's owner."""
    client.force_login(realm.memberships.get().user)
    return client


@pytest.fixture
def stranger(db) -> Client:
    """The browser of somebody who has a realm of their own."""
    browser = Client()
    browser.force_login(make.realm().memberships.get().user)
    return browser
