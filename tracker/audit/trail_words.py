"""What an entry of the trail tells to administrators: the act in words, without its values."""

from __future__ import annotations

from typing import Any

from tracker.audit.words import act_of
from tracker.i18n import _, lazy

# Acts that stand in the history of no record. The words of a kind (`export:`) are of all its acts.
ONLY_HERE: dict[str, Any] = {
    "session:begin": lazy("signed in"),
    "session:half": lazy("gave the right password; the code was still to come"),
    "session:refuse": lazy("was not let in: name, password or code was wrong"),
    "session:end": lazy("ended a session"),
    "session:end_others": lazy("ended all their other sessions"),
    "session:end_all": lazy("ended all sessions of this user"),
    "session:link": lazy("made a sign-in link for this user"),
    "session:link_used": lazy("used the sign-in link of this user"),
    "access:refuse": lazy("was refused this page"),
    "second_factor:set": lazy("set up a second factor"),
    "second_factor:remove": lazy("removed the second factor"),
    "second_factor:reset": lazy("removed the second factor of this user"),
    "second_factor:codes": lazy("made new recovery codes"),
    "user:edit": lazy("changed the roles or teams of this user"),
    "user:password": lazy("set a new password"),
    "user:disable": lazy("disabled this user"),
    "user:enable": lazy("let this user in again"),
    "export:": lazy("took a file out"),
    "audit:seal": lazy("sealed the entries that have no signature"),
    "audit:rotate-key": lazy("changed the key of the audit log"),
    "audit:upgrade": lazy("upgraded the database"),
    "backup:take": lazy("took a backup"),
    "backup:restore": lazy("restored a backup"),
    "panic:": lazy("changed what the tracker lets people do"),
    "sample:load": lazy("loaded the sample"),
    "sample:remove": lazy("removed the sample"),
    "vocabulary:load": lazy("loaded the vocabulary"),
}


def act_told(action: str) -> str:
    """Return what the actor of an entry did."""
    kind = action.partition(":")[0] + ":"
    words = ONLY_HERE.get(action) or ONLY_HERE.get(kind) or act_of(action)
    return str(words or _("changed this"))
