"""Files of a version: browsed, looked at, put in, replaced, deleted; the original stays, and no cache keeps the old."""

import io
import zipfile
import zlib
from urllib.parse import urlsplit

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from content import browse, edited, versions
from content.addresses import files_url
from content.comparison import decode
from content.models import ContentChange, CourseVersion, PackageFile
from content.versions import Change
from standards.errors import PackageError
from tests.content.packages import imported, package

PICTURE = b"\x89PNG\r\n\x1a\n" + b"\x00" * 40


@pytest.fixture
def version(application) -> CourseVersion:
    members = {"img/a b.png": PICTURE, "img/deep/x.css": "a{}", "Img2/y.js": "1;", "big.bin": b"\0\1" * 5000}
    return imported(application, package(members, stored=("img/a b.png",))).version


def fresh(version: CourseVersion) -> CourseVersion:
    return CourseVersion.objects.select_related("course__application").get(pk=version.pk)


def served(version: CourseVersion, path: str, settings) -> bytes:
    """What a learner's browser gets."""
    host = urlsplit(settings.CONTENT_ORIGIN).netloc
    answer = Client(headers={"host": host}).get(files_url(fresh(version)) + path)
    return answer.getvalue() if answer.status_code == 200 else b""


def unzipped(version: CourseVersion) -> dict[str, bytes]:
    """The package as it is now, read by another program's reader."""
    files = list(edited.held_files(fresh(version)).values())
    data = b"".join(edited.zip_blocks(files))
    assert len(data) == edited.zip_size(files)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


# --- changing ---------------------------------------------------------------------------------------------------------


def test_a_replaced_file_is_seen_at_once_and_the_original_stays(version, settings, owner, realm):
    before = files_url(version)
    row = versions.put_file(version, "IMG/deep/X.css", [b"b", b"{}"], Change(policy="strict"))

    now = fresh(version)
    assert (row.path, row.size, row.is_changed, now.revision, now.changed_size) == ("img/deep/x.css", 3, True, 1, 3)
    assert files_url(now) != before
    assert served(version, "img/deep/x.css", settings) == b"b{}"
    assert unzipped(version)["img/deep/x.css"] == b"b{}"
    original = owner.get(reverse("content:version_download", args=[realm.slug, version.pk])).getvalue()
    with zipfile.ZipFile(io.BytesIO(original)) as archive:
        assert archive.read("img/deep/x.css") == b"a{}"
    change = ContentChange.objects.get()
    assert (change.action, change.path, change.old_size, change.new_size) == ("replaced", "img/deep/x.css", 3, 3)
    assert change.new_crc == zlib.crc32(b"b{}")


@pytest.mark.parametrize(
    ("policy", "path", "problem"),
    [
        ("reject", "img/deep/x.css", "There is a file img/deep/x.css already"),
        ("reject", "new.txt", None),
        ("strict", "img/deep/x.css", None),
        ("strict", "new.txt", "There is no file new.txt to replace"),
        ("lax", "img/deep/x.css", None),
        ("lax", "new.txt", None),
        ("other", "new.txt", "The policy must be one of"),
        ("lax", "../new.txt", "relative to the package"),
        ("lax", "/new.txt", "relative to the package"),
        ("lax", "C:new.txt", "relative to the package"),
        ("lax", "a//b", "relative to the package"),
        ("lax", "a\0b", "no file name can have"),
        ("lax", "a\ud800b", "no file name can have"),
        ("lax", "", "from 1 to"),
        ("lax", "x" * 600, "from 1 to"),
        ("lax", "img", "img is a folder"),
        ("lax", "index.html/a", "index.html is a file"),
    ],
)
def test_policies_and_paths(version, kept, policy, path, problem):
    before = kept()
    change = Change(policy=policy)
    if problem is None:
        versions.put_file(version, path, [b"hi"], change)
        assert unzipped(version)[path] == b"hi"
        return
    with pytest.raises(versions.ContentError, match=problem):
        versions.put_file(version, path, [b"hi"], change)

    assert kept() == before
    assert fresh(version).revision == 0


def test_what_no_standard_could_play_is_refused(version, kept):
    before = kept()
    row = version.files.get(path="imsmanifest.xml")

    for change in (
        lambda: versions.put_file(version, "imsmanifest.xml", [b"<broken"], Change(policy="lax")),
        lambda: versions.delete_file(version, row),
    ):
        with pytest.raises(PackageError):
            change()

    assert (kept(), fresh(version).revision, ContentChange.objects.count()) == (before, 0, 0)


def test_a_file_larger_than_the_plan_allows_is_refused(version, kept, realm):
    plan = realm.effective_plan
    plan.storage_limit = version.archive_size + 1000
    plan.save()
    before = kept()

    with pytest.raises(versions.ContentError, match="allows"):
        versions.put_file(fresh(version), "new.bin", [b"x" * 2000])

    assert kept() == before


def test_changed_twice_and_deleted_leaves_nothing(version, kept, settings, django_capture_on_commit_callbacks):
    before = kept()
    with django_capture_on_commit_callbacks(execute=True):
        versions.put_file(version, "n.txt", [b"1"])
    with django_capture_on_commit_callbacks(execute=True):
        versions.put_file(version, "n.txt", [b"22"], Change(policy="lax"))
    assert len(kept()) == len(before) + 1
    with django_capture_on_commit_callbacks(execute=True):
        versions.delete_file(version, version.files.get(path="n.txt"))

    now = fresh(version)
    assert kept() == before
    assert (now.revision, now.changed_size, now.file_count) == (3, 0, version.file_count)
    assert (now.unpacked_size, served(version, "n.txt", settings)) == (version.unpacked_size, b"")
    assert [change.action for change in ContentChange.objects.all()] == ["deleted", "replaced", "added"]


def test_of_two_changes_at_once_one_is_asked_to_try_again(version):
    class Slow:
        """A file during whose upload another is changed."""

        def __iter__(self):
            yield b"slow"
            original = versions._structure_after

            def between(*args):
                versions._structure_after = original
                versions.put_file(version, "first.txt", [b"first"])
                return original(*args)

            versions._structure_after = between

    with pytest.raises(versions.ContentError, match="Somebody else has changed a file"):
        versions.put_file(version, "second.txt", Slow())

    assert {"first.txt"} == {row.path for row in version.files.filter(is_changed=True)}


# --- pages ------------------------------------------------------------------------------------------------------------


def page(realm, version, name: str = "files", row: PackageFile | None = None) -> str:
    return reverse(f"content:{name}", args=[realm.slug, version.pk, *([row.pk] if row else [])])


def test_folders_come_first_and_case_counts(version):
    listing = browse.Listing(version, "")

    assert [getattr(entry, "name", None) or entry.path for entry in listing[0 : len(listing)]] == [
        "Img2",
        "img",
        "big.bin",
        "imsmanifest.xml",
        "index.html",
    ]
    assert [entry.path for entry in listing[1:3]] == ["img", "big.bin"]
    assert listing[1:2][0].count == 2
    assert [entry.path for entry in browse.matching(version, "IMG css")] == ["img/deep/x.css"]


@pytest.mark.parametrize("count", [1, 300])
def test_a_folder_is_listed_in_few_queries(application, owner, realm, count, django_assert_max_num_queries):
    made = imported(application, package({f"f/{number:03}/x{number}.txt": "x" for number in range(count)})).version

    with django_assert_max_num_queries(22):
        answer = owner.get(page(realm, made), {"folder": "f"})

    assert answer.context["page"].paginator.count == count


def test_text_is_escaped_and_pictures_come_from_the_content_origin(application, owner, realm, settings):
    hostile = "<script>alert(1)</script>\nzweite Zeile ä"
    made = imported(application, package({"a.html": hostile.encode("latin-1"), "p.png": PICTURE})).version
    text = owner.get(page(realm, made, "file", made.files.get(path="a.html")))
    picture = owner.get(page(realm, made, "file", made.files.get(path="p.png")))

    assert "&lt;script&gt;alert(1)" in text.content.decode()
    assert "<script>alert" not in text.content.decode()
    assert "zweite Zeile ä" in text.content.decode()
    assert f'<img src="{settings.CONTENT_ORIGIN}/files/' in picture.content.decode()
    assert settings.CONTENT_ORIGIN in picture.headers["Content-Security-Policy"]
    assert "not listed" in owner.get(page(realm, made)).content.decode()


def test_a_download_is_never_shown(version, owner, realm):
    row = version.files.get(path="img/a b.png")

    answer = owner.get(page(realm, version, "file_download", row))

    assert answer.getvalue() == PICTURE
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="a b.png"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_file_is_put_in_replaced_and_deleted_on_the_pages(version, owner, realm):
    put = owner.post(page(realm, version, "file_put"), {"file": SimpleUploadedFile("n.txt", b"1"), "path": "img/"})
    row = version.files.get(path="img/n.txt")
    again = owner.post(page(realm, version, "file_put"), {"file": SimpleUploadedFile("n.txt", b"1"), "path": "img/"})
    none = owner.post(page(realm, version, "file_replace", row))
    replaced = owner.post(page(realm, version, "file_replace", row), {"file": SimpleUploadedFile("o.txt", b"22")})
    asked = owner.get(page(realm, version, "file_delete", row))
    broken = owner.post(page(realm, version, "file_delete", version.files.get(path="imsmanifest.xml")))
    deleted = owner.post(page(realm, version, "file_delete", row))

    statuses = [answer.status_code for answer in (put, again, none, replaced, asked, broken, deleted)]
    assert statuses == [302, 422, 422, 302, 200, 422, 302]
    assert "already" in again.content.decode()
    assert not version.files.filter(path="img/n.txt").exists()
    assert {change.by for change in ContentChange.objects.all()} == {realm.memberships.get().user}


@pytest.mark.parametrize("query", ["folder=%00", "q=%00", "folder=nothing", "page=x", "q=" + "a%20" * 300])
def test_odd_addresses_show_an_empty_folder(version, owner, realm, query):
    assert owner.get(f"{page(realm, version)}?{query}").status_code == 200


@pytest.mark.parametrize("path", ["library/?tag=%00", "library/?q=%00", "add/?course=%00", "registrations/?q=%00"])
def test_nul_in_an_address_is_no_error_of_the_server(version, owner, realm, path):
    assert owner.get(f"/r/{realm.slug}/{path}").status_code < 500


@pytest.mark.parametrize(("name", "field"), [("course_title", "title"), ("course_tags", "tags")])
def test_nul_in_a_form_is_no_error_of_the_server(version, owner, realm, name, field):
    page = reverse(f"content:{name}", args=[realm.slug, version.course_id])

    assert owner.post(page, {field: "a\0b"}).status_code == 302

    version.course.refresh_from_db()
    assert "\0" not in version.course.title


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("ä".encode(), ("ä", "utf-8")),
        (b"\xef\xbb\xbfa", ("a", "utf-8")),
        ("ä".encode("utf-16"), ("ä", "utf-16")),
        (b'<?xml encoding="iso-8859-1"?>\xe4', ('<?xml encoding="iso-8859-1"?>ä', "iso-8859-1")),
        (b'<?xml encoding="zlib"?>\xe4', ('<?xml encoding="zlib"?>ä', "cp1252")),
        (b"\x93a\x94", ("“a”", "cp1252")),
        (b"a\0b", None),
        (PICTURE, None),
        (b"", ("", "utf-8")),
    ],
)
def test_the_encoding_is_guessed(data, expected):
    assert decode(data) == expected


def test_a_beginning_may_end_in_the_middle_of_a_character():
    assert decode("aä".encode()[:2], is_whole=False) == ("a", "utf-8")


def test_a_zip_of_more_files_than_a_small_directory_counts():
    count = 70_000
    files = [edited.Held(edited.Member(f"f{number}", 0, 0, 0, 0, 0), "a", "", False) for number in range(count)]

    data = b"".join(edited.zip_blocks(files))

    assert len(data) == edited.zip_size(files)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert len(archive.namelist()) == count
