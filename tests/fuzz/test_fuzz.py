"""A short run of the fuzzer, and that it sees what it is there to see."""

import subprocess
import sys
from pathlib import Path

import pytest

from standards.errors import PackageError
from tests.fuzz import run
from tests.fuzz.mutations import case, seeds, zipped

ROOT = Path(__file__).resolve().parents[2]


def test_some_hundred_broken_packages_end_in_words():
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz", "--cases", "600", "--processes", "1"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert (done.returncode, done.stderr) == (0, "")
    assert "600 cases" in done.stdout


def test_every_seed_is_a_course():
    assert all(run.examine(zipped(package)).isupper() for package in seeds())


def test_a_case_is_the_same_each_time():
    assert [case(number) for number in range(40)] == [case(number) for number in range(40)]


def test_text_that_no_database_keeps_is_seen():
    with pytest.raises(run.Wrong):
        run._examine_text({"title": "a\0b"})
    with pytest.raises(UnicodeEncodeError):
        run._examine_text({"title": "a\ud800b"})


def test_a_code_without_a_rule_is_seen(monkeypatch):
    def refuse(*_):
        raise PackageError("No.", "never-heard-of")

    monkeypatch.setattr(run, "read", refuse)

    with pytest.raises(run.Wrong, match="never-heard-of"):
        run.examine(zipped(seeds()[0]))
