"""Properties pages: settings chosen at each level, where values come from, and what they change at a launch."""

import pytest
from django.urls import reverse

from realms.configuration.levels import SettingError, differing
from realms.services import configure_application
from registrations import services
from registrations.links import launch_url, read_link
from registrations.models import LaunchRecord
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def course(client):
    owner = make.user()
    realm = make.realm(owner)
    client.force_login(owner)
    return make.course("scorm12_two_scos", realm)


def address(course):
    return reverse("content:course_properties", args=[course.application.realm.slug, course.pk])


def sources(response):
    """Setting -> (value, where it comes from), as the page tells."""
    return {name: (item.value, item.source) for name, item in response.context["form"].items.items()}


def test_a_chosen_value_is_kept_and_an_empty_one_is_inherited(client, course):
    response = client.post(address(course), {"PlayerScoLaunchType": "NEW_WINDOW", "PlayerDesiredWidth": ""})

    course.refresh_from_db()
    assert response.status_code == 302
    assert course.settings == {"PlayerScoLaunchType": "NEW_WINDOW"}


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("PlayerShowNavBar", "yes", "one of YES, NO"),
        ("PlayerDesiredWidth", "-3", "a whole number from 0 to 10000"),
        ("PlayerDesiredWidth", "1e9", "a whole number from 0 to 10000"),
        ("PlayerDesiredWidth", "99999999999999999999", "a whole number from 0 to 10000"),
        ("PlayerScoLaunchType", "\0\ud800", "one of FRAMESET"),
    ],
)
def test_a_value_that_means_nothing_is_refused_with_the_values_allowed(client, course, name, value, allowed):
    response = client.post(address(course), {name: value.encode(errors="surrogatepass").decode(errors="replace")})

    course.refresh_from_db()
    assert (response.status_code, course.settings) == (422, {})
    assert f"{name} is {allowed}" in response.context["form"].errors[name][0]


def test_each_value_says_which_level_it_comes_from(client, course):
    application = course.application
    configure_application(application, {"PlayerDesiredWidth": "1", "PlayerDesiredHeight": "1", "PlayerTimeLimit": "1"})
    configure_application(application, {"PlayerDesiredHeight": "2", "PlayerTimeLimit": "2"}, of="SCORM12/multiScoOnly")
    configure_application(application, {"PlayerDesiredWidth": "9"}, of="SCORM12/singleScoOnly")
    course.settings = {"PlayerTimeLimit": "3"}
    course.save()

    found = sources(client.get(address(course)))

    assert found["PlayerDesiredWidth"] == ("1", "application")
    assert found["PlayerDesiredHeight"] == ("2", "learningStandardForApplication")
    assert found["PlayerTimeLimit"] == ("3", "course")
    assert found["PlayerRequiredWidth"] == ("0", "default")


def test_a_launch_plays_by_the_most_specific_level_and_keeps_what_it_began_with(client, course):
    registration = make.registration(course)
    instance = registration.instances.get()
    slug = course.application.realm.slug
    configure_application(course.application, {"PlayerDesiredWidth": "1", "PlayerRequiredWidth": "1"})
    version = reverse("content:version_properties", args=[slug, course.current_version_id])
    own = reverse("registrations:registration_properties", args=[slug, registration.pk])
    client.post(address(course), {"PlayerDesiredWidth": "2", "PlayerDesiredHeight": "2"})
    client.post(version, {"PlayerDesiredHeight": "3", "PlayerTimeLimit": "3"})
    client.post(own, {"PlayerTimeLimit": "4"})
    played = make.launch(registration)
    instance.settings = {"PlayerTimeLimit": "5"}
    instance.save()
    again = make.launch(registration)

    usual = differing([], "SCORM12")  # what SCORM 1.2 has otherwise than the table
    first, second = (LaunchRecord.objects.get(key=each.key).settings for each in (played, again))
    shared = {
        **usual,
        "PlayerDesiredWidth": "2",
        "PlayerDesiredHeight": "3",
        "PlayerRequiredWidth": "1",
    }
    assert first == {**shared, "PlayerTimeLimit": "4"}
    assert second == {**shared, "PlayerTimeLimit": "5"}
    assert sources(client.get(own))["PlayerDesiredHeight"] == ("3", "version")


def test_one_setting_is_reset_and_what_was_typed_elsewhere_is_kept(client, course):
    course.settings = {"PlayerDesiredWidth": "800", "PlayerTimeLimit": "5"}
    course.save()

    client.post(address(course), {"PlayerDesiredWidth": "800", "PlayerTimeLimit": "7", "reset": "PlayerDesiredWidth"})

    course.refresh_from_db()
    assert course.settings == {"PlayerTimeLimit": "7"}


def test_all_settings_are_reset_even_those_without_meaning_there(client, course):
    course.settings = {"PlayerDesiredWidth": "800", "PlayerScaleRawScore": "YES"}
    course.save()

    page = client.get(address(course))
    client.post(address(course), {"reset": "*"})

    course.refresh_from_db()
    assert page.context["hidden"] == ["PlayerScaleRawScore"]
    assert course.settings == {}


def test_what_the_page_does_not_show_stays(client, course):
    course.settings = {"PlayerScaleRawScore": "YES", "FromElsewhere": "1"}
    course.save()

    client.post(address(course), {"PlayerDesiredWidth": "800"})

    course.refresh_from_db()
    assert course.settings == {"PlayerScaleRawScore": "YES", "FromElsewhere": "1", "PlayerDesiredWidth": "800"}


def test_an_application_is_set_for_all_courses_and_for_one_kind(client, course):
    application = course.application
    page = reverse("realms:properties", args=[application.realm.slug, application.app_id])

    client.post(page, {"PlayerTimeLimit": "5"})
    client.post(f"{page}?standard=SCORM12/multiScoOnly", {"PlayerTimeLimit": "6"})
    found = sources(client.get(f"{page}?standard=SCORM12/multiScoOnly"))

    application.refresh_from_db()
    assert application.settings == {"PlayerTimeLimit": "5"}
    assert application.standard_settings == {"SCORM12/multiScoOnly": {"PlayerTimeLimit": "6"}}
    assert found["PlayerTimeLimit"] == ("6", "learningStandardForApplication")
    assert "PlayerScaleRawScore" not in found
    assert "WhenToRestartRegistration" not in found
    assert client.get(f"{page}?standard=SCORM13").status_code == 404


def test_a_setting_of_courses_alone_is_refused_for_an_application(course):
    with pytest.raises(SettingError, match="WhenToRestartRegistration cannot be set for the application"):
        configure_application(course.application, {"WhenToRestartRegistration": "NEVER"})


@pytest.mark.parametrize("several", [False, True])
def test_a_page_asks_the_same_few_questions_however_much_is_set(client, course, django_assert_max_num_queries, several):
    course.settings = (
        {"PlayerTimeLimit": "5"}
        if not several
        else dict.fromkeys(("PlayerTimeLimit", "PlayerDesiredWidth", "PlayerDesiredHeight"), "5")
    )
    course.save()
    client.get(address(course))

    with django_assert_max_num_queries(9):
        client.get(address(course))


def test_a_launch_reads_all_levels_in_one_query(course, django_assert_num_queries):
    registration = make.registration(course)
    link = launch_url(registration)
    make.launch(registration)

    with django_assert_num_queries(4):  # the instance with all above it, the launch itself, and the savepoint around
        services.begin_launch(read_link(link.rstrip("/").rpartition("/")[2]), services.Visitor())


def test_the_player_is_told_of_window_size_and_saving(client, course, settings):
    course.settings = {
        "PlayerScoLaunchType": "NEW_WINDOW",
        "PlayerDesiredWidth": "800",
        "PlayerCommitWaitsForServer": "YES",
        "PlayerCommCommitFrequency": "2000",
    }
    course.save()

    link = launch_url(make.registration(course)).removeprefix(settings.CONTENT_ORIGIN)
    page = client.get(link, headers={"host": settings.CONTENT_ORIGIN.removeprefix("http://")}, follow=True)

    config = page.context["config"]
    assert (config["window"], config["size"]["width"]) == ("NEW_WINDOW", 800)
    assert (config["waitForServer"], config["commitMilliseconds"]) == (True, 2000)


def test_the_rollup_of_a_course_follows_its_settings(course):
    course.settings = {"PlayerStatusRollupModeValue": "STATUS_PROVIDED_BY_COURSE"}
    course.save()
    registration = make.registration(course)

    make.launch(registration).report(lesson_status="completed")

    registration.refresh_from_db()
    assert registration.completion == "completed"


def test_a_stranger_finds_no_properties(client, course):
    registration = make.registration(course)
    stranger = make.user()
    make.realm(stranger)
    client.force_login(stranger)
    slug = course.application.realm.slug

    pages = [
        address(course),
        reverse("content:version_properties", args=[slug, course.current_version_id]),
        reverse("registrations:registration_properties", args=[slug, registration.pk]),
        reverse("realms:properties", args=[slug, course.application.app_id]),
    ]
    assert [client.get(page).status_code for page in pages] == [404] * 4
