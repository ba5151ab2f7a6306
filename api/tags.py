"""Tags on courses, registrations and learners."""

from typing import Annotated

from pydantic import Field

from .wire import Wire

MOST_IDS = 1000  # of a batch


class TagListSchema(Wire):
    tags: list[str] = []


class BatchTagsSchema(Wire):
    """Each of the tags is put on each of the things."""

    ids: Annotated[list[str], Field(max_length=MOST_IDS)]
    tags: list[str]
