"""Which single files are media, what course they make, and what addresses are taken as references."""

import io

import pytest

from standards.errors import PackageError
from standards.media import parse_reference
from standards.package import Package
from standards.registry import read
from standards.single import recognise
from tests import media
from tests.content.packages import zip_of

MPEG2 = bytes([0xFF, 0xF3, 0x40, 0xC0])  # 32 kbit/s at 22.05 kHz: 104 bytes a frame
VIDEO = "https://www.youtube-nocookie.com/embed/abcdefghijk"


@pytest.mark.parametrize(
    ("head", "path"),
    [
        (b"%PDF-1.7\n", "document.pdf"),
        (b"\n\n%PDF-1.4", "document.pdf"),  # ISO 32000-1 Annex H 3: within the first 1,024 bytes
        (b" " * 1024 + b"%PDF-1.4", ""),
        (b"PK\x03\x04 %PDF-", ""),
        (b"\0\0\0\x18ftypisom", "video.mp4"),
        (b"\0\0\0\x18ftypheic", ""),
        (b"\0\0\0\x18moov", ""),
        (media.FRAME * 2, "audio.mp3"),
        (media.FRAME + b"no frame", ""),
        ((MPEG2 + bytes(100)) * 2, "audio.mp3"),
        (b"ID3\x04\x00\x00\x00\x00\x00\x0a", "audio.mp3"),
        (b"ID3 are three letters", ""),
        (b"\xff\xfe<\0?\0", ""),  # UTF-16, no sync word
        (b"", ""),
    ],
)
def test_a_single_file_is_known_by_its_content(head, path):
    assert recognise(head) == path


def course(data: bytes):
    with Package.open(io.BytesIO(data)) as package:
        package.verify()
        return read(package)


@pytest.mark.parametrize(
    ("data", "medium", "title", "href"),
    [
        (media.pdf(title="R &amp; D"), "pdf", "R & D", "document.pdf"),
        (media.mp3(title="Ein Gespräch"), "audio", "Ein Gespräch", "audio.mp3"),
        (media.mp4(), "video", "", "video.mp4"),
        (zip_of({"a/film.mp4": media.mp4(), "a/film.vtt": "WEBVTT"}), "video", "", "a/film.mp4"),
    ],
)
def test_a_medium_is_a_course_of_one_activity(data, medium, title, href):
    found, again = course(data), course(data)

    (leaf,) = found.leaves
    assert (found.standard, found.medium, found.title, leaf.href) == ("XAPI", medium, title, href)
    assert leaf.identifier.startswith("urn:uuid:")
    assert found == again


def test_a_file_that_only_has_the_name_is_refused():
    with pytest.raises(PackageError, match="whatever its name says"):
        course(zip_of({"film.mp4": "no film"}))


def test_several_media_are_no_course():
    with pytest.raises(PackageError, match="imsmanifest"):
        course(zip_of({"one.mp4": media.mp4(), "two.mp4": media.mp4()}))


@pytest.mark.parametrize(
    ("url", "kind", "medium", "href"),
    [
        ("https://example.org/a%20b.PDF?x=1", "", "pdf", "https://example.org/a%20b.PDF?x=1"),
        ("https://example.org/a.mp4", "", "video", "https://example.org/a.mp4"),
        ("https://example.org/a.mp3", "page", "page", "https://example.org/a.mp3"),
        ("HTTPS://example.org", "", "page", "https://example.org/"),
        ("https://www.youtube.com/watch?t=3&v=abcdefghijk", "", "youtube", VIDEO),
        ("https://youtu.be/abcdefghijk?si=1", "youtube", "youtube", VIDEO),
        ("https://m.youtube.com/shorts/abcdefghijk", "", "youtube", VIDEO),
        ("https://www.youtube.com/@someone", "", "page", "https://www.youtube.com/@someone"),
    ],
)
def test_an_address_is_what_it_shows_itself_to_be(url, kind, medium, href):
    found = parse_reference(url, "Title", kind)

    assert (found.medium, found.root.href, found.root.title, found.standard) == (medium, href, "Title", "XAPI")


@pytest.mark.parametrize(
    ("url", "kind", "code"),
    [
        ("http://example.org/", "", "reference-address"),
        ("javascript:alert(1)", "", "reference-address"),
        ("https://user:word@example.org/", "", "reference-address"),
        ("https://example.org:0/", "", "reference-address"),
        ("https://[::1", "", "reference-address"),
        ('https://example.org/"', "", "reference-address"),
        ("https://example.org/" + "a" * 2000, "", "reference-address"),
        ("https://example.org/", "youtube", "reference-youtube"),
        ("https://example.org/", "word", "reference-kind"),
    ],
)
def test_what_is_no_reference_is_refused(url, kind, code):
    with pytest.raises(PackageError) as refused:
        parse_reference(url, "", kind)

    assert refused.value.finding.code == code
