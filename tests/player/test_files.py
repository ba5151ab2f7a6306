"""Files of a package are served as they lie in the archive, to whoever holds an address that was signed."""

import gzip
import random
import time
import zlib

import pytest
from django.test import Client
from isal import isal_zlib

from content import addresses, services
from content.models import Course, CourseVersion
from player import files
from tests.content.conftest import application, disk, kept, realm  # noqa: F401 -- fixtures
from tests.content.packages import imported, package, zip_of
from tests.standards.aicc.packages import CRS, CST

PAGE = "<!doctype html><title>Sea</title>" + "<p>Signals at sea.</p>" * 200
SOUND = bytes(range(256)) * 40
FILM = random.Random(7).randbytes(700_000) * 2


@pytest.fixture
def version(application) -> CourseVersion:  # noqa: F811
    members = {
        "Content/Page One.html": PAGE,
        "Content/index.html": "<p>Index",
        "sound.mp3": SOUND,
        "film.mp4": FILM,
        "empty.txt": "",
        "100%.txt": "all",
        "Übung.HTM": "<p>Übung",
        "readme": "no ending",
        "script.js": "let a = 1;",
    }
    return imported(application, package(members, stored=("sound.mp3",))).version


@pytest.fixture
def get(version, settings):
    """GET of a file of the version, on the content origin, with headers given as in `Range="bytes=0-1"`."""
    host = settings.CONTENT_ORIGIN.partition("://")[2]
    browser = Client(HTTP_HOST=host)

    def fetch(path: str, method: str = "get", base: str | None = None, **headers: str):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return getattr(browser, method)((base or files.files_url(version)) + path, headers=named)

    return fetch


def test_a_deflated_file_goes_out_as_it_lies(get, version):
    answer = get("Content/Page%20One.html", Accept_Encoding="br, gzip")

    row = version.files.get(folded="content/page one.html")
    assert answer.status_code == 200
    assert answer["Content-Encoding"] == "gzip"
    assert answer["Vary"] == "Accept-Encoding"
    assert answer["Content-Type"] == "text/html"
    assert int(answer["Content-Length"]) == len(answer.content) == row.compressed_size + 18
    assert gzip.decompress(answer.content).decode() == PAGE
    assert zlib.decompress(answer.content[10:-8], wbits=-15).decode() == PAGE
    assert "X-Content-Type-Options" not in answer
    assert not answer.cookies


@pytest.mark.parametrize("accepted", ["", "identity", "br", "gzip;q=0", "gzip; q=0.0, br"])
def test_a_client_without_gzip_gets_it_inflated(get, accepted):
    answer = get("Content/Page%20One.html", Accept_Encoding=accepted)

    assert (answer.status_code, answer.content.decode(), "Content-Encoding" in answer) == (200, PAGE, False)
    assert answer["Vary"] == "Accept-Encoding"


def test_it_may_be_kept_for_long_and_asked_for_by_its_tag(get):
    first = get("Content/Page%20One.html", Accept_Encoding="gzip")
    plain = get("Content/Page%20One.html")
    again = get("Content/Page%20One.html", Accept_Encoding="gzip", If_None_Match=f'"x", W/{first["ETag"]}')

    assert first["Cache-Control"] == "public, max-age=604800, immutable"
    assert first["ETag"] != plain["ETag"]
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    assert again["Cache-Control"] == first["Cache-Control"]


@pytest.mark.parametrize(
    "path",
    [
        "content/page%20one.HTML",
        "Content%5CPage%20One.html",
        "Content//./Page%20One.html",
        "Content/x/../Page%20One.html",
        "Content/Page%2520One.html",
    ],
)
def test_imperfect_paths_find_their_file(get, path):
    assert get(path).content.decode() == PAGE


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("Content/", b"<p>Index"),
        ("empty.txt", b""),
        ("100%25.txt", b"all"),
        ("%C3%9Cbung.htm", "<p>Übung".encode()),
        ("U%CC%88bung.htm", "<p>Übung".encode()),
        ("%DCbung.htm", "<p>Übung".encode()),
    ],
)
def test_odd_names_find_their_file(get, path, body):
    assert (get(path).status_code, get(path).content) == (200, body)


@pytest.mark.parametrize(
    ("path", "kind"),
    [("script.js", "text/javascript"), ("film.mp4", "video/mp4"), ("sound.mp3", "audio/mpeg"), ("readme", None)],
)
def test_the_type_comes_from_the_name(get, path, kind):
    assert get(path).get("Content-Type") == kind


@pytest.mark.parametrize("stored", [(), ("Course.AU", "bell.au")])
def test_the_table_with_the_passwords_of_units_is_not_served(application, get, stored):  # noqa: F811
    table = "system_id,file_name,au_password\nA1,a.html,secret\n"
    members = {
        "course.crs": CRS,
        "Course.AU": table,
        "course.cst": CST,
        "a.html": PAGE,
        "bell.au": b".snd" + SOUND,
        "empty.au": b"",
    }
    version = imported(application, zip_of(members, stored)).version
    base = files.files_url(version)

    assert [get(path, base=base).status_code for path in ("Course.AU", "course.au", "empty.au")] == [404] * 3
    assert (get("bell.au", base=base).content, get("a.html", base=base).status_code) == (b".snd" + SOUND, 200)


# --- ranges -----------------------------------------------------------------------------------------------------------

RANGES = {
    "bytes=0-9": (206, "bytes 0-9/10240", slice(0, 10)),
    "bytes=10000-": (206, "bytes 10000-10239/10240", slice(10000, None)),
    "bytes=-5": (206, "bytes 10235-10239/10240", slice(-5, None)),
    "bytes=-99999": (206, "bytes 0-10239/10240", slice(None)),
    "bytes=10000-99999": (206, "bytes 10000-10239/10240", slice(10000, None)),
    "Bytes=0-9": (206, "bytes 0-9/10240", slice(0, 10)),
    "bytes=5-2": (200, None, slice(None)),
    "bytes=0-1,5-6": (200, None, slice(None)),
    "bytes=-": (200, None, slice(None)),
    "lines=1-2": (200, None, slice(None)),
}


@pytest.mark.parametrize(("header", "expected"), RANGES.items(), ids=RANGES.keys())
def test_ranges_of_a_stored_file(get, header, expected):
    status, content_range, part = expected
    answer = get("sound.mp3", Range=header, Accept_Encoding="gzip")

    assert (answer.status_code, answer.get("Content-Range"), answer["Accept-Ranges"]) == (
        status,
        content_range,
        "bytes",
    )
    assert answer.content == SOUND[part]
    assert "Vary" not in answer


@pytest.mark.parametrize("header", ["bytes=10240-", "bytes=-0"])
def test_a_range_outside_of_the_file_is_refused(get, header):
    answer = get("sound.mp3", Range=header)

    assert (answer.status_code, answer["Content-Range"], answer.content) == (416, "bytes */10240", b"")


def test_a_range_of_a_deflated_file_is_cut_from_what_it_inflates_to(get):
    answer = get("Content/Page%20One.html", Range="bytes=2-8", Accept_Encoding="gzip")

    assert (answer.status_code, answer.content, "Content-Encoding" in answer) == (206, b"doctype", False)
    assert answer["Vary"] == "Accept-Encoding"


def test_a_medium_that_was_deflated_is_sliced_from_its_inflated_copy(get, monkeypatch):
    monkeypatch.setattr(isal_zlib, "decompress", None)  # nothing is inflated while it plays

    whole = get("film.mp4", Accept_Encoding="gzip")
    part = get("film.mp4", Range="bytes=1000000-1000099", If_Range=whole["ETag"])

    assert (whole.content, "Content-Encoding" in whole) == (FILM, False)
    assert (part.status_code, part.content) == (206, FILM[1_000_000:1_000_100])


def test_a_range_for_another_state_of_the_file_gets_the_whole(get):
    answer = get("sound.mp3", Range="bytes=0-9", If_Range='"older"')

    assert (answer.status_code, answer.content) == (200, SOUND)


def test_a_long_range_is_cut(get, monkeypatch):
    monkeypatch.setattr(files, "SLICE", 1000)

    answer = get("film.mp4", Range="bytes=0-")

    assert (answer.status_code, answer["Content-Range"]) == (206, f"bytes 0-999/{len(FILM)}")
    assert answer.content == FILM[:1000]


# --- large bodies -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["film.mp4", "sound.mp3", "Content/Page%20One.html"])
@pytest.mark.parametrize("accepted", ["gzip", "identity"])
def test_what_is_too_large_for_one_object_is_streamed(get, monkeypatch, path, accepted):
    expected = {"film.mp4": FILM, "sound.mp3": SOUND}.get(path, PAGE.encode())
    monkeypatch.setattr(files, "WHOLE", 20)
    monkeypatch.setattr(files, "BLOCK", 64)

    answer = get(path, Accept_Encoding=accepted)
    body = b"".join(answer.streaming_content)

    assert answer.streaming
    assert len(body) == int(answer["Content-Length"])
    assert (gzip.decompress(body) if "Content-Encoding" in answer else body) == expected


def test_streams_take_seats_and_give_them_back(get, monkeypatch):
    monkeypatch.setattr(files, "WHOLE", 20)
    monkeypatch.setattr(files, "STREAMS", files.threading.BoundedSemaphore(1))

    first = get("sound.mp3")
    refused = get("sound.mp3")
    list(first)
    second = get("sound.mp3")

    assert [answer.status_code for answer in (first, refused, second)] == [200, 503, 200]
    assert refused["Retry-After"] == "5"
    list(second)


def test_head_tells_the_same_and_reads_nothing(get, monkeypatch):
    whole = get("Content/Page%20One.html", Accept_Encoding="gzip")
    part = get("sound.mp3", Range="bytes=0-9")
    monkeypatch.setattr(files.storage, "read_range", None)

    head = get("Content/Page%20One.html", "head", Accept_Encoding="gzip")
    head_part = get("sound.mp3", "head", Range="bytes=0-9")

    assert (head.headers, head.content) == (whole.headers, b"")
    assert (head_part.status_code, head_part["Content-Range"]) == (206, part["Content-Range"])


# --- access -----------------------------------------------------------------------------------------------------------


def test_one_query_finds_a_file(get, version, django_assert_num_queries):
    get("sound.mp3")

    with django_assert_num_queries(1):
        assert get("script.js").status_code == 200


def test_an_address_works_for_weeks_and_then_no_more(get, version, monkeypatch):
    base = files.files_url(version)
    now = time.time()
    statuses = []
    for weeks in (-1, 0, 2, 3):
        monkeypatch.setattr(addresses.time, "time", lambda weeks=weeks: now + weeks * addresses.BUCKET_SECONDS)
        statuses.append(get("script.js", base=base).status_code)

    assert statuses == [404, 200, 200, 404]


def test_an_address_cannot_be_made_up(get, version, application, settings):  # noqa: F811
    other = imported(application, package(title="Other")).version
    name, bucket, signature = files.files_url(version).split("/")[2].split(".")
    other_name = files.files_url(other).split("/")[2].split(".")[0]
    made_up = [
        f"{other_name}.{bucket}.{signature}",
        f"{name}.{int(bucket, 16) + 1:x}.{signature}",
        f"{name}.{bucket}.{signature[:-1]}",
        f"{name}.{bucket}",
        "nonsense",
        f"{name}.{bucket}.{'ü' * 20}",
    ]

    answers = [get("script.js", base=f"/files/{access}/") for access in made_up]

    assert [answer.status_code for answer in answers] == [404] * len(made_up)
    assert all(answer["Content-Type"].startswith("text/plain") for answer in answers)


def test_a_key_that_was_replaced_still_opens_what_it_signed(get, version, settings):
    base = files.files_url(version)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "a new one, as long as the one before it was"
    addresses.key_of.cache_clear()

    assert get("script.js", base=base).status_code == 200
    addresses.key_of.cache_clear()


def test_there_is_no_file_no_course_and_no_way_to_write(get, version, django_capture_on_commit_callbacks):
    base = files.files_url(version)
    missing = get("nothing.html")
    written = get("script.js", "post")
    with django_capture_on_commit_callbacks(execute=True):
        services.delete_course(Course.objects.get())

    assert (missing.status_code, missing.content) == (404, b"There is no file nothing.html in this package.")
    assert (written.status_code, written["Allow"]) == (405, "GET, HEAD")
    assert get("script.js", base=base).status_code == 404


def test_packages_are_not_served_where_the_console_is(version, client, settings):
    host = settings.CONSOLE_ORIGIN.partition("://")[2]

    assert client.get(f"{files.files_url(version)}script.js", headers={"Host": host}).status_code == 404
