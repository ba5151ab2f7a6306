"""Packages that are refused and can be mended: what the mended package is read as, and what is left alone."""

import io
import time
import zipfile

import pytest

from standards.errors import PackageError
from standards.package import Package
from standards.registry import read
from standards.repair import write
from standards.rescue import STEPS, is_mendable, open_refused, plan
from standards.rules import RULES
from tests.standards.cmi5.build import NAMESPACE, au, structure
from tests.standards.manifests import manifest
from tests.standards.zips import File, build

SCORM = manifest()
CMI5 = structure(au(url="a.html"))
TINCAN = (
    '<tincan xmlns="http://projecttincan.com/tincan.xsd"><activities><activity id="http://tests.example/a"'
    ' type="http://adlnet.gov/expapi/activities/course"><name>One</name><launch lang="en">a.html</launch></activity>'
    "</activities></tincan>"
)


def zipped(members):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in members.items():
            archive.writestr(path, data)
    return buffer.getvalue()


def of(xml, name="imsmanifest.xml"):
    return zipped({name: xml, "a.html": "page"})


def refusal(data):
    """What the package is refused with."""
    with pytest.raises(PackageError) as caught:
        course(data)
    return caught.value.finding


def mended(data):
    """The archive after the first mend."""
    finding = refusal(data)
    package = open_refused(io.BytesIO(data), finding)
    found = plan(package, finding)
    assert found is not None
    target = io.BytesIO()
    write(package, found, target)
    return target.getvalue()


def course(data):
    package = Package.open(io.BytesIO(data))
    package.verify()
    return read(package)


def titles(data):
    return [leaf.title for leaf in course(data).leaves]


def change(xml, old, new):
    assert old in xml
    return xml.replace(old, new)


ONE = "<title>One</title>"


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("R&D", "R&D"),
        ("Déjà vu & more", "Déjà vu & more"),
        ("Caf&eacute;&nbsp;&copy;", "Café ©"),
        ("A\x0bB\x00C", "ABC"),
        ("A&#11;B&#x1F;C", "ABC"),
        ("1 < 2 &unknown; &amp; &lt;", "1 < 2 &unknown; & <"),
        ("a?b=1&c=2", "a?b=1&c=2"),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1"])
def test_text_that_is_no_xml_but_plain_in_what_it_means(written, read_as, encoding):
    xml = f'<?xml version="1.0" encoding="{encoding}"?>' + change(SCORM, ONE, f"<title>{written}</title>")

    data = mended(of(xml.encode(encoding)))

    assert titles(data) == [read_as]


def test_comments_and_cdata_keep_their_marks():
    xml = change(SCORM, ONE, "<title><![CDATA[R&D]]> &amp; R&D</title><!-- A&B -->")

    data = mended(of(xml))

    assert titles(data) == ["R&D & R&D"]
    assert b"<!-- A&B -->" in course_text(data)


def course_text(data):
    package = Package.open(io.BytesIO(data))
    return package.read(read(package).manifest)


def test_all_but_the_place_that_is_wrong_stays_byte_for_byte():
    xml = change(SCORM, ONE, "<title>R&D</title>")

    assert course_text(mended(of(xml))) == change(SCORM, ONE, "<title>R&amp;D</title>").encode()


@pytest.mark.parametrize(
    "data",
    [
        of(change(CMI5, ">au<", ">R&D<"), "cmi5.xml"),
        of(change(TINCAN, ">One<", ">R&D<"), "tincan.xml"),
        change(structure(au()), ">au<", ">R&D<").encode(),  # without a zip
    ],
)
def test_the_same_for_the_files_of_other_standards(data):
    assert titles(mended(data)) == ["R&D"]


def test_a_zip_file_in_a_zip_file_is_the_package():
    inner = of(SCORM)

    assert mended(zipped({"course.zip": inner, "readme.txt": "hello", "__MACOSX/._course.zip": "x"})) == inner


@pytest.mark.parametrize("names", [("/imsmanifest.xml", "/a.html"), ("C:\\x\\imsmanifest.xml", "C:\\x\\a.html")])
def test_absolute_names_become_relative(names):
    data = mended(build(File(names[0], SCORM.encode()), File(names[1], b"page")))

    assert titles(data) == ["One"]
    assert not [name for name in zipfile.ZipFile(io.BytesIO(data)).namelist() if name.startswith(("/", "C:"))]


@pytest.mark.parametrize(
    ("members", "names"),
    [
        ({"course/cmi5.xml": CMI5, "course/a.html": "x"}, ["cmi5.xml", "a.html"]),
        ({"course/CMI5.XML": CMI5, "course/a.html": "x", "readme.txt": "x"}, ["cmi5.xml", "a.html", "readme.txt"]),
        ({"manifest/cmi5.xml": CMI5, "manifest/x.xsd": "x", "a.html": "x"}, ["cmi5.xml", "manifest/x.xsd", "a.html"]),
    ],
)
def test_a_course_structure_in_a_folder_goes_to_the_top(members, names):
    data = mended(zipped(members))

    assert zipfile.ZipFile(io.BytesIO(data)).namelist() == names
    assert course(data).standard == "CMI5"


@pytest.mark.parametrize(
    "xml",
    [
        change(CMI5, NAMESPACE, "http://w3id.org/xapi/profiles/cmi5/v1/CourseStructure.xsd"),
        change(CMI5, f' xmlns="{NAMESPACE}"', ""),
        change(CMI5, "<courseStructure", "<!-- <courseStructure> --><courseStructure").replace("v1/", "v2/"),
        structure(au(attributes='moveOn="completedorpassed" launchMethod="OWNWINDOW"', url="a.html")),
        structure(au(attributes='moveon="Passed" MasteryScore="0,8"', url="a.html")),
        change(CMI5, "<course id=", "<course ID=").replace("langstring lang=", "langstring Lang="),
    ],
)
def test_a_course_structure_that_misses_its_schema_by_a_name(xml):
    data = mended(of(xml, "cmi5.xml"))

    assert titles(data) == ["au"]
    assert course(data).findings == ()


@pytest.mark.parametrize(
    ("url", "file", "launched"),
    [
        ("b\\a.html?x=1", "b/a.html", "b/a.html?x=1"),
        ("B\\A.html", "b/a.html", "b/a.html"),
        ("\n b/My page.html?q=a b#c&amp;d\n", "b/My page.html", "b/My page.html?q=a%20b#c&d"),
        ("100%.html", "100%.html", "100%.html"),
        ("{a}%20b.html", "{A} B.html", "{A} B.html"),
        ("https://content.example/my page.html", "a.html", "https://content.example/my%20page.html"),
        ("https://content.example\\x\\a.html", "a.html", "https://content.example/x/a.html"),
    ],
)
def test_a_url_with_what_none_may_hold(url, file, launched):
    data = mended(zipped({"cmi5.xml": structure(au(url=url)), file: "x"}))

    assert course(data).leaves[0].href == launched
    assert course(data).findings == ()


@pytest.mark.parametrize(
    "data",
    [
        of(SCORM[:-20]),  # cut off
        of(change(SCORM, ONE, "<title>R&D</title><b>")),  # a tag that nobody closes
        of('<!DOCTYPE m [<!ENTITY co "Ours">]>' + change(SCORM, ONE, "<title>&co; R&D</title>")),
        zipped({"one.zip": of(SCORM), "two.zip": of(SCORM)}),
        zipped({"course.zip": b"no zip file"}),
        zipped({"readme.txt": "x"}),
        build(File("/a.html", b"1"), File("a.html", b"22")),
        zipped({"x/cmi5.xml": CMI5}),  # its page is nowhere
        zipped({"x/cmi5.xml": CMI5, "x/a.html": "1", "a.html": "2"}),  # two files of one name at the top
        of(structure(au(attributes='moveOn="whenever"', url="a.html")), "cmi5.xml"),
        of(structure(au(attributes='moveOn="Passed" moveon="Completed"', url="a.html")), "cmi5.xml"),
        of(structure(au(attributes='masteryScore="80,5"', url="a.html")), "cmi5.xml"),
        of(structure(au(url="b\\c.html")), "cmi5.xml"),
        of(structure(au(url="//content.example/a.html")), "cmi5.xml"),
        of(structure(au(url="https:// /a.html")), "cmi5.xml"),
        of(change(CMI5, "<url>a.html</url>", ""), "cmi5.xml"),
        b"no package",
    ],
)
def test_what_takes_a_guess_is_left_alone(data):
    finding = refusal(data)

    assert not is_mendable(io.BytesIO(data), finding)


def test_one_mend_after_the_other():
    """Each is told and made by itself."""
    broken = change(CMI5, ">au<", ">R&D<")
    data = zipped({"course.zip": zipped({"x/cmi5.xml": broken, "x/a.html": "page"})})

    codes = []
    for _ in range(3):
        codes.append(refusal(data).code)
        data = mended(data)

    assert codes == ["no-manifest", "cmi5-not-at-top", "cmi5-xml"]
    assert titles(data) == ["R&D"]


@pytest.mark.parametrize(
    "flood", ["&", "<!--", "<![CDATA[", "<?", "<url ", "\x01", "&#1", "&a", "< ", "<a", "<url>a\\b"]
)
@pytest.mark.parametrize("name", ["imsmanifest.xml", "x/cmi5.xml"])
@pytest.mark.parametrize("before", ["", "<!-- "])
def test_floods_take_neither_time_nor_memory(name, flood, before):
    xml = SCORM if name == "imsmanifest.xml" else CMI5
    data = of(xml.replace("<", f"{before}{flood * (1_000_000 // len(flood))}<", 1), name)
    finding = refusal(data)
    begun = time.process_time()

    assert not is_mendable(io.BytesIO(data), finding) or name == "x/cmi5.xml"
    assert time.process_time() - begun < 5


def test_a_reference_of_thousands_of_digits_is_no_number():
    digits = "1" * 5_000

    assert titles(mended(of(change(SCORM, ONE, f"<title>A&#{digits};</title>")))) == [f"A&#{digits};"]
    assert titles(mended(of(change(SCORM, ONE, "<title>&amp; &#00000000065; &</title>")))) == ["& A &"]


def test_the_catalogue_says_so():
    assert [code for code in STEPS if not RULES[code].can_be_fixed] == []
