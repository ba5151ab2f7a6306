"""When a document, a recording or a page on the web counts as completed."""

from django.utils.translation import gettext_lazy as _

from .setting import Setting

MEDIA = _("Media and links")

SETTINGS = (
    Setting(
        "MediaCompletion",
        MEDIA,
        _("Completed when"),
        "SEEN",
        (("OPENED", _("It was opened")), ("SEEN", _("Enough of it was seen")), ("END", _("Its end was reached"))),
        standards=("XAPI",),
        help=_(
            "Of courses that are a PDF, a video, a recording or a page on the web. A page that cannot tell how much "
            "of it was seen has a button for the learner to say so."
        ),
    ),
    Setting(
        "MediaCompletionPercent",
        MEDIA,
        _("Percent that is enough"),
        "90",
        maximum=100,
        standards=("XAPI",),
        help=_("Of the pages shown, or of the minutes really played: what was skipped does not count."),
    ),
)
