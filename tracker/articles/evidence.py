"""The originals of a record's sources in one file that proves itself: `sha256sum -c SHA256SUMS`."""

from __future__ import annotations

import hashlib
import json
import tempfile
import zipfile
from dataclasses import asdict, dataclass, field
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

# What is larger goes to the disk while it is packed.
IN_MEMORY = 2 * 1024 * 1024
ENDINGS = {"text/html": "html", "text/plain": "txt", "application/pdf": "pdf"}


@dataclass(frozen=True, slots=True)
class Source:
    """A source as the manifest gives it; `sha256` and `media_type` are "" without an original."""

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
    retrieved_at: datetime
    sha256: str
    media_type: str
    quotes: list[str] = field(default_factory=list)

    @property
    def file(self) -> str:
        """Return the name of the original in the package: made of nothing but the ref."""
        return f"originals/{self.ref}.{ENDINGS.get(self.media_type, 'bin')}" if self.sha256 else ""


def pack(record: str, sources: Iterable[tuple[Source, bytes]]) -> IO[bytes]:
    """Return a ZIP of the originals with `manifest.json` and `SHA256SUMS`, at its beginning.

    One original is in memory at a time; a source without one stands in the manifest alone.
    """
    made: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 (the caller closes it)
    listed, sums = [], []
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as packed:
        for source, content in sources:
            listed.append({**asdict(source), "file": source.file, "size": len(content)})
            if source.file:
                packed.writestr(_entry(source.file), content)
                sums.append(f"{hashlib.sha256(content).hexdigest()}  {source.file}")
        manifest = json.dumps(
            {"record": record, "sources": listed}, ensure_ascii=False, indent=1, default=str
        ).encode()
        packed.writestr(_entry("manifest.json"), manifest)
        sums.append(f"{hashlib.sha256(manifest).hexdigest()}  manifest.json")
        packed.writestr(_entry("SHA256SUMS"), "\n".join(sums) + "\n")
    made.seek(0)
    return made


def _entry(name: str) -> zipfile.ZipInfo:
    """Return an entry without the hour of its packing: the same sources give the same bytes."""
    entry = zipfile.ZipInfo(name)
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry
