"""The official Python client, unmodified, against the running product: learners."""

import time
import uuid

import pytest
import rustici_software_cloud_v2 as official
from rustici_software_cloud_v2.rest import ApiException

from tests.api.conftest import Served
from tests.api.test_python_client import refused, uploaded
from tests.packages import package_zip

pytestmark = pytest.mark.services


def test_learners(served: Served, tmp_path):
    path = tmp_path / "golf.zip"
    path.write_bytes(package_zip("scorm12_single"))
    course_id, learner_id = uploaded(served, str(path), f"golf-{uuid.uuid4()}"), f"ada/ä+% {uuid.uuid4()}"
    served.cloud.manage("launch_link", course_id, "--learner", learner_id, "--application", served.app_id)
    learners = official.LearnerApi(served.client())

    learners.put_learner_tags(learner_id, official.TagListSchema(tags=["a", "b"]))
    learners.put_learner_tags_batch(official.BatchTagsSchema(ids=[learner_id], tags=["c"]))
    learners.delete_learner_tags(learner_id, official.TagListSchema(tags=["b"]))
    assert learners.get_learner_tags(learner_id).tags == ["a", "c"]
    learners.update_learner_info(learner_id, official.LearnerSchema(id=learner_id, first_name="Ada"))

    assert refused(learners.delete_all_learner_data, learner_id, "nobody@example.com")[0] == 403
    learners.delete_all_learner_data(learner_id, "olga@example.com")
    give_up = time.monotonic() + 60
    while is_known(learners, learner_id):
        assert time.monotonic() < give_up
        time.sleep(0.2)


def is_known(learners: official.LearnerApi, learner_id: str) -> bool:
    try:
        return learners.get_learner_tags(learner_id) is not None
    except ApiException as error:
        if error.status != 404:
            raise
        return False
