"""A running product, and the official Python client pointed at it: nothing of the client is changed but its host."""

import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import rustici_software_cloud_v2 as official

from tests.services import PATIENCE, Cloud


@dataclass(frozen=True)
class Served:
    """The product, and the ids and keys of an application and of the management application of its realm."""

    cloud: Cloud
    app_id: str
    secret: str
    manager_id: str
    manager_secret: str

    def client(self, app_id: str = "", secret: str = "", token: str = "") -> official.ApiClient:
        """The official client; without a name that of the application."""
        configuration = official.Configuration()
        configuration.host = f"{self.cloud.console}/api/v2/"  # the client's own ends in a slash, too
        if token:
            configuration.access_token = token
        else:
            configuration.username, configuration.password = app_id or self.app_id, secret or self.secret
        return official.ApiClient(configuration)

    def manager(self) -> official.ApiClient:
        return self.client(self.manager_id, self.manager_secret)

    def imported(self, job_id: str) -> official.ImportJobResultSchema:
        """The job, once it is over."""
        courses = official.CourseApi(self.client())
        give_up = time.monotonic() + PATIENCE
        while (job := courses.get_import_job_status(job_id)).status == "RUNNING":
            assert time.monotonic() < give_up, f"{job}\n{self.cloud.log()[-5000:]}"
            time.sleep(0.2)
        return job


@pytest.fixture(scope="session")
def served() -> Iterator[Served]:
    """One for all tests with the official clients; addresses of this machine may be fetched from and posted to."""
    with tempfile.TemporaryDirectory(prefix="scormcloud-api-", ignore_cleanup_errors=True) as folder:
        allowed = {"FETCH_ALLOWED_HOSTS": "127.0.0.1", "API_REQUESTS_PER_MINUTE": "0"}
        cloud = Cloud(Path(folder) / "data", environment=allowed).start()
        try:
            made = cloud.account()
            application = made["applications"][-1]
            words = ("create_application", made["realm"]["id"], "App Management", "--management")
            manager = cloud.manage_json(*words)
            yield Served(cloud, application["id"], application["secret"], manager["id"], manager["secret"])
        finally:
            cloud.stop()
