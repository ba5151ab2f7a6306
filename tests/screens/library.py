"""The courses of the realm that is pictured, and imports in every state."""

from datetime import timedelta
from typing import Any

from accounts.models import User
from content import importer, storage
from content import services as content
from content.models import Course, CourseVersion, ImportJob, Upload
from content.sample import FOLDER as SAMPLE
from content.services import Wish
from content.versions import Change, put_file
from realms.models import Realm
from tests import make
from tests.content.packages import MANIFEST, zip_of
from tests.media import mp4, pdf
from tests.packages import package_zip
from tests.standards.aicc.packages import course_zip as aicc_zip
from tests.standards.cmi5.build import course_zip as cmi5_zip

from .things import LONG, NOW, SUBJECTS, House, Page, ago


def scorm12(title: str, chapters: list[tuple[str, list[str]]]) -> bytes:
    """A SCORM 1.2 package with a chapter of each title and its lessons."""
    items, resources, number = [], [], 0
    for place, (chapter, lessons) in enumerate(chapters):
        inner = ""
        for lesson in lessons:
            number += 1
            inner += f'<item identifier="L{number}" identifierref="R{number}"><title>{lesson}</title></item>'
            resources.append(
                f'<resource identifier="R{number}" type="webcontent" adlcp:scormtype="sco"'
                f' href="lesson.html?page={number}"><file href="lesson.html"/></resource>'
            )
        items.append(f'<item identifier="C{place}"><title>{chapter}</title>{inner}</item>')
    manifest = (
        '<manifest identifier="M" xmlns="http://www.imsproject.org/xsd/imscp_rootv1p1p2"'
        ' xmlns:adlcp="http://www.adlnet.org/xsd/adlcp_rootv1p2"><metadata><schema>ADL SCORM</schema>'
        '<schemaversion>1.2</schemaversion></metadata><organizations default="O"><organization identifier="O">'
        f"<title>{title}</title>{''.join(items)}</organization></organizations>"
        f"<resources>{''.join(resources)}</resources></manifest>"
    )
    pages = {path.name: path.read_bytes() for path in SAMPLE.iterdir() if path.is_file()}
    return zip_of(pages | {"imsmanifest.xml": manifest})


def sample_zip() -> bytes:
    return zip_of({path.name: path.read_bytes() for path in sorted(SAMPLE.iterdir()) if path.is_file()})


def mendable_zip() -> bytes:
    """A package that works, with two findings that can be fixed."""
    manifest = MANIFEST.format(title="Knots").replace('href="index.html"', 'href="INDEX.HTML"')
    return zip_of({"imsmanifest.xml": manifest.replace('default="O"', 'default="P"'), "index.html": "<p>Hello"})


def fill_library(house: House, realm: Realm, owner: User) -> dict[str, Course]:
    """Courses of every standard, one of many items, some seventy altogether."""
    wish = {"user_id": owner.pk}
    chapters = [
        (f"Chapter {number}: {SUBJECTS[number]}", [f"Lesson {number}.{part}" for part in range(1, 7)])
        for number in range(5)
    ]
    many_items = [
        (f"Module {number}", [f"Unit {number}.{part}: {SUBJECTS[part % 16]}" for part in range(1, 20)])
        for number in range(1, 16)
    ]
    made = {
        "sample": make.course_of_zip(sample_zip(), realm, "night-sky.zip", course_id="night-sky", **wish),
        "chapters": make.course_of_zip(
            scorm12("Safety on the quay", chapters), realm, "safety.zip", course_id="safety", **wish
        ),
        "large": make.course_of_zip(
            scorm12("The complete seamanship course", many_items),
            realm,
            "seamanship.zip",
            course_id="seamanship",
            **wish,
        ),
        "sequenced": make.course("scorm2004_multi", realm, course_id="navigation-2004", **wish),
        "prerequisites": make.course("scorm12_prerequisites", realm, course_id="prerequisites", **wish),
        "aicc": make.course_of_zip(aicc_zip(), realm, "cranes.zip", course_id="cranes-aicc", **wish),
        "cmi5": make.course_of_zip(cmi5_zip(), realm, "geology.zip", course_id="geology-cmi5", **wish),
        "pdf": make.course_of_zip(
            pdf(4, "Harbour rules"), realm, "harbour-rules.pdf", course_id="harbour-rules", **wish
        ),
        "film": make.course_of_zip(mp4(3), realm, "mooring.mp4", course_id="mooring-film", **wish),
        "mendable": make.course_of_zip(mendable_zip(), realm, "knots.zip", course_id="knots", **wish),
    }
    for name, title in (
        ("sequenced", "Navigation, sequenced"),
        ("aicc", "Crane operation"),
        ("film", "Mooring (film)"),
    ):
        content.rename_course(made[name], title)
    for course, words in (
        (made["sample"], ("astronomy", "sample")),
        (made["chapters"], ("mandatory", "safety", "2026")),
        (made["sequenced"], ("nautical",)),
        (made["pdf"], ("mandatory",)),
    ):
        content.add_tags(course, words)
    make.course_of_zip(sample_zip(), realm, "night-sky-2.zip", course_id="night-sky", may_create_version=True, **wish)
    made["sample"].refresh_from_db()
    put_file(
        made["sample"].current_version, "notes/teacher.txt", [b"Bring a torch with red glass.\n" * 20], Change(owner.pk)
    )
    put_file(
        made["sample"].current_version,
        "sample.css",
        [(SAMPLE / "sample.css").read_bytes(), b"h1 { color: navy }\n"],
        Change(owner.pk, "strict", "keep"),
    )
    _copies(realm, made["chapters"])
    house.things |= {
        "courses/<int:pk>": made["sample"].pk,
        "versions/<int:pk>": made["sample"].current_version.pk,
        "files/<int:file_pk>": made["sample"].current_version.files.get(path="lesson.html").pk,
    }
    house.whole["content:repair"] = f"/r/{realm.slug}/versions/{made['mendable'].current_version.pk}/repair/"
    house.whole["content:version_delete"] = (
        f"/r/{realm.slug}/versions/{made['sample'].versions.order_by('number').first().pk}/delete/"
    )
    return made


def _copies(realm: Realm, original: Course) -> None:
    """Sixty more courses that share one structure."""
    version = original.current_version
    copied = {
        each.name: getattr(version, each.name)
        for each in CourseVersion._meta.concrete_fields
        if each.name not in ("id", "key", "course", "archive", "title")
    }
    for number in range(60):
        title = f"{SUBJECTS[number % 16]}{'' if number < 16 else f', part {number // 16 + 1}'}"
        standard = ("SCORM12", "SCORM20044THEDITION", "CMI5", "AICC")[number % 4]
        course = Course.objects.create(
            application=original.application, course_id=f"course-{number + 1:02}", title=title, standard=standard
        )
        course.current_version = CourseVersion.objects.create(
            **copied | {"standard": standard, "archive_size": 2_000_000 + 7_654_321 * number},
            course=course,
            title=title,
            archive=f"none/{number}",
        )
        course.save()
        Course.objects.filter(pk=course.pk).update(created=ago(days=3 + number), updated=ago(days=3 + number))
        content.add_tags(course, ("mandatory",) if number % 3 == 0 else ("optional", "2026") if number % 3 == 1 else ())


def fill_imports(house: House, realm: Realm, owner: User) -> None:
    """Imports that run, wait, failed and were refused; an upload on its way."""
    application = realm.applications.get(is_internal=True)
    broken = package_zip("scorm12_single").replace(b"imsmanifest.xml", b"imsmanifest.txt")
    failed = content.start_import(application, _kept(broken, "no-manifest.zip"), "evacuation-plan.zip", Wish(owner.pk))
    content.start_import(
        application, _kept(b"PK not at all", "not-a-zip.zip"), f"Schulung_{LONG}_final_v2_NEU(3).zip", Wish(owner.pk)
    )
    refused = zip_of({"imsmanifest.xml": MANIFEST.format(title="Knots & bends"), "index.html": "<p>Hello"})
    bends = content.start_import(application, _kept(refused, "bends.zip"), "knots-and-bends.zip", Wish(owner.pk))
    importer.run(bends.pk)
    running = ImportJob.objects.create(
        application=application,
        created_by=owner,
        file_name="cargo-handling.zip",
        state="running",
        size=412_000_000,
        stage="Reading the manifest",
        percent=63,
        attempts=1,
        lease_until=NOW + timedelta(days=2),
    )
    ImportJob.objects.create(
        application=application,
        created_by=owner,
        file_name="radio-licence.zip",
        size=98_000_000,
        state="waiting",
        lease_until=NOW + timedelta(days=2),
    )
    done = ImportJob.objects.filter(state="complete")
    done.update(created=ago(days=3), finished=ago(days=3))
    upload = Upload.objects.create(application=application, user=owner, file_name="half.zip", length=10, received=5)
    house.things |= {"imports/<uuid:job_id>": failed.pk, "uploads/<uuid:upload_id>": upload.pk}
    house.whole["content:repair_import"] = f"/r/{realm.slug}/imports/{bends.pk}/repair/"
    house.more.append(Page("content-job-running", f"/r/{realm.slug}/imports/{running.pk}/", "owner"))


def _kept(data: bytes, name: str) -> Any:
    path = storage.upload_folder() / name
    path.write_bytes(data)
    return path
