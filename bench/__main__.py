"""`python -m bench [script …]`: run each script in a process of its own and print one table."""

import json
import subprocess
import sys
import time

from bench.figure import Figure

SCRIPTS = {
    "imports": "Import of a 300 MB package with 3,000 files, against zipfile.extractall",
    "serving": "A package file, against the same file by the plain static server",
    "reports": "One run-time report of 2 kB, against a bare view with one lookup and one UPDATE",
    "navigation": "One navigation request on a tree of 1,000 activities, against a report",
    "statements": "Storing statements and finding them among 100,000, on SQLite and PostgreSQL",
    "pages": "Pages with 10,000 courses and 100,000 registrations",
    "report_pages": "Reports with 10,000 courses and 1,000,000 registrations",
    "api": "Operations of the API with 10,000 courses and 1,000,000 registrations",
}
HEADER = ("figure", "measured", "yardstick", "ratio", "goal", "")


def main(wanted: list[str]) -> None:
    if unknown := set(wanted) - set(SCRIPTS):
        sys.exit(f"error: no such figure: {', '.join(sorted(unknown))}; there are {', '.join(SCRIPTS)}")
    rows = [HEADER]
    for script in wanted or SCRIPTS:
        print(f"{SCRIPTS[script]} ...", file=sys.stderr, flush=True)
        began = time.monotonic()
        done = subprocess.run([sys.executable, "-m", f"bench.{script}"], stdout=subprocess.PIPE, text=True, check=False)
        if done.returncode:
            sys.exit(f"error: bench.{script} did not run")
        rows += [Figure(**figure).columns() for figure in json.loads(done.stdout.splitlines()[-1])]
        print(f"  {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


main(sys.argv[1:])
