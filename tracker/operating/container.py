"""The backup file: a sealed ZIP of the database and its manifest, optionally encrypted."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import stat
import zipfile
import zlib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

import pyrage

from tracker.errors import TrackerError

# The version of the format of backups.
FORMAT_VERSION = 1
# The names of the two files in the archive.
MANIFEST_FILE, DATABASE_FILE = "manifest.json", "database"
# The first bytes of every file encrypted by age.
AGE_SIGNATURE = b"age-encryption.org/"
# Bytes read and written at once.
CHUNK_BYTES = 1024 * 1024
# The names of the temporary folders of backups begin with it.
WORKSPACE_PREFIX = "backup-"
# The length of the seal: the SHA-256, in hex, of all bytes of the ZIP archive before it. It is the
# comment of the archive, and so its last bytes.
ARCHIVE_DIGEST_LENGTH = 64
# The exceptions raised by reading a file that is not a backup.
UNREADABLE_ERRORS = (
    zipfile.BadZipFile, zlib.error, KeyError, ValueError, TypeError, AttributeError, EOFError,
    NotImplementedError,
)  # fmt: skip
# The mode of a file that only its owner can read and write.
OWNER_PERMISSIONS = stat.S_IRUSR | stat.S_IWUSR


class BackupError(TrackerError):
    """A backup cannot be made, read or restored; with a one-line message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupManifest:
    """The description of a backup. `kind`: sqlite or postgresql; `revision`: of the migrations;
    `counts`: the number of rows of each table; `head`: SEQ:HASH (number and hash) of the newest log
    entry; `taken_at`: when, in ISO format; `server`: the major version of PostgreSQL, 0 for SQLite;
    `format`: the version of the format of backups.
    """

    kind: str
    revision: str
    counts: dict[str, int]
    head: str
    taken_at: str
    # For choosing the tool that restores.
    server: int = 0
    format: int = FORMAT_VERSION


def pack_archive(database: Path, manifest: BackupManifest, archive: Path) -> None:
    """Write a database file and its manifest into a new archive with a digest at its end."""
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as file:
        file.writestr(MANIFEST_FILE, json.dumps(asdict(manifest), sort_keys=True, indent=1))
        file.write(database, DATABASE_FILE)
        file.comment = b"0" * ARCHIVE_DIGEST_LENGTH
    with archive.open("r+b") as written:
        seal = _compute_archive_digest(written)
        written.seek(-ARCHIVE_DIGEST_LENGTH, os.SEEK_END)
        written.write(seal)


def unpack_archive(archive: Path, folder: Path) -> tuple[BackupManifest, Path]:
    """Unpack an archive into a folder, and return its manifest and the path of the database file.
    Raise BackupError if the archive is cut off, changed, or of another format.
    """
    with archive.open("rb") as file:
        expected = _compute_archive_digest(file)
        if file.read(ARCHIVE_DIGEST_LENGTH) != expected:
            raise BackupError("This backup is cut off or was changed: its seal does not fit.")
    try:
        with zipfile.ZipFile(archive) as opened:
            fields = json.loads(opened.read(MANIFEST_FILE))
            if fields.get("format") != FORMAT_VERSION:
                raise BackupError("This backup has a form that this tracker does not know.")
            database = folder / DATABASE_FILE
            with opened.open(DATABASE_FILE) as packed, _create_private_file(database) as out:
                shutil.copyfileobj(packed, out, CHUNK_BYTES)
            return BackupManifest(**fields), database
    except UNREADABLE_ERRORS as error:
        raise BackupError("This is no backup of a tracker.") from error


def write_backup_file(archive: Path, target: Path, recipient: str | None) -> None:
    """Write an archive to its target, encrypted for a recipient if given, or raise BackupError.
    `recipient`: a public age key.
    """
    unfinished = target.with_name(target.name + ".part")
    try:
        with _create_private_file(unfinished) as out:
            with archive.open("rb") as file:
                if recipient is None:
                    shutil.copyfileobj(file, out, CHUNK_BYTES)
                else:
                    key = pyrage.x25519.Recipient.from_str(recipient)
                    pyrage.encrypt_io(file, out, [key])
            out.flush()
            os.fsync(out.fileno())
        require_new_target(target)
        unfinished.replace(target)
        _sync_folder(target.parent)
    except FileExistsError:
        raise BackupError(
            f"{unfinished} is there: another backup is being written, or one was interrupted. "
            "Remove it if none is."
        ) from None
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise


def require_new_target(target: Path) -> None:
    """Raise BackupError if the target exists."""
    if target.exists() or target.is_symlink():
        raise BackupError(f"{target} is there already; a backup is never written over anything.")


def open_archive(source: Path, folder: Path, identity: Path | None) -> Path:
    """Return the path of a backup's archive: the file itself, or a decrypted one in the folder.
    `identity`: the file of the private age key, None if the backup is not encrypted.
    """
    with source.open("rb") as file:
        if file.read(len(AGE_SIGNATURE)) != AGE_SIGNATURE:
            return source
        if identity is None:
            raise BackupError(
                "This backup is encrypted: name the file of its key, --identity FILE."
            )
        keys = _load_age_keys(identity)
        file.seek(0)
        archive = folder / "archive"
        with _create_private_file(archive) as out:
            try:
                pyrage.decrypt_io(file, out, keys)
            except (pyrage.DecryptError, OSError) as error:
                raise BackupError(
                    "This backup cannot be decrypted: it is not for this key, or it is cut off or "
                    "was changed."
                ) from error
        return archive


def _load_age_keys(identity: Path) -> list[pyrage.x25519.Identity]:
    """Return the keys of a file written by `age-keygen`: one key per line, and comments."""
    try:
        lines = identity.read_text(encoding="utf-8").split("\n")
        words = [line.strip() for line in lines]
        keys = [pyrage.x25519.Identity.from_str(word) for word in words if word and word[0] != "#"]
    except (OSError, ValueError, pyrage.IdentityError) as error:
        raise BackupError(f"{identity} is no file of an age key (AGE-SECRET-KEY-1…).") from error
    if not keys:
        raise BackupError(f"{identity} holds no age key (AGE-SECRET-KEY-1…).")
    return keys


def _compute_archive_digest(file: IO[bytes]) -> bytes:
    """Return the digest of all bytes of a file before its seal, and leave the position there."""
    size = file.seek(0, os.SEEK_END)
    if size <= ARCHIVE_DIGEST_LENGTH:
        raise BackupError("This backup is cut off.")
    file.seek(0)
    digest, left = hashlib.sha256(), size - ARCHIVE_DIGEST_LENGTH
    while left:
        chunk = file.read(min(CHUNK_BYTES, left))
        digest.update(chunk)
        left -= len(chunk)
    return digest.hexdigest().encode()


def _create_private_file(path: Path) -> IO[bytes]:
    """Create a new file, readable by its owner alone, and return it open for writing."""
    return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, OWNER_PERMISSIONS), "w+b")


def _sync_folder(folder: Path) -> None:
    """Write a folder's list of files to disk, so that a new name survives a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
