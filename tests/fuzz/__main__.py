"""`python -m tests.fuzz`: see run.py, which has a name that its processes can import."""

import sys

from .run import main

if __name__ == "__main__":
    sys.exit(main())
