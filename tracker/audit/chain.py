"""The hash chain of the audit log, its MACs, its keys, and commitments to confidential values.

Keys and the accepted unsigned entries are stored outside the database. A commitment can prove later
what a confidential value was, and does not reveal it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Callable, Container, Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from tracker.config import ACCEPTED_HEADS_FILE, AUDIT_KEYS_FILE, Settings
from tracker.errors import BadSettings

# The value of `previous_hash` in the first entry, which has no entry before it.
HASH_BEFORE_FIRST_ENTRY = "0" * 64
# The parts of an entry that its hash covers.
HASHED_FIELDS = (
    "previous_hash", "sequence", "at", "actor", "action", "subject", "changes", "row_digest"
)  # fmt: skip
# The actions of two entries: of the seal, which lists the entries older than MACs, and of the first
# entry that a new key signs.
SEAL_ACTION, ROTATE_ACTION = "audit:seal", "audit:rotate-key"
# The action of the entry of a database upgrade, which lists the new tables and columns.
UPGRADE_ACTION = "audit:upgrade"
# The encoder of `canonical_json`. It does not look for circular references, since values of rows
# have none.
JSON_ENCODER = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, check_circular=False
)
# The key of a name in the `changes` of an entry on confidential values. The name, as `part_name`
# returns it, is of the part of a record, such as a target, that has the values. The key is absent
# if the record itself has them.
PART_NAME_FIELD = "part"
# Random bytes of a new key for MACs.
KEY_BYTES = 32
# Hexadecimal digits of the id of a key.
KEY_ID_LENGTH = 16
# Unsigned entries (without a MAC) are named by SEQ:HASH, the sequence number and hash of the last
# one. This is the SEQ:HASH of a log without unsigned entries: it is empty, or all are signed.
EMPTY_LOG_HEAD = f"0:{HASH_BEFORE_FIRST_ENTRY}"


def canonical_json(value: Any) -> str:  # noqa: ANN401 (any JSON value)
    """Return the canonical JSON text of a value: sorted keys, no spaces, non-ASCII unescaped."""
    return JSON_ENCODER.encode(value)


def json_digest(value: Any) -> str:  # noqa: ANN401 (any JSON value)
    """Return the SHA-256 of a JSON value, in hex."""
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()


def entry_hash(
    *,
    previous_hash: str,
    sequence: int,
    at: datetime,
    actor: str,
    action: str,
    subject: str,
    changes: dict[str, Any],
    row_digest: str | None = None,
) -> str:
    """Return the SHA-256 of a log entry in hex, computed from all parameters. `previous_hash`: the
    hash of the entry before; `row_digest`: the digest of all values of the record, None without a
    record; the other parameters are columns of `AuditEvent`.
    """
    end = entry_end_json(action, subject, changes, row_digest)
    return hash_entry_json(previous_hash, sequence, entry_start_json(at, actor), end)


def entry_start_json(at: datetime, actor: str) -> str:
    """Return time and actor of an entry as the JSON text that `hash_entry_json` takes as `start`:
    two values separated by a comma.
    """
    return canonical_json([at.isoformat(), actor])[1:-1]


def entry_end_json(
    action: str, subject: str, changes: dict[str, Any], row_digest: str | None
) -> str:
    """Return the last values of an entry as the JSON text that `hash_entry_json` takes as `end`:
    action, subject, changes and `row_digest` (the digest of the record, left out if None),
    separated by commas, and a closing bracket.
    """
    said = [action, subject, changes]
    return canonical_json(said if row_digest is None else [*said, row_digest])[1:]


def hash_entry_json(previous_hash: str, sequence: int, start: str, end: str) -> str:
    """Return the hash of an entry, as `entry_hash` does, if its values are JSON text already.
    `start` and `end`: the texts that `entry_start_json` and `entry_end_json` return.
    """
    return hashlib.sha256(f'["{previous_hash}",{sequence},{start},{end}'.encode()).hexdigest()


def compute_mac(key: str, entry_hash: str) -> str:
    """Return the MAC of an entry: HMAC-SHA256 over its hash, in hex."""
    return hmac.digest(key.encode(), entry_hash.encode(), "sha256").hex()


def find_first_break(
    entries: Iterable[Any],
    keys: Mapping[str, str] | None = None,
    accepted_heads: Container[str] | None = None,
) -> ChainBreak | None:
    """Return the `ChainBreak` of the first invalid log entry, None if all `entries` are valid.
    `keys`: the keys for MACs by id, None to check no MAC. `accepted_heads`: SEQ:HASH (sequence
    number and hash) of each entry that may be the last one without a MAC, None to allow any.
    """
    check = ChainCheck(keys, accepted_heads)
    for _entry in check.valid_entries(entries):
        pass
    return check.found


@dataclass(frozen=True, slots=True)
class ChainBreak:
    """The first invalid entry of a log. `sequence`: its number; `reason`: what is wrong; `kind`:
    "broken" if a number or hash does not continue the chain of entries, "forged" if a MAC is
    missing or wrong, or made with an unexpected key.
    """

    sequence: int
    reason: str
    kind: str = "broken"

    def __str__(self) -> str:
        return f"{self.kind} at {self.sequence}: {self.reason}"


class ChainCheck:
    """A check of the hashes and MACs of log entries, in their order. `keys`: the keys for MACs by
    id, the newest last, None to check no MAC. `accepted_heads`: SEQ:HASH (sequence number and hash)
    of each entry that may be the last one without a MAC, None to allow any.

    Entries without a MAC are older than MACs: one entry, the seal, lists them, and none comes after
    it. The key changes only with an entry under the new key that names both. Entries under missing
    keys can only come before all that can be checked.
    """

    def __init__(
        self, keys: Mapping[str, str] | None, accepted_heads: Container[str] | None = None
    ) -> None:
        self.keys, self.accepted_heads = keys, accepted_heads
        self.found: ChainBreak | None = None
        self.sequence, self.hash = 0, HASH_BEFORE_FIRST_ENTRY
        self.key_id: str | None = None
        # The last entry without a MAC, and the last entry with a MAC of a missing key.
        self.unsigned = self.unchecked = 0
        self._was_checked = False

    def valid_entries(self, entries: Iterable[Any]) -> Generator[Any]:
        """Yield each valid entry; stop at the first invalid one, and store its `ChainBreak` in
        `found`, which stays None if all are valid.
        """
        for entry in entries:
            try:
                self.found = self._find_break(entry) or self._find_forgery(entry)
            except (TypeError, ValueError, AttributeError):
                self.found = ChainBreak(self.sequence + 1, "it cannot be read")
            if self.found is not None:
                return
            yield entry
            self.sequence, self.hash = entry.sequence, entry.hash
        if self.keys is not None and self.unsigned and self.key_id is None:
            self.found = ChainBreak(1, "it has no MAC, and no entry seals it", "forged")
        elif self.keys and self.key_id in self.keys and self.key_id != [*self.keys][-1]:
            why = (
                f"it is the newest and signed with the key {self.key_id}, though a newer key is "
                "here: the log was cut, or a change of the key did not finish"
            )
            self.found = ChainBreak(self.sequence, why, "forged")

    def _find_break(self, entry: Any) -> ChainBreak | None:  # noqa: ANN401 (an entry, whole or as columns)
        """Return a `ChainBreak` if the number or a hash of an entry does not continue the chain."""
        if entry.sequence != self.sequence + 1:
            return ChainBreak(self.sequence + 1, "an entry is missing")
        if entry.previous_hash != self.hash:
            return ChainBreak(entry.sequence, "it does not follow the entry before")
        parts = {name: getattr(entry, name) for name in HASHED_FIELDS}
        if not isinstance(entry.changes, dict) or entry_hash(**parts) != entry.hash:
            return ChainBreak(entry.sequence, "its content was changed")
        return None

    def _find_forgery(self, entry: Any) -> ChainBreak | None:  # noqa: ANN401 (as above)
        """Return a `ChainBreak` if the MAC of an entry, or the key that made the MAC, is wrong;
        None if both are right, or if no MACs are checked (`self.keys` is None).
        """
        if self.keys is None:
            return None
        why = self._forgery_reason(entry, self.keys)
        return ChainBreak(entry.sequence, why, "forged") if why else None

    def _forgery_reason(self, entry: Any, keys: Mapping[str, str]) -> str:  # noqa: ANN401 (as above)
        """Return why the MAC of an entry, or the key that made the MAC, is wrong; "" if neither is.
        `keys`: the keys for MACs by id.
        """
        if entry.mac is None or entry.key_id is None:
            self.unsigned = entry.sequence
            return "it has no MAC" if self.key_id is not None else ""
        if entry.key_id != self.key_id:
            if not self._can_start_key(entry):
                return "it is signed with another key than the entries before it"
            head = f"{self.sequence}:{self.hash}"
            accepted_heads = self.accepted_heads
            if self.key_id is None and accepted_heads is not None and head not in accepted_heads:
                return f"the entries before it are unsigned, and audit_sealed does not name {head}"
            self.key_id = entry.key_id
        if entry.key_id not in keys:
            self.unchecked = entry.sequence
            return "it is signed with a key that is not here" if self._was_checked else ""
        self._was_checked = True
        fits = hmac.compare_digest(compute_mac(keys[entry.key_id], entry.hash), entry.mac)
        return "" if fits else "its MAC does not fit"

    def _can_start_key(self, entry: Any) -> bool:  # noqa: ANN401 (as above)
        """Return whether an entry may be the first that its key signs. It may if it is the first
        entry of the log, the seal (the entry about all entries older than MACs), or an entry that
        names both the old and the new key.
        """
        if self.key_id is not None:
            named = [self.key_id, entry.key_id]
            return bool(entry.action == ROTATE_ACTION and entry.changes.get("key") == named)
        sealed = f"{self.sequence}:{self.hash}"
        return not self.sequence or bool(
            entry.action == SEAL_ACTION and entry.changes.get("until") == sealed
        )


def compute_commitment(value: str, salt: str) -> str:
    """Return the commitment to a value: the SHA-256 of a random `salt` and the value, in hex.

    It can prove the value later, and reveals nothing without the salt.
    """
    return hashlib.sha256(f"{salt}\0{value}".encode()).hexdigest()


def committed_value_text(value: object) -> str:
    """Return a confidential column's value as the text to which the log commits; "" if None."""
    return "" if value is None else str(value)


def part_name(table: str, number: object) -> str:
    """Return how log entries name a part of a record, such as one target of an incident. `table`:
    the name of the table of such parts; `number`: the primary key of the part.
    """
    return f"{table} {number}"


def load_audit_keys(settings: Settings) -> dict[str, str]:
    """Return the keys with which an installation signs log entries, by id, the newest last; raise
    BadSettings if it has none.

    The file is read each time, so that a running server uses a new key at once.
    """
    if settings.audit_key is not None:
        # The setting has the newest first, so that old ones can be dropped from its end.
        return _keys_by_id(reversed(settings.audit_key.replace(",", " ").split()))
    try:
        return _keys_by_id(key_file_path(settings).read_text(encoding="ascii").split())
    except (OSError, ValueError):
        raise BadSettings(
            f"The keys of the audit log cannot be read: {key_file_path(settings)}"
        ) from None


def compute_key_id(key: str) -> str:
    """Return the id of a key, which is stored with each MAC and does not reveal the key."""
    return hashlib.sha256(f"audit key {key}".encode()).hexdigest()[:KEY_ID_LENGTH]


def key_file_path(settings: Settings) -> Path:
    """Return the path of the file of audit keys, which is used if the settings contain no key."""
    return settings.instance / AUDIT_KEYS_FILE


def add_audit_key(settings: Settings) -> str:
    """Add a new key to the file of audit keys, and return its id."""
    key = secrets.token_hex(KEY_BYTES)
    _write_private_file(key_file_path(settings), [*load_audit_keys(settings).values(), key])
    return compute_key_id(key)


def load_accepted_heads(settings: Settings) -> frozenset[str] | None:
    """Return the log entries up to which this installation accepts that entries have no MAC (keyed
    hash), each as SEQ:HASH: its sequence number and hash. Return None if the installation has
    stored none yet.
    """
    path = settings.instance / ACCEPTED_HEADS_FILE
    try:
        return frozenset([EMPTY_LOG_HEAD, *path.read_text(encoding="ascii").split()])
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        raise BadSettings(f"{path} cannot be read: each line must be SEQ:HASH.") from None


def accept_head(settings: Settings, head: str) -> None:
    """Store that an installation accepts an audit log whose last entry without a MAC is `head`,
    given as SEQ:HASH, its sequence number and hash.
    """
    known = load_accepted_heads(settings)
    if known is None or head not in known:
        _write_private_file(settings.instance / ACCEPTED_HEADS_FILE, sorted({*(known or ()), head}))


@contextmanager
def report_accepted_heads(settings: Settings, report: Callable[[str], None]) -> Iterator[None]:
    """Call `report` at the end of a `with` block, with a message for each SEQ:HASH (number and hash
    of a log entry) that was added in the block to the accepted last unsigned entries.
    """
    before = load_accepted_heads(settings) or {EMPTY_LOG_HEAD}
    try:
        yield
    finally:
        for head in sorted((load_accepted_heads(settings) or {EMPTY_LOG_HEAD}) - before):
            report(
                f"{ACCEPTED_HEADS_FILE} names {head} now: entries up to there are accepted "
                "unsigned; compare it with an anchor"
            )


def _write_private_file(path: Path, lines: Iterable[str]) -> None:
    """Write a file readable only by its owner, completely or not at all, or raise BadSettings."""
    unfinished = path.with_name(f"{path.name}.new")
    try:
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write("".join(f"{one}\n" for one in lines))
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except OSError as error:
        with suppress(OSError):
            unfinished.unlink()
        raise BadSettings(f"{path} cannot be written: {error.strerror or error}") from error


def _keys_by_id(keys: Iterable[str]) -> dict[str, str]:
    """Return keys by their ids, in the order given; raise BadSettings if there are none."""
    found = {compute_key_id(one): one for one in keys}
    if not found:
        raise BadSettings("There is no key of the audit log: TRACKER_AUDIT_KEY, or its file.")
    return found
