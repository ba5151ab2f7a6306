"""Run it: python -m client."""

import sys

from .commands import main

sys.exit(main())
