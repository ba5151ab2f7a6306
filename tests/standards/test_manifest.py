"""imsmanifest.xml to a course structure: recognition, hrefs, resources, organizations, metadata (IMS CP, SCORM CAM)."""

import pytest

from standards.hrefs import join_parameters
from standards.recognition import standard_of
from standards.scorm12 import package as scorm12
from standards.scorm2004 import package as scorm2004
from standards.structure import Activity, CourseStructure, Metadata, Organization, Resource
from tests.standards.manifests import FOURTH, ITEM, codes, manifest, package, parse, resource


def test_whole_course_of_a_small_manifest():
    course = parse(manifest(), "a.html")

    assert course == CourseStructure(
        standard="SCORM12",
        title="Course",
        organizations=(
            Organization(
                root=Activity(
                    identifier="O",
                    title="Course",
                    children=(Activity(identifier="I1", title="One", kind="sco", href="a.html", resource="R1"),),
                )
            ),
        ),
        identifier="M",
        version="7",
        schema_version="1.2",
        manifest="imsmanifest.xml",
        resources=(Resource(identifier="R1", href="a.html", kind="sco", files=("a.html",)),),
    )
    assert CourseStructure.from_json(course.to_json()) == course


# --- recognition ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("version", "standard"),
    [
        ("1.1", "SCORM11"),
        ("1.2", "SCORM12"),
        (" 1.2 ", "SCORM12"),
        ("CAM 1.3", "SCORM20042NDEDITION"),
        ("2004 2nd Edition", "SCORM20042NDEDITION"),
        ("2004 3rd Edition", "SCORM20043RDEDITION"),
        ("2004 4th Edition", "SCORM20044THEDITION"),
        ("2004 4TH EDITION", "SCORM20044THEDITION"),
    ],
)
def test_schemaversion_names_the_edition(version, standard):
    opened = package(manifest(version=version), "a.html")

    assert standard_of(opened) == standard
    assert (scorm12.accepts(opened), scorm2004.accepts(opened)) == ("2004" not in standard, "2004" in standard)


@pytest.mark.parametrize(
    ("given", "written", "standard", "finding"),
    [
        ("1.2", "", "SCORM12", ["schemaversion-missing"]),
        (FOURTH, "", "SCORM20043RDEDITION", ["schemaversion-missing"]),
        ("1.2", "seven", "SCORM12", ["schemaversion-unknown"]),
        (FOURTH, "SCORM 2004", "SCORM20043RDEDITION", []),
        (FOURTH, "1.2", "SCORM12", ["schemaversion-mismatch"]),
        ("1.2", FOURTH, "SCORM20044THEDITION", ["schemaversion-mismatch"]),
        ("1.2", "1.1", "SCORM11", []),
    ],
)
def test_schemaversion_before_namespaces_before_a_guess(given, written, standard, finding):
    course = parse(manifest(version=given).replace(f"<schemaversion>{given}<", f"<schemaversion>{written}<"))

    assert (course.standard, codes(course)) == (standard, finding)


def test_elements_of_the_4th_edition_tell_it():
    items = ITEM.replace("</item>", '<adlcp:data><adlcp:map targetID="store"/></adlcp:data></item>')
    course = parse(manifest(items, version=FOURTH).replace(f"<schemaversion>{FOURTH}<", "<schemaversion>2004<"))

    assert course.standard == "SCORM20044THEDITION"


def test_wrong_namespaces_are_read_by_name():
    xml = manifest().replace("imscp_rootv1p1p2", "elsewhere").replace("adlcp_rootv1p2", "nowhere")

    course = parse(xml, "a.html")

    assert [leaf.kind for leaf in course.leaves] == ["sco"]
    assert codes(course) == ["namespace", "namespace"]  # of the elements, and of the attribute scormtype


def test_prefixes_without_declaration_are_read_by_name():
    xml = manifest().replace('xmlns:adlcp="http://www.adlnet.org/xsd/adlcp_rootv1p2"', "")

    course = parse(xml, "a.html")

    assert [leaf.kind for leaf in course.leaves] == ["sco"]
    assert codes(course) == ["xml-namespace-prefix"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("declared", ["UTF-8", "UTF-16", "ISO-8859-1", "x-unheard-of", None])
def test_every_mix_of_encoding_and_declaration_is_understood(encoding, declared):
    declaration = f'<?xml version="1.0" encoding="{declared}"?>' if declared else ""
    body = manifest(ITEM.replace("One", "Größe")).partition("?>")[2]

    course = parse((declaration + body).encode(encoding), "a.html")

    assert course.leaves[0].href == "a.html"
    right = {"utf-8": {"UTF-8", None}, "cp1252": {"ISO-8859-1"}, "utf-16": {"UTF-16", None}}
    if declared in right.get(encoding, ()):
        assert (course.leaves[0].title, codes(course)) == ("Größe", [])


def test_wrongly_declared_encoding_is_a_finding():
    course = parse(manifest(ITEM.replace("One", "Größe")).encode("cp1252"), "a.html")

    assert (course.leaves[0].title, codes(course)) == ("Größe", ["xml-encoding"])


@pytest.mark.parametrize(
    ("title", "encoding", "declared"),
    [
        ("Größe 日本", "utf-8", "ISO-8859-1"),
        ("Größe", "utf-8", "windows-1252"),
        ("Größe", "utf-8", "us-ascii"),
        ("“Größe” – 5 €", "cp1252", "iso-8859-1"),
        ("日本①", "cp932", "windows-31j"),
    ],
)
def test_bytes_say_more_of_their_encoding_than_what_is_declared(title, encoding, declared):
    xml = manifest(ITEM.replace("One", title)).replace("UTF-8", declared)

    course = parse(xml.encode(encoding), "a.html")

    assert (course.leaves[0].title, codes(course)) == (title, ["xml-encoding"])


@pytest.mark.parametrize(
    ("title", "encoding", "declared"),
    [("日本", "shift_jis", "Shift_JIS"), ("中文", "gb2312", "gb2312"), ("Größe", "latin-1", "iso-8859-1")],
)
@pytest.mark.parametrize("prefixes", ["declared", "undeclared"])
def test_an_encoding_that_is_declared_rightly_is_kept_to(title, encoding, declared, prefixes):
    xml = manifest(ITEM.replace("One", title)).replace("UTF-8", declared)
    if prefixes == "undeclared":
        xml = xml.replace('xmlns:adlcp="http://www.adlnet.org/xsd/adlcp_rootv1p2"', "")

    course = parse(xml.encode(encoding), "a.html")

    expected = ["xml-namespace-prefix"] if prefixes == "undeclared" else []
    assert (course.leaves[0].title, codes(course)) == (title, expected)


@pytest.mark.parametrize("rest", ["\0\0\0", "\x1a", "\r\n\0"])
def test_what_a_writer_left_behind_the_end_is_not_read(rest):
    course = parse(manifest() + rest, "a.html")

    assert (course.leaves[0].href, codes(course)) == ("a.html", ["xml-encoding"])


# --- where the package lies -------------------------------------------------------------------------------------------


def test_package_in_a_wrapping_folder():
    course = parse(manifest(), "a.html", folder="my course/")

    assert (course.base, course.manifest) == ("my course/", "my course/imsmanifest.xml")
    assert (course.leaves[0].href, course.resources[0].files) == ("my course/a.html", ("my course/a.html",))


def test_manifest_in_wrong_case_is_a_finding():
    opened = package(manifest(), "a.html", name="IMSManifest.XML")

    assert standard_of(opened) == "SCORM12"
    assert [finding.code for finding in scorm12.parse(opened).findings] == ["manifest-name"]


# --- hrefs ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("manifest_base", "resources_base", "resource_base", "href", "member"),
    [
        ("", "", "", "a.html", "a.html"),
        ("x/", "", "", "a.html", "x/a.html"),
        ("", "y/", "", "a.html", "y/a.html"),
        ("", "", "z/", "a.html", "z/a.html"),
        ("x/", "y/", "z/", "a.html", "x/y/z/a.html"),
        ("x/", "", "", "../a.html", "a.html"),
        ("x/", "", "", "./b/../a.html", "x/a.html"),
        ("", "", "z/", "sub/a.html", "z/sub/a.html"),
    ],
)
def test_xml_base_on_manifest_resources_and_resource(manifest_base, resources_base, resource_base, href, member):
    def base(path):
        return f'xml:base="{path}"' if path else ""

    xml = manifest(resources=resource(href=href, attributes=base(resource_base)), attributes=base(manifest_base))
    course = parse(xml.replace("<resources>", f"<resources {base(resources_base)}>"), member)

    assert (course.leaves[0].href, course.resources[0].files, codes(course)) == (member, (member,), [])


@pytest.mark.parametrize(
    ("href", "member", "code"),
    [
        ("My%20Page.html", "My Page.html", "href-encoded"),
        ("sub\\a.html", "sub/a.html", "href-backslash"),
        ("A.HTML", "a.html", "href-spelling"),
        ("/a.html", "a.html", "href-absolute"),
        ("Sub\\A.html", "sub/a.html", "href-backslash"),
    ],
)
def test_imperfect_href_is_found_with_one_finding(href, member, code):
    course = parse(manifest(resources=resource(href=href)), member)

    assert (course.leaves[0].href, course.resources[0].files, codes(course)) == (member, (member,), [code])
    assert member in course.findings[0].message


@pytest.mark.parametrize("base", ["sub", "other/"])
def test_wrong_xml_base_is_seen_through(base):
    course = parse(
        manifest(resources=resource(href="a.html", attributes=f'xml:base="{base}"')),
        "sub/a.html" if base == "sub" else "a.html",
    )

    assert (course.leaves[0].kind, codes(course)) == ("sco", ["xml-base"])


def test_member_in_its_own_spelling_keeps_query_and_fragment():
    course = parse(manifest(resources=resource(href="A.html?x=1#top")), "a.html")

    assert course.leaves[0].href == "a.html?x=1#top"


@pytest.mark.parametrize(
    ("href", "parameters", "joined"),
    [  # SCORM 2004 4th Ed. CAM 3.4.1.7
        ("a.html", "", "a.html"),
        ("a.html", "x=1", "a.html?x=1"),
        ("a.html", "?x=1", "a.html?x=1"),
        ("a.html", "&x=1", "a.html?x=1"),
        ("a.html", "?&?x=1", "a.html?x=1"),
        ("a.html?y=2", "?x=1", "a.html?y=2&x=1"),
        ("a.html", "#top", "a.html#top"),
        ("a.html#top", "#end", "a.html#top"),
        ("a.html?y=2", "#end", "a.html?y=2#end"),
        ("a.html", "?x=1#end", "a.html?x=1#end"),
        ("a.html", "?", "a.html"),
        ("a.html#top", "?x=1", "a.html?x=1#top"),
        ("a.html#top", "?x=1#end", "a.html?x=1#top"),
    ],
)
def test_parameters_joined(href, parameters, joined):
    assert join_parameters(href, parameters) == joined


def test_parameters_of_an_item_reach_its_href():
    course = parse(manifest(ITEM.replace("identifierref", 'parameters="?act=3" identifierref')))

    assert (course.leaves[0].href, course.leaves[0].parameters) == ("a.html?act=3", "?act=3")
    assert course.resources[0].href == "a.html"


def test_address_outside_the_package_is_launched_with_a_warning():
    course = parse(manifest(resources=resource(href="https://example.org/a.html?x=1")))

    assert (course.leaves[0].href, codes(course)) == ("https://example.org/a.html?x=1", ["href-external"])


# --- resources --------------------------------------------------------------------------------------------------------


def test_dependencies_are_followed_once_round_a_circle():
    resources = (
        resource(inside='<dependency identifierref="R2"/>')
        + resource("R2", "b.html", inside='<dependency identifierref="R3"/><dependency identifierref="gone"/>')
        + resource("R3", "c.html", inside='<dependency identifierref="R1"/>')
    )
    course = parse(manifest(resources=resources), "a.html", "b.html", "c.html")

    assert course.files_of("R1") == ("a.html", "b.html", "c.html")
    assert course.files_of("R3") == ("c.html", "a.html", "b.html")
    assert codes(course) == ["dependency-missing"]


@pytest.mark.parametrize(
    ("written", "kind", "finding"),
    [
        ('adlcp:scormtype="sco"', "sco", []),
        ('adlcp:scormtype="asset"', "asset", []),
        ('adlcp:scormType="sco"', "sco", ["scormtype-spelling"]),
        ('adlcp:SCORMTYPE=" Asset "', "asset", ["scormtype-spelling"]),
        ('scormtype="asset"', "asset", ["scormtype-spelling"]),
        ("", "sco", ["scormtype-missing"]),
        ('adlcp:scormtype="lesson"', "sco", ["scormtype-unknown"]),
    ],
)
def test_scormtype_in_every_spelling(written, kind, finding):
    course = parse(manifest(resources=resource(scorm_type=written)))

    assert (course.leaves[0].kind, codes(course)) == (kind, finding)


def test_blanks_around_identifiers_do_not_count():
    xml = manifest('<item identifier="  I1 " identifierref=" R1"><title>One</title></item>', resource(" R1  "))

    course = parse(xml.replace('default="O"', 'default=" O  "'))

    assert (course.leaves[0].identifier, course.leaves[0].resource, codes(course)) == ("I1", "R1", [])


# --- organizations ----------------------------------------------------------------------------------------------------

TWO_ORGANIZATIONS = manifest().replace(
    "</organizations>",
    '<organization identifier="P"><title>Second</title>'
    '<item identifier="J1" identifierref="R1" isvisible="false"><title>Two</title></item>'
    "</organization></organizations>",
)


@pytest.mark.parametrize(
    ("default", "index", "finding"),
    [
        ('default="O"', 0, []),
        ('default="P"', 1, []),
        ('default="gone"', 0, ["organization-default"]),
        ("", 0, ["organization-default"]),
    ],
)
def test_default_organization(default, index, finding):
    course = parse(TWO_ORGANIZATIONS.replace('default="O"', default))

    assert [organization.root.identifier for organization in course.organizations] == ["O", "P"]
    assert (course.default, course.title, codes(course)) == (index, ["Course", "Second"][index], finding)
    assert not course.organizations[1].root.children[0].visible


def test_nested_items_in_order():
    items = (
        '<item identifier="A"><title>A</title>'
        '<item identifier="B"><title>B</title><item identifier="C" identifierref="R1"><title>C</title></item></item>'
        '<item identifier="D" identifierref="R1"><title>D</title></item></item>'
    )
    course = parse(manifest(items))

    assert [(entry.identifier, entry.kind) for entry in course.root.walk()] == [
        ("O", "aggregation"),
        ("A", "aggregation"),
        ("B", "aggregation"),
        ("C", "sco"),
        ("D", "sco"),
    ]


@pytest.mark.parametrize(
    ("version", "kind", "finding"), [("1.2", "sco", []), (FOURTH, "aggregation", ["cluster-with-resource"])]
)
def test_item_with_items_and_a_resource(version, kind, finding):
    items = f'<item identifier="A" identifierref="R1"><title>A</title>{ITEM}</item>'

    course = parse(manifest(items, version=version))

    assert (course.root.children[0].kind, codes(course)) == (kind, finding)
    assert course.root.children[0].children[0].kind == "sco"


# --- metadata ---------------------------------------------------------------------------------------------------------

LRM = """<imsmd:lom><imsmd:general>
<imsmd:title><imsmd:langstring xml:lang="en">Rivers</imsmd:langstring>
<imsmd:langstring xml:lang="de">Flüsse</imsmd:langstring></imsmd:title>
<imsmd:language>en-GB</imsmd:language><imsmd:language>x-none</imsmd:language>
<imsmd:description><imsmd:langstring xml:lang="x-none">All about
 rivers</imsmd:langstring></imsmd:description>
<imsmd:keyword><imsmd:langstring>water</imsmd:langstring></imsmd:keyword>
<imsmd:keyword><imsmd:langstring>flow</imsmd:langstring></imsmd:keyword></imsmd:general>
<imsmd:technical><imsmd:duration><imsmd:datetime>PT1H</imsmd:datetime></imsmd:duration></imsmd:technical>
<imsmd:educational><imsmd:typicallearningtime><imsmd:datetime>PT2H</imsmd:datetime>
</imsmd:typicallearningtime></imsmd:educational>
</imsmd:lom>"""
LOM = (
    LRM.replace("imsmd:langstring xml:lang=", "imsmd:string language=")
    .replace("imsmd:langstring", "imsmd:string")
    .replace("typicallearningtime", "typicalLearningTime")
    .replace("imsmd:datetime", "imsmd:duration")
    .replace("imsmd:", "lom:")
)
READ = Metadata(
    title={"en": "Rivers", "de": "Flüsse"},
    description={"": "All about rivers"},
    keywords=("water", "flow"),
    languages=("en-GB",),
    duration="PT1H",
    typical_learning_time="PT2H",
)


@pytest.mark.parametrize(("version", "lom"), [("1.2", LRM), (FOURTH, LOM)])
def test_inline_metadata_of_both_binding(version, lom):
    items = ITEM.replace("</item>", f"<metadata>{lom}</metadata></item>")

    course = parse(manifest(items, version=version, metadata=lom))

    assert (course.metadata, course.leaves[0].metadata) == (READ, READ)
    assert course.languages == ("en-GB", "en", "de")


def test_external_metadata():
    xml = manifest(metadata="<adlcp:location>meta/course.xml</adlcp:location>")
    lom = LRM.replace("<imsmd:lom>", '<imsmd:lom xmlns:imsmd="http://www.imsglobal.org/xsd/imsmd_rootv1p2p1">')

    course = parse(xml, "a.html", contents={"meta/course.xml": lom})

    assert course.metadata == Metadata(**{**READ.__dict__, "location": "meta/course.xml"})
    assert [finding.code for finding in course.findings] == []


@pytest.mark.parametrize(
    ("contents", "finding"), [({}, "metadata-missing"), ({"meta/course.xml": "<lom><general>"}, "metadata-xml")]
)
def test_external_metadata_that_cannot_be_read(contents, finding):
    xml = manifest(metadata="<adlcp:location>meta/course.xml</adlcp:location>")

    course = parse(xml, "a.html", contents=contents)

    assert (course.metadata.location, codes(course)) == ("meta/course.xml", [finding])
    assert course.findings[0].severity == "warning"
