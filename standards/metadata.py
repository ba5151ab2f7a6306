"""LOM metadata of a package: IMS Learning Resource Meta-data 1.2 (SCORM 1.2) and IEEE LOM (SCORM 2004).

The two differ in spelling (`langstring` and `string`, `typicallearningtime` and `typicalLearningTime`, `datetime` and
`duration`), not in structure, so one reader serves both.
"""

from collections.abc import Iterator

from .structure import Metadata
from .xmlfile import Element, attribute, child, children, line_of, local_name

_NO_LANGUAGE = ("", "x-none", "none")


def read_metadata(lom: Element, location: str = "") -> Metadata:
    """What a <lom> element says; `lom` may be None."""
    if lom is None:
        return Metadata(location=location)
    general = child(lom, "general")
    return Metadata(
        title=_texts(_child(general, "title")),
        description=_texts(_child(general, "description")),
        keywords=tuple(_keywords(general)),
        languages=tuple(_languages(general)),
        duration=_duration(child(lom, "technical", "duration")),
        typical_learning_time=_duration(child(lom, "educational", "typicalLearningTime")),
        location=location,
    )


def find_lom(node: Element) -> Element:
    """The <lom> inside a <metadata>, or the node itself where it is one; None where there is none."""
    if local_name(node.tag) in ("lom", "record"):
        return node
    return child(node, "lom") if child(node, "lom") is not None else child(node, "record")


def title_of(metadata: Metadata) -> str:
    """The title in the language given first."""
    return next(iter(metadata.title.values()), "")


def _child(node: Element, name: str) -> Element:
    return child(node, name) if node is not None else None


def _strings(node: Element) -> Iterator[Element]:
    return (entry for entry in node if local_name(entry.tag) in ("string", "langstring"))


def _language(entry: Element) -> str:
    language = attribute(entry, "language") or attribute(entry, "lang") or ""
    return "" if language.lower() in _NO_LANGUAGE else language


def _texts(node: Element) -> dict[str, str]:
    """Texts by language. Where there is no string element the text itself is taken."""
    if node is None:
        return {}
    texts: dict[str, str] = {}
    for entry in _strings(node):
        if text := line_of(entry):
            texts.setdefault(_language(entry), text)
    if not texts and (text := line_of(node)):
        texts[""] = text
    return texts


def _keywords(general: Element) -> Iterator[str]:
    if general is None:
        return
    for keyword in children(general, "keyword"):
        yield from (text for entry in _strings(keyword) if (text := line_of(entry)))


def _languages(general: Element) -> Iterator[str]:
    if general is None:
        return
    languages = (line_of(node) for node in children(general, "language"))
    yield from dict.fromkeys(language for language in languages if language.lower() not in _NO_LANGUAGE)


def _duration(node: Element) -> str:
    """ISO 8601, from IMS's <datetime> or LOM's <duration>."""
    if node is None:
        return ""
    inner = child(node, "duration") if child(node, "duration") is not None else child(node, "datetime")
    return line_of(inner) if inner is not None else ""
