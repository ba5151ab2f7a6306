"""A private PostgreSQL server for a test session, from the binaries this machine has.

`TEST_DATABASE=postgresql pytest` runs the database tests on it; TEST_DATABASE_URL names a server to use instead.
`python -m tests.postgresql` ends with 0 where that can be done.
"""

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

MISSING = "PostgreSQL: no server programs found here, the database tests run on SQLite alone"


def find_binaries() -> Path | None:
    """The folder of `initdb` and `postgres`: pg_config's, the PATH's, or the newest of Debian's."""
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda place: -int(float(place.parent.name)))
    if found := shutil.which("initdb"):
        places.insert(0, Path(found).resolve().parent)
    if pg_config := shutil.which("pg_config"):
        told = subprocess.run([pg_config, "--bindir"], capture_output=True, text=True, check=False)
        places.insert(0, Path(told.stdout.strip()))
    return next((place for place in places if (place / "initdb").exists() and (place / "postgres").exists()), None)


def is_available() -> bool:
    return bool(os.environ.get("TEST_DATABASE_URL")) or find_binaries() is not None


def server_url() -> str:
    """TEST_DATABASE_URL, or the URL of a server started now; it ends with this process."""
    if url := os.environ.get("TEST_DATABASE_URL"):
        return url
    binaries = find_binaries()
    if binaries is None:
        raise SystemExit(MISSING)
    # The socket lies here, and its path may have some 100 bytes.
    folder = Path(tempfile.mkdtemp(prefix="scormcloud-pg-", dir="/tmp"))
    as_user = _someone_else(folder)
    data = folder / "data"
    options = ["--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C", "--no-sync"]
    subprocess.run([*as_user, binaries / "initdb", "-D", data, *options], check=True, capture_output=True, cwd=folder)
    settings = f"-k {folder} -c listen_addresses='' -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
    control = [*as_user, binaries / "pg_ctl", "-D", data, "-w"]
    log = folder / "log"
    subprocess.run([*control, "-l", log, "-o", settings, "start"], check=True, stdout=subprocess.DEVNULL, cwd=folder)
    started_by = os.getpid()

    def stop() -> None:
        if os.getpid() == started_by:
            subprocess.run([*control, "-m", "immediate", "stop"], check=False, capture_output=True, cwd=folder)
            shutil.rmtree(folder, ignore_errors=True)

    atexit.register(stop)
    # Workers of pytest-xdist inherit it and use the same server, each with a database of its own.
    os.environ["TEST_DATABASE_URL"] = f"postgres://postgres@{str(folder).replace('/', '%2F')}/postgres"
    return os.environ["TEST_DATABASE_URL"]


def _someone_else(folder: Path) -> list[str]:
    """PostgreSQL refuses root: the words that run it as another user, who gets the folder."""
    if os.geteuid() != 0:
        return []
    user = (
        "postgres" if subprocess.run(["id", "postgres"], capture_output=True, check=False).returncode == 0 else "nobody"
    )
    shutil.chown(folder, user)
    return ["runuser", "-u", user, "--"]


if __name__ == "__main__":
    if not is_available():
        sys.exit(f"\n{'!' * len(MISSING)}\n{MISSING}\n{'!' * len(MISSING)}\n")
