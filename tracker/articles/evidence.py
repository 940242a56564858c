"""Build a ZIP of the originals of a record's sources; `sha256sum -c SHA256SUMS` verifies it."""

from __future__ import annotations

import hashlib
import json
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from itertools import chain
from typing import IO

# Larger ZIPs are written to a temporary file.
MAX_BYTES_IN_MEMORY = 2 * 1024 * 1024
# A ZIP is sent in chunks of so many bytes.
CHUNK_BYTES = 64 * 1024
# The extensions of the original files of articles in the ZIP, by media type.
FILE_EXTENSIONS = {"text/html": "html", "text/plain": "txt", "application/pdf": "pdf"}


@dataclass(frozen=True, slots=True)
class ManifestSource:
    """A source as it is described in `manifest.json`, the list of sources in the ZIP. `sha256` and
    `media_type` are those of the original file, "" if the ZIP does not contain it.
    """

    ref: str
    kind: str
    title: str
    publisher: str
    published: str
    url: str
    archive_url: str
    captured_on: date | None
    checked_on: date | None
    check_result: str
    retrieved_at: datetime | None
    sha256: str
    media_type: str
    quotes: list[str] = field(default_factory=list)

    @property
    def file_name(self) -> str:
        """The name of the original file in the ZIP, "" if the ZIP does not contain it."""
        return original_file_name(self.ref, self.media_type) if self.sha256 else ""


def original_file_name(ref: str, media_type: str) -> str:
    """Return the file name of an original in the ZIP, from the ref of its source."""
    return f"originals/{ref}.{FILE_EXTENSIONS.get(media_type, 'bin')}"


def pack_originals(
    record_ref: str,
    sources: Iterable[tuple[ManifestSource, bytes]],
    extra_files: Mapping[str, bytes] | None = None,
) -> IO[bytes]:
    """Return an open ZIP file of the original files of sources, with `manifest.json` and
    `SHA256SUMS`. `sources`: each source with the content of its original file, b"" for none;
    `extra_files`: contents of further files by name, which get checksums too.

    One original is in memory at a time.
    """
    with ExitStack() as open_still:
        made: IO[bytes] = open_still.enter_context(
            tempfile.SpooledTemporaryFile(max_size=MAX_BYTES_IN_MEMORY)
        )
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as packed:
            _write_package(packed, record_ref, sources, extra_files or {})
        made.seek(0)
        # The caller closes the file from here on.
        open_still.pop_all()
    return made


def _write_package(
    packed: zipfile.ZipFile,
    record_ref: str,
    sources: Iterable[tuple[ManifestSource, bytes]],
    extra_files: Mapping[str, bytes],
) -> None:
    """Write the files, the manifest and the checksums into an open ZIP file."""
    listed, sums = [], []

    def put(name: str, content: bytes) -> None:
        packed.writestr(_build_zip_entry(name), content)
        sums.append(f"{hashlib.sha256(content).hexdigest()}  {name}")

    for name, content in extra_files.items():
        put(name, content)
    for source, content in sources:
        listed.append({**asdict(source), "file": source.file_name, "size": len(content)})
        if source.file_name:
            put(source.file_name, content)
    about = {"record": record_ref, "sources": listed}
    put("manifest.json", json.dumps(about, ensure_ascii=False, indent=1, default=str).encode())
    packed.writestr(_build_zip_entry("SHA256SUMS"), "\n".join(sums) + "\n")


def iter_file_chunks(file: IO[bytes]) -> Iterator[bytes]:
    """Return an iterator over the chunks of a file, which closes the file when it ends."""
    found = _read_chunks(file)
    # Started here, since a generator that never started closes nothing.
    first = next(found)
    return chain([first], found)


def _read_chunks(file: IO[bytes]) -> Iterator[bytes]:
    """Yield the content of a file in chunks, then close the file."""
    with file:
        while piece := file.read(CHUNK_BYTES):
            yield piece


def _build_zip_entry(name: str) -> zipfile.ZipInfo:
    """Return a ZIP entry with a fixed time, so that the same sources give the same file."""
    entry = zipfile.ZipInfo(name)
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry
