"""Makes the environment and runs the project's commands in it; `make help` lists them.

Needs Python and nothing else, and stays readable for an old Python so that it can say that it is too old.
"""

import contextlib
import ctypes
import fcntl
import hashlib
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
OLDEST = (3, 11)
NEWEST = (3, 14)
LOCKS = ("uv", "run", "dev", "client")
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
SERVER_TESTS = "not browser and not services"
# What the production checks need to be told; nothing is connected to.
PRODUCTION = {
    "ENVIRONMENT": "production",
    "SECRET_KEY": hashlib.sha512(os.urandom(64)).hexdigest(),
    "CONSOLE_ORIGIN": "https://console.example.org",
    "CONTENT_ORIGIN": "https://content.example.net",
    "DATABASE_URL": "postgres://scormcloud@database.example.org/scormcloud",
    "REDIS_URL": "redis://broker.example.org/0",
    "EMAIL_HOST": "mail.example.org",
}


def stop(message):
    """End with one clear line."""
    sys.exit("error: " + message)


def call(*command, **environment):
    """Run a command in the project's folder; its failure ends this one with the same status."""
    words = [str(word) for word in command]
    done = subprocess.run(words, cwd=str(ROOT), env=dict(os.environ, **environment), check=False)
    if done.returncode:
        print("failed: " + " ".join(shlex.quote(word) for word in words), file=sys.stderr)
        sys.exit(done.returncode if done.returncode > 0 else 1)


# --- environment ------------------------------------------------------------------------------------------------------


def use_new_enough_python():
    """Go on with a newer Python of this machine when the one that was called is too old."""
    if sys.version_info >= OLDEST:
        return
    for minor in range(NEWEST[1], OLDEST[1] - 1, -1):
        newer = shutil.which("python3.{}".format(minor))
        if newer:
            os.execv(newer, [newer, str(ROOT / "dev.py")] + sys.argv[1:])
    stop("Python 3.11 or newer is needed, this is {}.{}; name one with PYTHON=...".format(*sys.version_info))


def lock_file(name):
    return ROOT / "requirements" / (name + ".txt")


def install(name):
    """Bring the environment to what requirements/NAME.txt says; does nothing when it is there already."""
    wanted = hashlib.sha256(lock_file(name).read_bytes()).hexdigest()
    stamp = VENV / ("installed-" + name)
    with (ROOT / ".venv.lock").open("w") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)  # two first starts in one checkout
        if os.access(str(PYTHON), os.X_OK) and stamp.exists() and stamp.read_text() == wanted:
            return
        print("Installing what requirements/{}.txt names ...".format(name), file=sys.stderr)
        if not os.access(str(PYTHON), os.X_OK):
            make_environment()
        install_lock(name)
        stamp.write_text(wanted)


def make_environment():
    made = subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], stdout=sys.stderr, check=False)
    if made.returncode:
        shutil.rmtree(str(VENV), ignore_errors=True)
        stop("Python's venv module did not work; on Debian and Ubuntu: apt install python3-venv")


def install_lock(name):
    """uv installs several times faster; pip brings it, and does the work itself where uv cannot."""
    pip = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "install", "-q", "--require-hashes", "-r"]
    uv = [str(VENV / "bin" / "uv"), "pip", "install", "-q", "--python", str(PYTHON), "--require-hashes", "-r"]
    for tool, lock in ((pip, "uv"), (uv, name), (pip, name)):
        with contextlib.suppress(FileNotFoundError):  # no uv
            done = subprocess.run(tool + [str(lock_file(lock))], stdout=sys.stderr, check=False)
            if done.returncode == 0 and lock == name:
                return
    stop("the packages of requirements/{}.txt could not be installed (see above)".format(name))


def provide_browser():
    """The browser tests drive Chromium: the machine's own, or one installed now."""
    if any(shutil.which(browser) for browser in BROWSERS):
        return
    print("No Chromium here; installing one for the browser tests ...", file=sys.stderr)
    if os.geteuid() == 0 and shutil.which("apt-get"):
        subprocess.run(["apt-get", "install", "-y", "-q", "chromium"], stdout=sys.stderr, check=False)
    else:
        subprocess.run([str(PYTHON), "-m", "playwright", "install", "chromium"], stdout=sys.stderr, check=False)
        return  # Playwright finds its own
    if not any(shutil.which(browser) for browser in BROWSERS):
        stop("the browser tests need Chromium: install it so that `chromium` is on the PATH")


# --- commands ---------------------------------------------------------------------------------------------------------


def run():
    """Start everything; `manage.py serve` takes this process over."""
    install("run")
    if "MAKELEVEL" in os.environ and sys.platform == "linux":
        # A killed make must not leave the product running unseen (1 is PR_SET_PDEATHSIG).
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)
    os.chdir(str(ROOT))
    os.execv(str(PYTHON), [str(PYTHON), "manage.py", "serve"])


def manage(*words):
    install("run")
    os.chdir(str(ROOT))
    os.execv(str(PYTHON), [str(PYTHON), "manage.py"] + list(words))


def check():
    """Everything that is checked without running the product; what reads the settings gets a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="scormcloud-check-") as folder:
        check_in(folder)


def check_in(folder):
    tools = VENV / "bin"
    call(tools / "ruff", "check", "-q", ".")
    call(tools / "ruff", "format", "-q", "--check", ".")
    call(tools / "mypy", ".", DATA_DIR=folder)
    call(tools / "lint-imports", "--no-cache")
    call(PYTHON, "manage.py", "makemigrations", "--check", "--dry-run", "-v", "0", DATA_DIR=folder)
    call(PYTHON, "manage.py", "check", "--deploy", "--fail-level", "WARNING", DATA_DIR=folder, **PRODUCTION)


def test():
    """All checks, the database tests on PostgreSQL, then every test on the embedded parts."""
    install("dev")
    provide_browser()
    check()
    pytest = (PYTHON, "-m", "pytest", "-n", "2", "--dist", "loadfile")
    found = subprocess.run([str(PYTHON), "-m", "tests.postgresql"], cwd=str(ROOT), check=False)
    if found.returncode == 0:
        call(*(pytest + ("-m", SERVER_TESTS)), TEST_DATABASE="postgresql")
    elif os.environ.get("CI"):
        stop("CI tests on PostgreSQL too: install it or set TEST_DATABASE_URL")
    call(*pytest)


def bench(*words):
    install("dev")
    call(PYTHON, "-m", "bench", *words)


def fuzz(*words):
    """Broken packages by the hundred thousand: none may end otherwise than as a course or a refusal in words."""
    install("dev")
    call(PYTHON, "-m", "tests.fuzz", *words)


def conformance():
    """Run the conformance cases and count them by category, the letters before the case's number."""
    install("dev")
    provide_browser()
    report = ROOT / "build" / "conformance.xml"
    report.parent.mkdir(exist_ok=True)
    with contextlib.suppress(FileNotFoundError):
        report.unlink()
    command = [str(PYTHON), "-m", "pytest", "tests/conformance", "--junitxml", str(report)]
    done = subprocess.run(command, cwd=str(ROOT), check=False)
    if not report.exists():
        sys.exit(done.returncode or 1)
    counts = {}
    for case in ElementTree.parse(str(report)).iter("testcase"):
        label = case.get("name").partition("[")[2].rstrip("]") or case.get("name")
        category = case.get("classname").rpartition(".test_")[2] + " " + label.partition("-")[0]
        passed, failed = counts.get(category, (0, 0))
        ok = all(case.find(problem) is None for problem in ("failure", "error", "skipped"))
        counts[category] = (passed + ok, failed + (not ok))
    print("{:<30}{:>8}{:>8}".format("category", "passed", "failed"))
    for category, (passed, failed) in sorted(counts.items()):
        print("{:<30}{:>8}{:>8}".format(category, passed, failed))
    sys.exit(done.returncode)


def format_code():
    install("dev")
    call(VENV / "bin" / "ruff", "check", "--fix", ".")
    call(VENV / "bin" / "ruff", "format", ".")


def messages(*words):
    """Collect what is to be translated, and compile; the compiled catalogs are kept so that running needs no tool."""
    install("dev")
    call(PYTHON, "-m", "tools.messages", *words)


def screens(*words):
    """A picture of every page for docs/screens; ends with an error where a page has none."""
    install("dev")
    provide_browser()
    call(PYTHON, "-m", "tests.screens", *words)


def lock():
    """No address of a package index ends up in a lock: they hold names, versions, markers and hashes alone."""
    install("uv")
    for name in LOCKS:
        call(
            VENV / "bin" / "uv", "pip", "compile", "-q", "--upgrade", "--universal", "--python-version", "3.11",
            "--generate-hashes", "--no-header", "--no-annotate", "requirements/" + name + ".in", "-o", lock_file(name),
        )  # fmt: skip


COMMANDS = {
    "run": run,
    "test": test,
    "bench": bench,
    "fuzz": fuzz,
    "conformance": conformance,
    "format": format_code,
    "messages": messages,
    "screens": screens,
    "manage": manage,
    "lock": lock,
}

if __name__ == "__main__":
    use_new_enough_python()
    if len(sys.argv) < 2 or sys.argv[1] not in COMMANDS:
        stop("choose one of: " + ", ".join(COMMANDS))
    COMMANDS[sys.argv[1]](*sys.argv[2:])
