"""How static files are stored: hashed names, compressed, our modules importing one another by those names."""

from django.contrib.staticfiles.storage import HashedFilesMixin
from whitenoise.storage import CompressedManifestStaticFilesStorage

IMPORTS = HashedFilesMixin._js_module_import_aggregation_patterns[1]  # type: ignore[attr-defined]


class StaticFilesStorage(CompressedManifestStaticFilesStorage):
    """Rewrites the imports of our own modules too, so that a page never runs modules of two releases side by side.

    Django's own switch would rewrite what libraries bring as well, where it stumbles over examples in comments.
    """

    patterns = (*HashedFilesMixin.patterns, ("player/*.js", IMPORTS), ("js/*.js", IMPORTS))
