"""The actions of the audit log: the text of each, by group and subject.

An action is a subject and an act, such as `incident:publish`; its text does not name the subject.
"""

from __future__ import annotations

from typing import Any

from tracker.i18n import _, lazy

# The texts of actions on every kind of record.
EDIT_TEXTS = {"edit": lazy("changed this")}
RECORD_TEXTS = EDIT_TEXTS | {
    "widen": lazy("shared this with all users"),
    "narrow": lazy("restricted this to its team"),
    "close-name": lazy("closed a name to everybody outside the team"),
}
CONFIDENTIAL_TEXTS = {
    "confidential": lazy("changed confidential data of this"),
    "view-confidential": lazy("read confidential data of this"),
}
NAMED_RECORD_TEXTS = {"create": lazy("recorded this")} | RECORD_TEXTS
UNDO_MERGE_TEXTS = {"part": lazy("undid the merge of this with another record")}
# Verbs of the actions that a history describes by the changed values, not by a text.
VERBS_DESCRIBED_BY_CHANGES = frozenset({
    "add", "assess", "edit", "file", "home", "link", "narrow", "remove", "reopen-name", "repeat",
    "restore", "retire", "unfile", "unlink", "widen", "write",
})  # fmt: skip
# The groups of actions: the label of the group; by subject, the text of each act.
ACTION_GROUPS: tuple[tuple[Any, dict[str, dict[str, Any]]], ...] = (
    (lazy("Incidents"), {
        "incident": {
            "create": lazy("reported this incident"), **RECORD_TEXTS, **CONFIDENTIAL_TEXTS,
            "assess": lazy("assessed this"),
            "naming": lazy("changed a naming consent"),
            "merge": lazy("merged this with another incident"),
            "publish": lazy("published this"),
            "withdraw": lazy("withdrew this from the public file"),
        },
        "publication": {"copy": lazy("copied its text for the public")},
    }),
    (lazy("Fake accounts"), {
        "fake_account": {"create": lazy("recorded this fake account")} | RECORD_TEXTS | {
            "dossier": lazy("downloaded the takedown dossier of this"),
        },
    }),
    (lazy("Official responses"), {
        "response": {"create": lazy("recorded this official response")} | RECORD_TEXTS,
    }),
    (lazy("Appeals"), {"appeal": {"create": lazy("recorded this appeal")} | RECORD_TEXTS}),
    (lazy("Proceedings"), {
        "proceeding": {"create": lazy("recorded this proceeding")} | RECORD_TEXTS,
    }),
    (lazy("Cases"), {
        "case": {"create": lazy("opened this case")} | RECORD_TEXTS | {
            "file": lazy("added records to this case"),
            "unfile": lazy("removed a record from this case"),
            "home": lazy("changed whether this is the main case of an incident"),
            "link": lazy("linked this to another case"),
            "unlink": lazy("removed a link of this to another case"),
        },
    }),
    (lazy("Articles"), {
        "article": {"create": lazy("added this source")} | RECORD_TEXTS | CONFIDENTIAL_TEXTS | {
            "confirm": lazy("accepted or skipped suggestions from this source"),
            "repeat": lazy("marked this source as repeating another"),
            "original": lazy("downloaded the original"),
            "mask": lazy("masked a passage of this source"),
            "unmask": lazy("unmasked a passage of this source"),
        },
        "citation": {
            "add": lazy("added a source to this"),
            "remove": lazy("removed a source from this"),
            "mask": lazy("masked words of a quote"),
            "unmask": lazy("unmasked words of a quote"),
            "sources": lazy("downloaded the sources of this with their originals"),
        },
    }),
    (lazy("Journalists"), {
        "journalist": NAMED_RECORD_TEXTS | CONFIDENTIAL_TEXTS | UNDO_MERGE_TEXTS | {
            "reopen-name": lazy("reopened a closed name"),
            "ask-erasure": lazy("requested erasure of the confidential data of this person"),
            "end-erasure": lazy(
                "cancelled the request to erase the confidential data of this person"
            ),
            "erase": lazy("approved the request, and erased the confidential data of this person"),
            "merge": lazy("merged this with another record of the same person"),
            "tell-apart": lazy("marked this and another record as two people"),
            "ask-again": lazy("unmarked this and another record as two people"),
        },
    }),
    (lazy("Outlets"), {
        "outlet": NAMED_RECORD_TEXTS | UNDO_MERGE_TEXTS | {
            "merge": lazy("merged this with another record of the same outlet"),
            "tell-apart": lazy("marked this and another record as two outlets"),
            "ask-again": lazy("unmarked this and another record as two outlets"),
        },
    }),
    (lazy("Institutions"), {
        "institution": NAMED_RECORD_TEXTS | UNDO_MERGE_TEXTS | {
            "merge": lazy("merged this institution with a duplicate"),
            "tell-apart": lazy("marked this and another record as two institutions"),
            "ask-again": lazy("unmarked this and another record as two institutions"),
        },
    }),
    (lazy("Review"), {
        "review": {
            "in_review": lazy("submitted this for review"),
            "approved": lazy("approved this"),
            "returned": lazy("requested changes to this"),
            "retracted": lazy("retracted this"),
            "brought_back": lazy("restored this as a draft"),
            "draft": lazy("made this a draft again"),
            "comment": lazy("commented on this"),
            "take-back": lazy("retracted a comment on this"),
            "assign": lazy("assigned a task about this"),
            "done": lazy("marked a task about this as done"),
        },
    }),
    (lazy("Inbox"), {
        "intake": {
            "receive": lazy("imported this"),
            "read": lazy("added the text of an unreadable file"),
            "original": lazy("downloaded the original"),
            "take": lazy("assigned this to themselves"),
            "release": lazy("unassigned this"),
            "logged": lazy("closed this as logged"),
            "adds_source": lazy("closed this as adding a source"),
            "out_of_scope": lazy("closed this as out of scope"),
            "reopen": lazy("reopened this"),
        },
    }),
    (lazy("Imports"), {
        "import": {
            "receive": lazy("uploaded this file"),
            "check": lazy("checked every row of this"),
            "choose": lazy("chose another mapping for this"),
            "take": lazy("imported this"),
            "undo": lazy("undid the import of this"),
            "remove": lazy("removed this file with its rows"),
        },
        "package": {
            "take": lazy("loaded this data package"),
            "load": lazy("loaded this from a data package"),
        },
    }),
    (lazy("Reports"), {
        "export": {
            "incidents": lazy("exported incidents"),
            "published": lazy("exported the public file"),
            "package": lazy("exported a data package or dossier"),
            "monthly": lazy("exported the monthly report"),
            "chart": lazy("exported a chart"),
        },
        "monthly": {
            "write": lazy("wrote the text of this monthly report"),
            "publish": lazy("published this monthly report"),
        },
    }),
    (lazy("Signing in"), {
        "session": {
            "begin": lazy("signed in"),
            "half": lazy("entered the right password, and not yet the code"),
            "refuse": lazy("failed to sign in: wrong name, password or code"),
            "end": lazy("ended a session"),
            "end_others": lazy("ended all their other sessions"),
            "end_all": lazy("ended all sessions of this user"),
            "link": lazy("made a sign-in link for this user"),
            "link_used": lazy("used the sign-in link of this user"),
        },
        "access": {"refuse": lazy("was refused this page")},
    }),
    (lazy("Users"), {
        "user": {
            "create": lazy("added this user"),
            "edit": lazy("changed the roles or teams of this user"),
            "password": lazy("set a new password"),
            "disable": lazy("disabled this user"),
            "enable": lazy("enabled this user"),
        },
        "second_factor": {
            "set": lazy("set up a second factor"),
            "codes": lazy("made new recovery codes"),
            "remove": lazy("removed the second factor"),
            "reset": lazy("removed the second factor of this user"),
        },
        "calendar": {
            "make": lazy("made a secret address for their calendar"),
            "revoke": lazy("revoked the secret address of their calendar"),
        },
        "mail": {
            "on": lazy("set an address for mail about changes"),
            "off": lazy("removed their address for mail about changes"),
        },
        "team": {"create": lazy("added this team")},
    }),
    (lazy("Vocabulary"), {
        "term": EDIT_TEXTS | {
            "create": lazy("added this term"),
            "retire": lazy("retired this term"),
            "restore": lazy("restored this term"),
        },
        "vocabulary": {"load": lazy("loaded the vocabulary")},
    }),
    (lazy("Tracker"), {
        "audit": {
            "seal": lazy("sealed the unsigned entries"),
            "rotate-key": lazy("changed the key of the audit log"),
            "upgrade": lazy("upgraded the database"),
        },
        "backup": {"take": lazy("made a backup"), "restore": lazy("restored a backup")},
        "panic": {
            "closed": lazy("closed the tracker"),
            "read-only": lazy("closed the tracker for changes"),
            "off": lazy("opened the tracker again"),
        },
        "sample": {"load": lazy("loaded the sample"), "remove": lazy("removed the sample")},
    }),
)  # fmt: skip
ACTION_TEXTS: dict[str, Any] = {
    f"{subject}:{act}": text
    for _label, subjects in ACTION_GROUPS
    for subject, acts in subjects.items()
    for act, text in acts.items()
}


def action_text(action: str) -> str:
    """Return the text of an action, or a general text if only older versions log the action."""
    return str(ACTION_TEXTS.get(action) or _("changed this"))


def fixed_action_text(action: str) -> Any:  # noqa: ANN401 (lazy words, or None)
    """Return the text of an action that needs no details; None for an action that a history
    describes by the changed values.
    """
    is_told = action.rpartition(":")[2] in VERBS_DESCRIBED_BY_CHANGES
    return None if is_told else ACTION_TEXTS.get(action)


def action_choices() -> list[tuple[str, dict[str, str]]]:
    """Return the actions to choose from: the label of each group, and the text of its actions by
    code.
    """
    return [
        (
            str(label),
            {
                f"{subject}:{act}": str(text)
                for subject, acts in subjects.items()
                for act, text in acts.items()
            },
        )
        for label, subjects in ACTION_GROUPS
    ]
