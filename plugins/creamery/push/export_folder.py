"""Where exported files lie: a folder of this machine, or any place that fsspec knows (s3://, sftp://, abfs:// ...).

A file appears whole or not at all. On this machine only its owner may read it; elsewhere the place's own rights hold.
Laid out as <warehouse>/<list>/<day>/<file>.
"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Any, Protocol

from fsspec.core import url_to_fs

from creamery.errors import ConfigError

# In the name of what is being written; where its process was killed it is left behind.
PARTIAL = ".partial"


class ExportFolder(Protocol):
    """Files of lists, by their place below the folder."""

    def address(self, place: PurePosixPath) -> str:
        """As people and programs find it."""
        ...

    def replaced(self, *places: PurePosixPath) -> "Replaced":
        """Private local paths to write to; on leaving without an error they take the places, in this order."""
        ...

    def remove(self, place: PurePosixPath) -> None:
        """Remove a file, an empty folder, or one that was left behind half written; nothing where there is none."""
        ...

    def names(self, place: PurePosixPath) -> list[str]:
        """What is in a folder; nothing where there is none."""
        ...


class Replaced(Protocol):
    def __enter__(self) -> list[Path]: ...

    def __exit__(self, *_: Any) -> bool | None: ...


class LocalFolder:
    """On this machine: written beside, then renamed."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def address(self, place: PurePosixPath) -> str:
        return str(self._root / place)

    @contextmanager
    def replaced(self, *places: PurePosixPath) -> Iterator[list[Path]]:
        targets = [self._root / place for place in places]
        for target in targets:
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryDirectory(prefix=f"{PARTIAL}-", dir=targets[0].parent) as private:
            written = [Path(private) / target.name for target in targets]
            for path in written:
                path.touch(mode=0o600)
            yield written
            for path, target in zip(written, targets, strict=True):
                path.replace(target)

    def remove(self, place: PurePosixPath) -> None:
        path = self._root / place
        if path.is_dir():
            if path.name.startswith(PARTIAL):
                shutil.rmtree(path)
            elif not any(path.iterdir()):
                path.rmdir()
        else:
            path.unlink(missing_ok=True)

    def names(self, place: PurePosixPath) -> list[str]:
        path = self._root / place
        return sorted(each.name for each in path.iterdir()) if path.is_dir() else []


class RemoteFolder:
    """Anywhere else: written on this machine, sent under another name, then renamed."""

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")
        try:
            self._files, self._root = url_to_fs(self._url)
        except (ImportError, ValueError) as error:
            raise ConfigError(
                f"CREAMERY_EXPORT_DIR {self._url.partition('://')[0]}://...: {error} Give a folder, or a URL whose "
                "fsspec package is installed where tasks run (docs/operations.md)."
            ) from error

    def address(self, place: PurePosixPath) -> str:
        return f"{self._url}/{place}"

    @contextmanager
    def replaced(self, *places: PurePosixPath) -> Iterator[list[Path]]:
        with tempfile.TemporaryDirectory(prefix="creamery-lists-") as private:
            written = [Path(private) / place.name for place in places]
            for path in written:
                path.touch(mode=0o600)
            yield written
            for path, place in zip(written, places, strict=True):
                self._send(path, place)

    def remove(self, place: PurePosixPath) -> None:
        path = self._path(place)
        if not self._files.exists(path):
            return  # object stores have no empty folders
        if self._files.isdir(path):
            if not self._files.ls(path, detail=False):
                self._files.rmdir(path)
        else:
            self._files.rm_file(path)

    def names(self, place: PurePosixPath) -> list[str]:
        path = self._path(place)
        if not self._files.isdir(path):
            return []
        # What another process wrote must not be missed: object stores' listings are cached.
        self._files.invalidate_cache()
        return sorted(PurePosixPath(each).name for each in self._files.ls(path, detail=False))

    def _send(self, path: Path, place: PurePosixPath) -> None:
        target = self._path(place)
        self._files.makedirs(self._path(place.parent), exist_ok=True)
        self._files.put_file(str(path), f"{target}{PARTIAL}")
        self._files.mv(f"{target}{PARTIAL}", target)

    def _path(self, place: PurePosixPath) -> str:
        return f"{self._root.rstrip('/')}/{place}"


def open_folder(setting: str) -> ExportFolder:
    """The folder that CREAMERY_EXPORT_DIR names. ConfigError where its kind is not known here."""
    if "://" not in setting:
        return LocalFolder(Path(setting))
    if setting.startswith("file://"):
        return LocalFolder(Path(setting.removeprefix("file://")))
    return RemoteFolder(setting)


def days_of(folder: ExportFolder, warehouse: str) -> Iterator[tuple[str, date]]:
    """Every list and day of a warehouse that has files."""
    for name in folder.names(PurePosixPath(warehouse)):
        for day in folder.names(PurePosixPath(warehouse, name)):
            try:
                yield name, date.fromisoformat(day)
            except ValueError:
                continue  # not ours
