"""A command-line client of the REST API, built on the official Python client: docs/command-line.md."""
