"""The catalogue of findings: what each code means, for whom it matters and how it is mended.

A finding itself says what is wrong where (structure.Finding); here is what is the same for all of its code. `strict`
names systems only that are known to refuse or to fail such a package, from their documentation or their source.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .structure import Finding, Severity


@dataclass(frozen=True)
class Rule:
    code: str
    severity: Severity  # as a rule; a finding may weigh more or less where it stands
    clause: str
    learners: str  # what it means for them
    fix: str  # how an author mends it
    strict: str = "None known."
    can_be_fixed: bool = False  # by standards/repair.py, where the finding says so


_NOT_IMPORTED = "None can take the course: it is not imported."
_NOTHING = "Nothing: the course plays as it should."
_ADL = "No LMS known by name; ADL's Conformance Test Suite fails such a package."
_CASE = "Every LMS that keeps the files on a case-sensitive disk (Moodle on Linux, for one) does not find the file."
_LTS = "Every LMS that passes the CATAPULT LMS Test Suite: it must refuse such a package."
_ALL = "Every LMS."
_TAKEN = "Taken for a SCO, content that speaks to no API stays incomplete; taken for an asset, it counts once opened."
_ZIP = "PKWARE APPNOTE 6.3.10, "
_PIF = "SCORM 1.2 CAM 2.3.1"
_CP12 = "SCORM 1.2 CAM 2.3.2"
_CP = "SCORM 2004 4th Ed. CAM 3.4.1"
_SN = "SCORM 2004 4th Ed. CAM 5.1"
_AICC = "AICC CMI001 4.0, 5"
_TINCAN = "Tin Can packaging, tincan.xml"
_CMI5 = "cmi5 13.1"
_EXPORT = "Export the course again from the tool that made it."
_ZIP_ANEW = "Make the zip file anew with a common tool, from the folder of the course."

_RULES = (
    Rule(
        "not-a-zip",
        "error",
        _PIF,
        _NOT_IMPORTED,
        "Upload the zip file the authoring tool made, not a file from inside it.",
        strict=_ALL,
    ),
    Rule(
        "zip-truncated",
        "error",
        f"{_ZIP}4.3.16",
        _NOT_IMPORTED,
        "Upload the file again; if that does not help, export it again.",
        strict=_ALL,
    ),
    Rule("zip-damaged", "error", f"{_ZIP}4.3", _NOT_IMPORTED, _ZIP_ANEW, strict=_ALL),
    Rule(
        "zip-crc",
        "error",
        f"{_ZIP}4.4.7",
        _NOT_IMPORTED,
        "Upload the file again; if that does not help, make it anew.",
        strict=_ALL,
    ),
    Rule("zip-size", "error", f"{_ZIP}4.4.8", _NOT_IMPORTED, _ZIP_ANEW),
    Rule("zip-split", "error", f"{_ZIP}8", _NOT_IMPORTED, "Make one zip file of the whole."),
    Rule("zip-header-mismatch", "error", f"{_ZIP}4.3.7", _NOT_IMPORTED, _ZIP_ANEW),
    Rule("zip-duplicate", "error", f"{_ZIP}4.3.12", _NOT_IMPORTED, "Make the zip file anew with one of the two files."),
    Rule(
        "zip-case-collision",
        "error",
        "",
        _NOT_IMPORTED,
        "Rename one of the two files, in the manifest too.",
        strict="Systems that keep the files on a disk without case (Windows, macOS) lose one of them.",
    ),
    Rule(
        "zip-encrypted",
        "error",
        f"{_ZIP}4.4.4",
        _NOT_IMPORTED,
        "Make the zip file anew without a password.",
        strict=_ALL,
    ),
    Rule("zip-symlink", "error", "", _NOT_IMPORTED, "Put the file itself in the place of the link."),
    Rule("zip-special-file", "error", "", _NOT_IMPORTED, "Leave devices, pipes and sockets out."),
    Rule(
        "zip-method", "error", f"{_ZIP}4.4.5", _NOT_IMPORTED, "Make the zip file anew with Deflate, the usual method."
    ),
    Rule("zip-folder-data", "error", f"{_ZIP}4.4.17", _NOT_IMPORTED, _ZIP_ANEW),
    Rule("zip-overlap", "error", f"{_ZIP}4.3", _NOT_IMPORTED, _ZIP_ANEW),
    Rule(
        "zip-bomb-ratio",
        "error",
        "",
        _NOT_IMPORTED,
        "Pack the large files less hard, or leave out those that hold nothing.",
    ),
    Rule(
        "zip-too-large",
        "error",
        "",
        _NOT_IMPORTED,
        "Take out what the course does not need, or ask for a higher limit.",
    ),
    Rule(
        "zip-too-many", "error", "", _NOT_IMPORTED, "Take out what the course does not need, or ask for a higher limit."
    ),
    Rule(
        "zip-empty",
        "error",
        _PIF,
        _NOT_IMPORTED,
        "Choose the folder's contents when you make the zip file.",
        strict=_ALL,
    ),
    Rule("zip-absolute-path", "error", f"{_ZIP}4.4.17.1", _NOT_IMPORTED, _ZIP_ANEW, can_be_fixed=True),
    Rule("zip-path-escape", "error", f"{_ZIP}4.4.17.1", _NOT_IMPORTED, _ZIP_ANEW),
    Rule("zip-name-too-long", "error", "", _NOT_IMPORTED, "Give files and folders shorter names, in the manifest too."),
    Rule("zip-name-control", "error", "", _NOT_IMPORTED, "Rename the file, in the manifest too."),
    Rule("zip-name-empty", "error", f"{_ZIP}4.4.17", _NOT_IMPORTED, _ZIP_ANEW),
    Rule("package-file-missing", "error", _PIF, _NOT_IMPORTED, "Add the file to the package."),
    Rule("package-file-too-large", "error", "", _NOT_IMPORTED, "Take out of the file what the course does not need."),
    Rule("package-invalid", "error", "", _NOT_IMPORTED, _EXPORT),
    Rule(
        "zip-backslashes",
        "warning",
        f"{_ZIP}4.4.17.1",
        _NOTHING,
        "Make the zip file with a tool that writes slashes.",
        strict="Systems that unpack it on Linux with a plain tool get files with back-slashes in their names.",
        can_be_fixed=True,
    ),
    Rule(
        "zip-name-unmarked-utf8",
        "hint",
        f"{_ZIP}4.4.4, bit 11",
        _NOTHING,
        "Make the zip file with a tool that marks names as UTF-8.",
        strict="None known to refuse it; some show the names wrongly.",
        can_be_fixed=True,
    ),
    Rule(
        "zip-name-cp437",
        "warning",
        f"{_ZIP}appendix D",
        "Files whose names are read wrongly are not found where a page asks for them.",
        "Make the zip file with a tool that writes UTF-8 names, or use plain letters.",
    ),
    Rule(
        "zip-member-twice",
        "hint",
        f"{_ZIP}4.4.17.1",
        _NOTHING,
        _ZIP_ANEW,
        strict="Systems that unpack it keep the one that comes last.",
        can_be_fixed=True,
    ),
    Rule("zip-name-not-normal", "hint", f"{_ZIP}4.4.17.1", _NOTHING, _ZIP_ANEW, can_be_fixed=True),
    Rule(
        "zip-foreign-bytes",
        "hint",
        f"{_ZIP}4.3.6",
        _NOTHING,
        "Upload a plain zip file, not a self-extracting one.",
        can_be_fixed=True,
    ),
    Rule(
        "no-manifest",
        "error",
        _PIF,
        _NOT_IMPORTED,
        "Export the course as SCORM, cmi5, xAPI or AICC and upload that zip file unopened.",
        strict=_ALL,
        can_be_fixed=True,
    ),
    Rule(
        "manifest-several",
        "error",
        _PIF,
        _NOT_IMPORTED,
        "Upload each course as a zip file of its own.",
        strict="Moodle (manifest not at the top of the zip file).",
    ),
    Rule(
        "manifest-xml",
        "error",
        "XML 1.0 2.1",
        _NOT_IMPORTED,
        "Open the file in an XML editor, correct the line and package again.",
        strict=_ALL,
        can_be_fixed=True,
    ),
    Rule(
        "manifest-folder",
        "warning",
        _PIF,
        _NOTHING,
        "Zip the contents of the folder, not the folder itself.",
        strict="Moodle refuses it (badimsmanifestlocation), as does every LMS that looks at the top alone.",
        can_be_fixed=True,
    ),
    Rule(
        "manifest-name",
        "warning",
        _PIF,
        _NOTHING,
        "Name the manifest imsmanifest.xml, in lower case.",
        strict="Every LMS that looks for the exact name, as Moodle does.",
        can_be_fixed=True,
    ),
    Rule(
        "manifest-nested",
        "hint",
        _PIF,
        "Courses in sub-folders are not part of this one: nobody can open them here.",
        "Upload each course as a zip file of its own.",
    ),
    Rule("not-scorm", "error", _PIF, _NOT_IMPORTED, "Export the course as SCORM.", strict=_ALL),
    Rule("standard-unsupported", "error", "", _NOT_IMPORTED, "Export the course as SCORM 1.2 or SCORM 2004."),
    Rule(
        "several-standards",
        "hint",
        "",
        "Learners get the course by the standard that is named; the others lie idle.",
        "Upload a package of one standard if another one is wanted.",
    ),
    Rule("identifier-too-long", "error", "", _NOT_IMPORTED, "Give the item a short identifier."),
    Rule(
        "schemaversion-missing",
        "warning",
        _CP,
        "The course may be played by the rules of another edition than its author had in mind.",
        "Add <schema>ADL SCORM</schema> and <schemaversion> to the manifest's <metadata>.",
        strict=_ADL,
        can_be_fixed=True,
    ),
    Rule(
        "schemaversion-unknown",
        "warning",
        _CP,
        "The course may be played by the rules of another edition than its author had in mind.",
        "Write 1.2, 2004 3rd Edition or 2004 4th Edition.",
        strict=_ADL,
    ),
    Rule(
        "schemaversion-mismatch",
        "warning",
        _CP,
        "Content made for the other edition does not find its API and is not tracked.",
        "Let schemaversion and namespaces name the same edition.",
        strict=_ADL,
    ),
    Rule(
        "namespace",
        "warning",
        "IMS CP 1.1",
        _NOTHING,
        "Declare the namespaces of the edition on <manifest>.",
        strict=_ADL,
        can_be_fixed=True,
    ),
    Rule(
        "xml-namespace-prefix",
        "warning",
        "Namespaces in XML 5",
        _NOTHING,
        "Declare the prefix with xmlns:prefix on <manifest>.",
        strict="Every LMS whose XML reader knows namespaces refuses the manifest.",
        can_be_fixed=True,
    ),
    Rule(
        "xml-encoding",
        "warning",
        "XML 1.0 4.3.3",
        "Letters beyond plain English may show wrongly in titles.",
        "Save the manifest as UTF-8 and declare that.",
        strict="Every LMS with a strict XML reader refuses the manifest.",
        can_be_fixed=True,
    ),
    Rule(
        "sub-manifest",
        "warning",
        "IMS CP 1.1",
        "What only a sub-manifest lists is not shown.",
        "Make one manifest of them.",
    ),
    Rule(
        "organization-default",
        "warning",
        _CP,
        _NOTHING,
        "Let default on <organizations> be the identifier of an organization.",
        strict=_ADL,
        can_be_fixed=True,
    ),
    Rule(
        "organization-empty",
        "warning",
        _CP,
        "Another organization than the default one is played.",
        "Give the default organization items, or name another one.",
    ),
    Rule(
        "organization-missing",
        "warning",
        _CP,
        "Learners see a list made of the resources, with their identifiers for titles.",
        "Add an organization with an item for each resource.",
        strict=_ADL,
    ),
    Rule("items-too-deep", "error", "", _NOT_IMPORTED, "Nest the items or blocks less deeply."),
    Rule(
        "item-identifier-missing",
        "warning",
        _CP,
        _NOTHING,
        "Give the item an identifier; keep it in later versions, since progress is kept by it.",
        strict=_ADL,
    ),
    Rule(
        "identifier-duplicate",
        "warning",
        _CP,
        "Of resources with one identifier learners get the first, wherever another is meant.",
        "Give each an identifier of its own.",
        strict=_ADL,
    ),
    Rule(
        "title-missing",
        "warning",
        _CP,
        "Learners see an identifier where a title should be.",
        "Add a <title>.",
        strict=_ADL,
    ),
    Rule(
        "item-without-resource",
        "warning",
        _CP,
        "Learners see a line in the menu that they cannot open.",
        "Give the item an identifierref, or take it out.",
        strict=_ADL,
    ),
    Rule(
        "cluster-with-resource",
        "warning",
        _CP,
        "The page of the heading is never shown.",
        "Put the resource on an item of its own, the first below the heading.",
        strict=_ADL,
    ),
    Rule(
        "nothing-to-launch",
        "error",
        _CP,
        _NOT_IMPORTED,
        "Give an item an identifierref of a resource with an href.",
        strict=_ALL,
    ),
    Rule(
        "resource-missing",
        "error",
        _CP,
        "The item cannot be opened.",
        "Add the resource, or correct the identifierref.",
        strict=_ADL,
    ),
    Rule(
        "identifierref-case",
        "warning",
        "XML 1.0 2.3",
        _NOTHING,
        "Write the identifierref in the letters of the resource's identifier.",
        strict="Every LMS that tells upper from lower case in identifiers: the item has no resource there.",
        can_be_fixed=True,
    ),
    Rule(
        "resource-href-missing",
        "warning",
        _CP,
        "The item cannot be opened, or a page that was guessed opens.",
        "Give the resource an href.",
        strict=_ADL,
    ),
    Rule(
        "resource-identifier-missing",
        "warning",
        _CP,
        "No item can open the resource.",
        "Give the resource an identifier.",
        strict=_ADL,
    ),
    Rule(
        "dependency-missing",
        "warning",
        _CP,
        "Pages may lack pictures or scripts.",
        "Add the resource, or take the dependency out.",
        strict=_ADL,
    ),
    Rule(
        "launch-file-missing",
        "error",
        _CP,
        "The item shows Not Found.",
        "Add the file, or correct the href.",
        strict=_ADL,
    ),
    Rule(
        "file-missing",
        "warning",
        _CP,
        "Pages that need these files lack pictures, sound or scripts.",
        "Add the files, or take them off the list where nothing uses them.",
        strict=_ADL,
    ),
    Rule("file-duplicate", "hint", _CP, _NOTHING, "Leave out the second entry.", can_be_fixed=True),
    Rule("file-unreferenced", "hint", _CP, _NOTHING, "List the files with <file> in the resource that uses them."),
    Rule(
        "href-encoded",
        "hint",
        "RFC 3986 2.1",
        _NOTHING,
        "Write the name as the file is spelled, or rename the file without blanks and accents.",
        strict="None known; systems differ in whether they undo the encoding.",
        can_be_fixed=True,
    ),
    Rule(
        "href-backslash",
        "warning",
        "IMS CP 1.1",
        _NOTHING,
        "Write slashes.",
        strict="Every LMS that keeps the files on Linux does not find the file.",
        can_be_fixed=True,
    ),
    Rule(
        "href-absolute",
        "warning",
        "IMS CP 1.1",
        _NOTHING,
        "Write the path without the slash it begins with.",
        strict="Every LMS that takes the path as it is looks outside the package and does not find the file.",
        can_be_fixed=True,
    ),
    Rule(
        "href-spelling",
        "warning",
        "IMS CP 1.1",
        _NOTHING,
        "Write the name in the letters of the file.",
        strict=_CASE,
        can_be_fixed=True,
    ),
    Rule(
        "xml-base",
        "warning",
        "XML Base 4.2",
        _NOTHING,
        "Let xml:base end with a slash and hrefs be relative to it.",
        strict="Every LMS that applies xml:base to the letter does not find the file.",
    ),
    Rule(
        "href-external",
        "warning",
        _CP,
        "Content from another site finds no API: neither progress nor score arrive, or browsers block it.",
        "Put the content into the package.",
    ),
    Rule(
        "href-foreign",
        "error",
        _CP,
        "The item cannot be opened.",
        "Write the path of the file within the package.",
        strict=_ADL,
    ),
    Rule("href-http", "warning", "", "Browsers may block the page: it is not encrypted.", "Offer the page by https."),
    Rule("href-missing", "error", _AICC, "The unit cannot be opened.", "Give the unit a file_name."),
    Rule("metadata-missing", "hint", _CP, _NOTHING, "Add the file, or take <adlcp:location> out.", strict=_ADL),
    Rule("metadata-xml", "hint", _CP, _NOTHING, "Correct the metadata file, or leave it out.", strict=_ADL),
    Rule(
        "scormtype-missing",
        "warning",
        _CP12,
        _TAKEN,
        "Write adlcp:scormtype (SCORM 2004: scormType) with sco or asset.",
        strict=_ADL,
    ),
    Rule(
        "scormtype-unknown",
        "warning",
        _CP12,
        _TAKEN,
        "Write sco or asset.",
        strict=_ADL,
    ),
    Rule(
        "scormtype-spelling",
        "warning",
        _CP12,
        _NOTHING,
        "Write adlcp:scormtype in SCORM 1.2 and adlcp:scormType in SCORM 2004, its value in lower case.",
        strict=_ADL,
        can_be_fixed=True,
    ),
    Rule(
        "value-invalid",
        "warning",
        _CP,
        "What the author wanted here does not happen: the default holds.",
        "Write a value that the standard allows.",
        strict=_ADL,
    ),
    Rule("value-format", "warning", _CP12, _NOTHING, "Write the value in the form of the edition.", strict=_ADL),
    Rule(
        "data-from-lms-long",
        "hint",
        _CP12,
        _NOTHING,
        "Keep the text shorter.",
        strict="None known; systems may cut what is longer.",
    ),
    Rule("prerequisites-type", "warning", _CP12, _NOTHING, 'Write type="aicc_script".', strict=_ADL, can_be_fixed=True),
    Rule(
        "prerequisites-unreadable",
        "warning",
        _CP12,
        "The item is open from the beginning.",
        "Write the prerequisites in aicc_script.",
    ),
    Rule(
        "prerequisites-unknown",
        "warning",
        _CP12,
        "The item is open from the beginning.",
        "Name identifiers of the course.",
    ),
    Rule(
        "completion-threshold-text",
        "warning",
        "SCORM 2004 4th Ed. CAM 3.4.1.15",
        _NOTHING,
        "Write completedByMeasure and minProgressMeasure as attributes.",
        strict=_ADL,
    ),
    Rule(
        "data-map",
        "warning",
        "SCORM 2004 4th Ed. CAM 3.4.1.20",
        "Activities may not see the data they are to share.",
        "Name each store once, with a targetID.",
        strict=_ADL,
    ),
    Rule(
        "sequencing-reference",
        "warning",
        _SN,
        "The item is sequenced by the defaults.",
        "Add the sequencing to the collection, or correct the IDRef.",
        strict=_ADL,
    ),
    Rule(
        "sequencing-condition-unknown",
        "warning",
        _SN,
        "The rule acts as if the condition were not there.",
        "Use a condition of the sequencing book.",
        strict=_ADL,
    ),
    Rule(
        "sequencing-invalid",
        "warning",
        _SN,
        "The course may lead learners another way than its author wanted.",
        "Correct the sequencing.",
        strict=_ADL,
    ),
    Rule(
        "cmi5-id-duplicate",
        "error",
        _CMI5,
        _NOT_IMPORTED,
        "Give each block, AU and objective an id of its own.",
        strict=_LTS,
    ),
    Rule("cmi5-id-long", "error", _CMI5, _NOT_IMPORTED, "Give the block, AU or objective a shorter id.", strict=_LTS),
    Rule(
        "cmi5-iri",
        "error",
        _CMI5,
        _NOT_IMPORTED,
        "Let the id be an absolute IRI, such as https://example.com/au/1.",
        strict=_LTS,
    ),
    Rule("cmi5-mastery-score", "error", _CMI5, _NOT_IMPORTED, "Write a masteryScore from 0 to 1.", strict=_LTS),
    Rule(
        "cmi5-schema",
        "error",
        _CMI5,
        _NOT_IMPORTED,
        "Correct the course structure by CourseStructure.xsd.",
        strict=_LTS,
        can_be_fixed=True,
    ),
    Rule(
        "cmi5-url",
        "error",
        _CMI5,
        _NOT_IMPORTED,
        "Write an absolute URL, or the path of a file in the package.",
        strict=_LTS,
        can_be_fixed=True,
    ),
    Rule(
        "cmi5-url-relative",
        "error",
        _CMI5,
        _NOT_IMPORTED,
        "Write absolute URLs, or upload a zip file that holds the content.",
        strict=_LTS,
    ),
    Rule(
        "cmi5-url-reserved",
        "error",
        _CMI5,
        _NOT_IMPORTED,
        "Take the reserved names (endpoint, fetch, actor, registration, activityId) out of the URL's query.",
        strict=_LTS,
    ),
    Rule(
        "cmi5-xml",
        "error",
        _CMI5,
        _NOT_IMPORTED,
        "Open the file in an XML editor and correct the line.",
        strict=_LTS,
        can_be_fixed=True,
    ),
    Rule(
        "cmi5-not-at-top",
        "error",
        "cmi5 14.2",
        _NOT_IMPORTED,
        "Zip the contents of the folder, not the folder itself.",
        strict=_LTS,
        can_be_fixed=True,
    ),
    Rule("extension-schema", "hint", _CMI5, _NOTHING, "Name the schema of the extension with xsi:schemaLocation."),
    Rule(
        "launch-scheme",
        "hint",
        _CMI5,
        "The unit opens an application on the learner's device, where there is one.",
        "Use https where a browser is to show it.",
    ),
    Rule("objective-reference", "warning", _CMI5, _NOTHING, "Name an objective of the course."),
    Rule("objective-unknown", "warning", _CMI5, _NOTHING, "Define the objective in <objectives>."),
    Rule("tincan-xml", "error", _TINCAN, _NOT_IMPORTED, "Correct tincan.xml.", can_be_fixed=True),
    Rule("activity-id-missing", "error", _TINCAN, "The activity is left out.", "Give the activity an id."),
    Rule(
        "activity-id-not-iri",
        "warning",
        "xAPI 1.0.3 Data 2.4.4.1",
        "Statements about the activity are refused wherever xAPI is kept to: progress is lost.",
        "Let the id begin with a scheme: https://example.com/course.",
        strict="Every LRS that passes ADL's LRS test suite refuses its statements.",
    ),
    Rule(
        "href-unencrypted",
        "warning",
        _TINCAN,
        "Where the course is played by https, browsers refuse to show the page inside it.",
        "Offer the page by https.",
        strict="Every LMS that is reached by https.",
    ),
    Rule("language-invalid", "warning", "RFC 5646 2.1", _NOTHING, "Write a tag such as en-US."),
    Rule(
        "launch-several",
        "warning",
        _TINCAN,
        "All learners get the page of the first language.",
        "Make a package for each language, or one page that asks.",
    ),
    Rule(
        "aicc-table",
        "error",
        _AICC,
        _NOT_IMPORTED,
        "Correct the table: commas between the fields, quotes around those that hold commas.",
    ),
    Rule("aicc-table-long", "error", _AICC, _NOT_IMPORTED, "Make the table shorter."),
    Rule("aicc-too-large", "error", _AICC, _NOT_IMPORTED, "Make several courses of it."),
    Rule(
        "aicc-no-au",
        "error",
        _AICC,
        _NOT_IMPORTED,
        "List the assignable units in the .au file and put them into the .cst.",
    ),
    Rule("aicc-no-au-file", "error", _AICC, _NOT_IMPORTED, "Add the .au file."),
    Rule("aicc-no-crs", "error", _AICC, _NOT_IMPORTED, "Add the .crs file."),
    Rule("aicc-no-root", "warning", _AICC, _NOTHING, "Begin the .cst with the record of ROOT."),
    Rule("aicc-no-tree", "warning", _AICC, "The units are listed in the order of the .au file.", "Add the .cst file."),
    Rule(
        "aicc-no-des-file", "warning", _AICC, "Learners see identifiers where titles should be.", "Add the .des file."
    ),
    Rule(
        "aicc-no-title",
        "warning",
        _AICC,
        "Learners see an identifier where a title should be.",
        "Give the element a title in the .des file.",
    ),
    Rule(
        "aicc-no-file-name", "error", _AICC, "The unit cannot be opened.", "Give the unit a file_name in the .au file."
    ),
    Rule("aicc-no-system-id", "warning", _AICC, "The element is left out.", "Give the record a system_id."),
    Rule("aicc-several-courses", "error", _AICC, _NOT_IMPORTED, "Upload each course as a zip file of its own."),
    Rule(
        "aicc-encoding",
        "warning",
        _AICC,
        _NOTHING,
        "Save the file as UTF-8 without a byte order mark.",
        strict="Moodle, which reads the files byte by byte: of such a file it finds neither columns nor keywords.",
        can_be_fixed=True,
    ),
    Rule(
        "aicc-au-twice",
        "warning",
        _AICC,
        "The second record of the unit is left out.",
        "Give each unit a system_id of its own.",
        can_be_fixed=True,
    ),
    Rule("aicc-au-unused", "warning", _AICC, "The unit is not shown.", "Put the unit into the .cst, or take it out."),
    Rule("aicc-element-again", "warning", _AICC, "The element is shown once.", "List each element once in the .cst."),
    Rule(
        "aicc-member-unknown", "warning", _AICC, "The member is left out.", "Define the member in the .au or .des file."
    ),
    Rule(
        "aicc-circle", "warning", _AICC, "The element is left out where the circle closes.", "Let no block hold itself."
    ),
    Rule("aicc-count", "hint", _AICC, _NOTHING, "Correct the totals of the .crs file.", can_be_fixed=True),
    Rule(
        "aicc-level",
        "hint",
        _AICC,
        "What belongs to a higher level is kept and shown, not played.",
        "Nothing, where level 1 is enough.",
    ),
    Rule(
        "aicc-completion-element",
        "warning",
        _AICC,
        "The requirement is left out.",
        "Name an element of the course in the .cmp file.",
    ),
    Rule(
        "aicc-completion-kept",
        "hint",
        _AICC,
        "The requirement is kept and shown; completion goes by the units.",
        "Nothing, where that is right.",
    ),
    Rule(
        "aicc-prerequisite-element",
        "warning",
        _AICC,
        "The prerequisite is left out.",
        "Name an element of the course in the .pre file.",
    ),
    Rule("content-refused", "error", "", _NOT_IMPORTED, "Do what the message says."),
    Rule(
        "course-exists", "error", "", _NOT_IMPORTED, "Choose another course id, or upload a new version of that course."
    ),
    Rule(
        "storage-limit",
        "error",
        "",
        _NOT_IMPORTED,
        "Delete courses or versions that are not needed, or change to a larger plan.",
    ),
    Rule(
        "course-limit",
        "error",
        "",
        _NOT_IMPORTED,
        "Delete courses that are not needed, or change to a larger plan.",
    ),
    Rule("disk-full", "error", "", _NOT_IMPORTED, "Ask the person who runs the site to make room, then try again."),
    Rule(
        "fetch-failed",
        "error",
        "",
        _NOT_IMPORTED,
        "See that the address can be reached from the internet, or upload the file.",
    ),
    Rule("fetch-denied", "error", "", _NOT_IMPORTED, "Give the right user name and password for the address."),
    Rule(
        "media-unknown",
        "error",
        "",
        _NOT_IMPORTED,
        "Save the file anew as a PDF, an MP4 or an MP3: its content is of another kind than its name says.",
    ),
    Rule("reference-address", "error", "", _NOT_IMPORTED, "Give an address that begins with https://."),
    Rule("reference-kind", "error", "", _NOT_IMPORTED, "Choose one of the kinds that are offered."),
    Rule("reference-youtube", "error", "", _NOT_IMPORTED, "Copy the address of the video from the browser."),
)
RULES: Mapping[str, Rule] = {rule.code: rule for rule in _RULES}
_UNKNOWN = Rule("", "warning", "", "Nothing is known of it.", "See the message.")


def rule_of(code: str) -> Rule:
    """What is known of a code; a code of an earlier release that is gone has a rule that says nothing."""
    return RULES.get(code, _UNKNOWN)


def texts() -> list[str]:
    """All that the catalogue says, once each, for the catalogs of translations."""
    said = (text for rule in (_UNKNOWN, *_RULES) for text in (rule.learners, rule.strict, rule.fix))
    return list(dict.fromkeys(said))


def explained(finding: Finding) -> dict[str, Any]:
    """The finding with its rule, as JSON: every key is always there."""
    rule = rule_of(finding.code)
    return {
        "code": finding.code,
        "severity": finding.severity,
        "message": finding.message,
        "file": finding.file,
        "line": finding.line,
        "count": finding.count,
        "rule": finding.clause or rule.clause,
        "learners": rule.learners,
        "strictSystems": rule.strict,
        "howToFix": finding.advice or rule.fix,
        "canBeFixed": finding.fixable,
    }


_WEIGHT: Mapping[str, int] = {"error": 0, "warning": 1, "hint": 2}


@dataclass(frozen=True)
class Group:
    """Findings of one code, in the order they were found."""

    rule: Rule
    severity: Severity  # the heaviest among them
    findings: tuple[Finding, ...]

    @property
    def count(self) -> int:
        return sum(finding.count for finding in self.findings)

    @property
    def is_fixable(self) -> bool:
        return any(finding.fixable for finding in self.findings)


def grouped(findings: Iterable[Finding]) -> list[Group]:
    """By code, what weighs most first. A code that is in no catalogue has a group of its own too."""
    by_code: dict[str, list[Finding]] = {}
    for finding in findings:
        by_code.setdefault(finding.code, []).append(finding)
    groups = [
        Group(rule_of(code), min((one.severity for one in found), key=_WEIGHT.__getitem__), tuple(found))
        for code, found in by_code.items()
    ]
    return sorted(groups, key=lambda group: _WEIGHT[group.severity])
