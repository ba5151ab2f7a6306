"""When a document, a recording or a page on the web counts as completed."""

from .setting import Setting

MEDIA = "Media and links"

SETTINGS = (
    Setting(
        "MediaCompletion",
        MEDIA,
        "Completed when",
        "SEEN",
        (("OPENED", "It was opened"), ("SEEN", "Enough of it was seen"), ("END", "Its end was reached")),
        standards=("XAPI",),
        help="Of courses that are a PDF, a video, a recording or a page on the web. A page that cannot tell how much "
        "of it was seen has a button for the learner to say so.",
    ),
    Setting(
        "MediaCompletionPercent",
        MEDIA,
        "Percent that is enough",
        "90",
        maximum=100,
        standards=("XAPI",),
        help="Of the pages shown, or of the minutes really played: what was skipped does not count.",
    ),
)
