"""Small manifests and the packages around them, for tests of the manifest's parsers."""

import io
import zipfile

from standards.package import Package
from standards.recognition import standard_of
from standards.scorm12 import package as scorm12
from standards.scorm2004 import package as scorm2004
from standards.structure import CourseStructure

NAMESPACES_12 = (
    'xmlns="http://www.imsproject.org/xsd/imscp_rootv1p1p2" xmlns:adlcp="http://www.adlnet.org/xsd/adlcp_rootv1p2"'
    ' xmlns:imsmd="http://www.imsglobal.org/xsd/imsmd_rootv1p2p1"'
)
NAMESPACES_2004 = (
    'xmlns="http://www.imsglobal.org/xsd/imscp_v1p1" xmlns:adlcp="http://www.adlnet.org/xsd/adlcp_v1p3"'
    ' xmlns:adlseq="http://www.adlnet.org/xsd/adlseq_v1p3" xmlns:adlnav="http://www.adlnet.org/xsd/adlnav_v1p3"'
    ' xmlns:imsss="http://www.imsglobal.org/xsd/imsss" xmlns:lom="http://ltsc.ieee.org/xsd/LOM"'
)
FOURTH = "2004 4th Edition"
ITEM = '<item identifier="I1" identifierref="R1"><title>One</title></item>'


def resource(identifier="R1", href="a.html", attributes="", inside="", scorm_type='adlcp:scormtype="sco"'):
    return (
        f'<resource identifier="{identifier}" type="webcontent" {scorm_type} href="{href}" {attributes}>'
        f'<file href="{href}"/>{inside}</resource>'
    )


def manifest(items=ITEM, resources=None, version="1.2", attributes="", organization="", after="", metadata=""):
    """A manifest with one organization; `organization` are its attributes, `after` follows the resources."""
    scorm_2004 = "2004" in version or "1.3" in version
    kind = 'adlcp:scormType="sco"' if scorm_2004 else 'adlcp:scormtype="sco"'
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<manifest identifier="M" version="7" {NAMESPACES_2004 if scorm_2004 else NAMESPACES_12} {attributes}>
<metadata><schema>ADL SCORM</schema><schemaversion>{version}</schemaversion>{metadata}</metadata>
<organizations default="O"><organization identifier="O" {organization}><title>Course</title>
{items}
</organization></organizations>
<resources>{resource(scorm_type=kind) if resources is None else resources}</resources>{after}
</manifest>"""


def package(xml, *names, folder="", contents=None, name="imsmanifest.xml"):
    """An open package of the manifest and files of these names."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(folder + name, xml)
        for path in names:
            archive.writestr(folder + path, "page")
        for path, content in (contents or {}).items():
            archive.writestr(folder + path, content)
    return Package.open(io.BytesIO(buffer.getvalue()))


def parse_package(opened: Package) -> CourseStructure:
    """As the importer does: by the standard that accepts it, or SCORM 1.2's refusal."""
    return (scorm2004 if standard_of(opened).startswith("SCORM2004") else scorm12).parse(opened)


def parse(xml, *names, **options) -> CourseStructure:
    """The course of a manifest whose package holds a.html, b.html and these files."""
    return parse_package(package(xml, *dict.fromkeys(names or ("a.html", "b.html")), **options))


def codes(course: CourseStructure, without=("file-unreferenced",)) -> list[str]:
    return [finding.code for finding in course.findings if finding.code not in without]
