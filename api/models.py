"""ImportPostback: the result of an import, owed to whoever asked for it to be posted."""

from django.db import models

from content.models import ImportJob
from webhooks.models import DeliveryColumns


class ImportPostback(DeliveryColumns):
    """Due once the import is over; its result is read when it is sent."""

    job = models.OneToOneField(ImportJob, on_delete=models.CASCADE, related_name="postback")

    class Meta:
        indexes = [models.Index(fields=["due"], condition=models.Q(due__isnull=False), name="import_postbacks_due")]

    def __str__(self) -> str:
        return f"{self.job_id} to {self.url}"
