"""What holds for all tests in a browser."""

from playwright.sync_api import expect

# Five seconds are enough for a page on an idle machine, and not for one with a dozen processes beside it
expect.set_options(timeout=20_000)
