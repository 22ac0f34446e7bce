"""Where lists are written, as tasks call it."""

import os

from creamery.errors import ConfigError
from creamery.push.export_folder import ExportFolder, open_folder


def export_folder() -> ExportFolder:
    """The place that CREAMERY_EXPORT_DIR names; ConfigError where it is not set, or of a kind not known here."""
    setting = os.environ.get("CREAMERY_EXPORT_DIR")
    if not setting:
        raise ConfigError("CREAMERY_EXPORT_DIR is not set: the folder for exported lists (docs/operations.md).")
    return open_folder(setting)
