"""Course Properties: settings that are chosen, and what they change."""

import pytest
from django.urls import reverse

from registrations.links import launch_url
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


def test_a_chosen_value_is_kept_and_an_empty_one_is_the_default(client, course):
    response = client.post(address(course), {"PlayerScoLaunchType": "NEW_WINDOW", "PlayerDesiredWidth": ""})

    course.refresh_from_db()
    assert response.status_code == 302
    assert course.settings == {"PlayerScoLaunchType": "NEW_WINDOW"}


@pytest.mark.parametrize(
    ("name", "value"), [("PlayerScoLaunchType", "POPUP"), ("PlayerDesiredWidth", "-3"), ("PlayerDesiredWidth", "1e9")]
)
def test_a_value_that_means_nothing_is_refused_beside_its_field(client, course, name, value):
    response = client.post(address(course), {name: value})

    course.refresh_from_db()
    assert (response.status_code, course.settings) == (422, {})
    assert response.context["form"].errors[name]


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
    assert (config["window"], config["size"]) == ("new", {"width": 800, "height": 0})
    assert (config["waitForServer"], config["commitMilliseconds"]) == (True, 2000)


def test_the_rollup_of_a_course_follows_its_settings(course):
    course.settings = {"PlayerStatusRollupModeValue": "STATUS_PROVIDED_BY_COURSE"}
    course.save()
    registration = make.registration(course)

    make.launch(registration).report(lesson_status="completed")

    registration.refresh_from_db()
    assert registration.completion == "completed"


def test_a_stranger_finds_no_properties(client, course):
    stranger = make.user()
    make.realm(stranger)
    client.force_login(stranger)

    assert client.get(address(course)).status_code == 404
