"""ImportPostback: the result of an import, owed to whoever asked for it. KeyedRequest: a request to be done once."""

from django.db import models

from content.models import ImportJob
from realms.models import Application
from webhooks.models import DeliveryColumns


class ImportPostback(DeliveryColumns):
    """Due once the import is over; its result is read when it is sent."""

    job = models.OneToOneField(ImportJob, on_delete=models.CASCADE, related_name="postback")

    class Meta:
        indexes = [models.Index(fields=["due"], condition=models.Q(due__isnull=False), name="import_postbacks_due")]

    def __str__(self) -> str:
        return f"{self.job_id} to {self.url}"


class KeyedRequest(models.Model):
    """A request that came with an Idempotency-Key, and what it was answered: nothing yet while it is under way.

    The answer may hold a secret: it is encrypted under the caller's key, of which only a hash is here.
    """

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="+")
    key_hash = models.CharField(max_length=64)
    fingerprint = models.CharField(max_length=64)  # of what was asked
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    body = models.BinaryField(blank=True, default=b"")
    created = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["application", "key_hash"], name="one_request_a_key")]

    def __str__(self) -> str:
        return f"{self.key_hash[:8]} of {self.application_id}"
