"""One valid row for every table that a migration makes, as the database takes it."""

from __future__ import annotations

from typing import Any

MOMENT = "2025-06-01 10:00:00+00:00"
SIGNED = {
    "id": 1,
    "version": 1,
    "recorded_at": MOMENT,
    "updated_at": MOMENT,
    "recorded_by_id": 1,
    "revised_by_id": 1,
}
SEEN = {"team_id": 1, "visibility": "restricted"}
DATED = {
    "earliest": "2025-01-01",
    "latest": "2025-06-01",
    "precision": "range",
    "as_stated": "for the past six months",
}
NAME = {
    "id": 1,
    "bearer_id": 1,
    "name": "Анна",
    "kind": "legal",
    "script": "cyrillic",
    "matching_key": "anna",
    "loose_key": "anna",
}
REFERENCE = {"id": 1, "record_id": 1, "scheme": "cpj", "identifier": "1", "url": "", **SEEN}
CITATION = {
    "id": 1,
    "record_id": 1,
    "article_id": 1,
    "quote": "words",
    "start": 0,
    "end": 5,
    "field": "",
    "bearing": "supports",
    "cited_at": MOMENT,
    **SEEN,
}
COMMENT = {
    "id": 1,
    "record_id": 1,
    "words": "Ask her lawyer.",
    "written_at": MOMENT,
    "written_by_id": 1,
    "taken_back_at": None,
    "assigned_to_id": 1,
    "due_on": "2025-07-01",
    "done_at": MOMENT,
    "done_by_id": 1,
    **SEEN,
}
NAMESAKES = {
    "id": 1, "one_id": 1, "other_id": 2, "told_by_id": 1, "told_at": MOMENT, **SEEN
}  # fmt: skip
REVIEW = {"state": "draft", "review_note": "", "approved_at": None, "approved_by_id": None}


def record(ref: str, **more: Any) -> dict[str, Any]:
    """Return a row of a record with the columns that all records have."""
    return {**SIGNED, "ref": ref, **more}


# The tables that a migration makes, in an order in which they can be filled.
ROWS: dict[str, dict[str, dict[str, Any]]] = {
    "0001": {
        "audit_events": {
            "sequence": 1,
            "at": MOMENT,
            "actor": "console",
            "action": "team:create",
            "subject": "Desk",
            "changes": "{}",
            "previous_hash": "0" * 64,
            "hash": "1" * 64,
        },
        "teams": {"id": 1, "name": "Desk"},
        "users": {
            "id": 1,
            "name": "staff",
            "password_hash": "!",
            "disabled_at": None,
            "created_at": MOMENT,
            "version": 1,
        },
        "user_roles": {"user_id": 1, "role": "staff"},
        "team_members": {"team_id": 1, "user_id": 1},
        "sessions": {
            "token_hash": "2" * 64,
            "user_id": 1,
            "created_at": MOMENT,
            "seen_at": MOMENT,
            "ended_at": None,
        },
    },
    "0002": {
        "terms": {
            "id": 1,
            "term_set": "incident_type",
            "code": "threat.death",
            "rank": 90,
            "label_en": "Death threat",
            "label_ru": "Угроза убийством",
            "label_kk": "Өлтіремін деп қорқыту",
            "definition": "",
            "country": None,
            "crosswalk": "{}",
            "retired_at": None,
            "version": 1,
        },
        "search_entries": {
            "id": 1,
            "subject_table": "incidents",
            "subject_id": 1,
            "words": "anna",
        },
    },
    "0003": {
        "outlets": record(
            "OUT-0000000001", name="Paper", sort_key="paper", country="KZ", domains="",
            channels="", reliability="not_sure", notes="", **SEEN,
        ),
        "outlet_names": {**NAME, **SEEN},
        "outlet_references": REFERENCE,
        "journalists": record(
            "JRN-0000000001", name="Анна", sort_key="anna", kind="staff", gender="woman",
            country="KZ", notes="", **SEEN,
        ),
        "journalist_names": {**NAME, **SEEN},
        "journalist_references": REFERENCE,
        "affiliations": {"id": 1, "journalist_id": 1, "outlet_id": 1, "position": "", **DATED, **SEEN},
        "institutions": record(
            "INS-0000000001", name="Ministry", sort_key="ministri", kind="ministry",
            level="national", country="KZ",
        ),
        "institution_names": NAME,
    },
    "0004": {
        "articles": record(
            "ART-0000000001", kind="article", url="https://a.example/1",
            canonical_url="https://a.example/1", title="A", authors="", publisher_id=1,
            publisher_words="", language="en", text="words", text_digest="3" * 64, archive_url="",
            captured_on=None, retrieved_at=MOMENT, independence="independent", repeats_id=None,
            **DATED, **SEEN,
        ),
        "article_originals": {
            "article_id": 1, "media_type": "text/plain", "sha256": "4" * 64, "content": b"words",
            **SEEN,
        },
    },
    "0005": {
        "incidents": record(
            "INC-0000000001", title="", narrative="", extent="repeated", occurrences_at_least=2,
            is_ongoing="unknown", ongoing_as_of=None, relative_to_id=1, country="KZ",
            region_id=None, place="", setting="offline", is_gendered="no", is_coordinated="no",
            is_ai_made="no", detention_form="not_applicable", work_link="unclear",
            work_link_said_by="", verification="unknown", public_summary="",
            **REVIEW, **DATED, **SEEN,
        ),
        "incident_types": {"incident_id": 1, "term_id": 1, "rank": 90, **SEEN},
        "incident_targets": {
            "id": 1, "incident_id": 1, "kind": "journalist", "journalist_id": 1,
            "outlet_id": None, "words": "", "number_at_least": None, "role": "direct",
            "basis": "named", "harm": "", "place": "", **SEEN,
        },
        "target_statuses": {
            "id": 1, "target_id": 1, "status": "questioned", "expected_end": None, **DATED, **SEEN,
        },
        "incident_actors": {
            "id": 1, "incident_id": 1, "actor_type": "unknown", "purported_as": "police",
            "certainty": "unknown", "name": "", "attributed_by": None, "degree": None, **SEEN,
        },
        "incident_citations": CITATION,
        "incident_references": REFERENCE,
        "incident_links": {},
    },
    "0006": {
        "fake_accounts": record(
            "ACC-0000000001", kind="profile", identified="no", accounts_at_least=2,
            platform_id=None, handle="", url="", displayed_name="", spreads="", **REVIEW, **SEEN,
        ),
        "account_impersonations": {
            "id": 1, "account_id": 1, "journalist_id": 1, "outlet_id": None,
            "institution_id": None, "official": "", **SEEN,
        },
        "fake_account_events": {
            "id": 1, "account_id": 1, "event": "first_seen", "institution_id": None,
            "article_id": 1, "note": "", **DATED, **SEEN,
        },
        "account_successions": {},
        "incident_accounts": {"id": 1, "account_id": 1, "incident_id": 1, **SEEN},
        "account_citations": CITATION,
    },
    "0007": {
        "responses": record(
            "RSP-0000000001", institution_id=1, official="A", office="minister",
            standing="responsible_state", stance="condemns", answers_scope="case", summary="",
            **REVIEW, **DATED, **SEEN,
        ),
        "response_stances": {"response_id": 1, "stance": "deflects", **SEEN},
        "response_acts": {
            "id": 1, "response_id": 1, "act": "condemnation", "is_substantive": "no",
            "quote": "words", "quote_is": "direct", "acting_institution_id": 1, **SEEN,
        },
        "response_answers": {"id": 1, "response_id": 1, "incident_id": 1, **SEEN},
        "response_citations": CITATION,
    },
    "0008": {
        "cases": record(
            "CAS-0000000001", title="A case", summary="", country="KZ", lead_id=1,
            lifecycle="open", accountability=None, accountability_reason="", **SEEN,
        ),
        "case_incidents": {"id": 1, "case_id": 1, "incident_id": 1, "is_home": "yes", **SEEN},
        "case_accounts": {"id": 1, "case_id": 1, "account_id": 1, **SEEN},
        "case_responses": {"id": 1, "case_id": 1, "response_id": 1, **SEEN},
        "case_links": {},
        "case_references": REFERENCE,
    },
    "0009": {
        "second_factors": {"user_id": 1, "secret": "x", "confirmed_at": None, "last_step": 0},
        "recovery_codes": {"code_hash": "x", "user_id": 1, "used_at": None},
        "known_devices": {"token_hash": "x", "user_id": 1, "seen_at": MOMENT},
        "sign_in_failures": {"key": "x", "failures": 1, "last_at": MOMENT},
        "submissions": {"key_hash": "x", "user_id": 1, "at": MOMENT, "location": "/"},
        "audit_values_confidential": {
            "commitment": "x", "subject": "INC-0000000001", "salt": "s", "value": "v",
        },
    },
    "0010": {
        "journalists_confidential": {
            "journalist_id": 1, "version": 1, "legal_name": "A", "home_address": "", "contacts": "",
            "notes": "", "team_id": 1,
        },
        "erasures": {
            "id": 1, "journalist_id": 1, "reason": "asked for it", "asked_by_id": 1,
            "asked_at": MOMENT, "agreed_by_id": None, "agreed_at": None, **SEEN,
        },
        "articles_confidential": {
            "article_id": 1, "version": 1, "source_notes": "a friend", "team_id": 1,
        },
        "article_masks": {
            "id": 1, "article_id": 1, "start": 0, "end": 5, "reason": "a name", "masked_by_id": 1,
            "masked_at": MOMENT, **SEEN,
        },
        "article_masks_confidential": {"mask_id": 1, "words": "words", "team_id": 1},
        "incidents_confidential": {
            "incident_id": 1, "version": 1, "witness_names": "B", "addresses": "", "contacts": "",
            "source_notes": "", "team_id": 1,
        },
        "target_namings_confidential": {
            "target_id": 1, "version": 1, "decision": "refused", "scope": None, "decided_on": None,
            "how_asked": "", "is_written": "unknown", "is_minor": "unknown", "team_id": 1,
        },
    },
    "0011": {
        "publications": {
            "id": 1, "incident_id": 1, "revision": 1, "version": 1, "title": "A threat",
            "summary_en": "", "summary_ru": "", "summary_kk": "", "sources": "", "targets": "",
            "n_journalists": 1, "primary_type": "threat.death", "types": "threat.death",
            "occurred_edtf": "2025", "reported_month": "2025-06", "country": "KZ", "region": "",
            "verification": "unknown", "published_at": MOMENT, "published_by_id": 1,
            "withdrawn_at": None, **SEEN,
        },
    },
    "0013": {
        "suggestion_outcomes": {
            "id": 1, "article_id": 1, "kind": "type", "code": "threat.death", "start": 0, "end": 5,
            "score": 80, "verdict": "accepted", "record_ref": "INC-0000000001", "by_id": 1,
            "at": MOMENT, **SEEN,
        },
    },
    "0014": {
        "article_marks": {"article_id": 1, "mark": 2**63 - 1, **SEEN},
        "intake_items": record(
            "INB-0000000001", article_id=1, file_name="page.html", media_type="text/html",
            sha256="5" * 64, content=None, unread_reason=None, state="received", taken_by_id=None,
            ended_at=None, ended_by_id=None, reason="", **SEEN,
        ),
    },
    "0016": {
        "appeals": record(
            "APP-0000000001", sender_kind="lawyer", sender="B", institution_id=1,
            kind="police_report", due_on="2025-06-15", reference="12-34", outcome="pending",
            response_id=None, summary="", retract_reason=None, **REVIEW, **DATED, **SEEN,
        ),
        "appeal_incidents": {"id": 1, "appeal_id": 1, "incident_id": 1, **SEEN},
        "appeal_citations": CITATION,
        "case_appeals": {"id": 1, "case_id": 1, "appeal_id": 1, **SEEN},
    },
    "0017": {
        "proceedings": record(
            "PRC-0000000001", direction="against_target", kind="criminal", number="25/1",
            country="KZ", institution_id=1, legal_basis="art. 274", summary="",
            retract_reason=None, **REVIEW, **SEEN,
        ),
        "proceeding_steps": {
            "id": 1, "proceeding_id": 1, "step": "opened", "institution_id": 1, "article_id": 1,
            "note": "", **DATED, **SEEN,
        },
        "proceeding_incidents": {"id": 1, "proceeding_id": 1, "incident_id": 1, **SEEN},
        "proceeding_citations": CITATION,
        "case_proceedings": {"id": 1, "case_id": 1, "proceeding_id": 1, **SEEN},
    },
    "0018": {"case_looks": {"user_id": 1, "case_id": 1, "looked_at": MOMENT, **SEEN}},
    "0019": {
        "appeal_comments": COMMENT, "case_comments": COMMENT, "fake_account_comments": COMMENT,
        "incident_comments": COMMENT, "proceeding_comments": COMMENT, "response_comments": COMMENT,
    },
    "0020": {
        "proceeding_parties": {
            "id": 1, "proceeding_id": 1, "journalist_id": 1, "outlet_id": None, **SEEN
        },
    },
    "0021": {"journalist_namesakes": NAMESAKES, "outlet_namesakes": NAMESAKES},
    "0022": {
        "export_recipients": {"id": 1, "name": "A network of editors"},
        "export_runs": {
            "id": 1, "ref": "EXP-0000000001", "by_id": 1, "kind": "package", "profile": "partner",
            "asked": "{}", "columns": "{}", "language": "en", "question": "0" * 32,
            "recipient_id": 1, "rows": 1, "sha256": "0" * 64, "began_at": MOMENT, "ended_at": MOMENT,
        },
        "exported_rows": {"run_id": 1, "ref": "INC-0000000001", "digest": "0" * 32},
    },
    "0023": {
        "import_batches": {
            **SIGNED,
            "ref": "IMP-0000000001",
            "file_name": "list.csv",
            "sha256": "x",
            "encoding": "utf-8",
            "separator": ",",
            "header": '["a", "b"]',
            "row_count": 1,
            "state": "taken",
            "mapping": "{}",
            "found": "{}",
            "article_id": 1,
            **SEEN,
        },
        "import_rows": {
            "batch_id": 1,
            "number": 2,
            "cells": '["1", "2"]',
            "fate": "made",
            "incident_id": 1,
            **SEEN,
        },
        "import_mappings": {"id": 1, "name": "theirs", "mapping": "{}", **SEEN},
    },
    "0024": {
        "published_months": {
            "id": 1, "month": "2025-06-01", "country": "KZ", "figures": '{"all": {}}',
            "published_at": MOMENT, "published_by_id": 1,
        },
        "monthly_texts": {
            "id": 1, "version": 1, "month": "2025-06-01", "country": "KZ", "summary": "Quiet.",
            "on_incidents": "", "on_responses": "", "written_at": MOMENT, "written_by_id": 1,
            "team_id": 1,
        },
    },
    "0025": {"export_choices": {"id": 1, "user_id": 1, "name": "For partners", "asked": "{}"}},
    "0028": {"sign_in_links": {"token_hash": "x", "user_id": 1, "made_at": MOMENT}},
    "0029": {
        "institution_namesakes": {
            name: value for name, value in NAMESAKES.items() if name not in SEEN
        },
    },
    "0033": {
        "case_figures": {
            "case_id": 1, "step": "no_response", "public_earliest": "2025-06-01",
            "public_latest": "2025-06-30", "public_ref": "INC-0000000001", "is_silent": True,
            "is_unanswered": True, "claims_answer": False, "last_latest": None,
            "last_earliest": None, "last_ref": "", "records": '["INC-0000000001"]', **SEEN,
        },
    },
    "0034": {
        "follows": {"user_id": 1, "ref": "JRN-0000000001", "read_at": MOMENT},
        "calendar_links": {"token_hash": "x", "user_id": 1, "made_at": MOMENT},
    },
    "0037": {"mail_notices": {"user_id": 1, "address": "a@b.example", "sent_at": MOMENT}},
    "0038": {"followed_filters": {"user_id": 1, "query": "country=KZ", "read_at": MOMENT}},
}  # fmt: skip
# Tables that a migration gives up, and the ones that take in their rows.
GIVEN_UP = {"0034": {"case_looks": "follows"}}
# Columns that a later migration calls by another name.
RENAMED = {("incidents", "public_summary"): "public_summary_en"}
# Tables that need two rows of another one first; they are filled with that second row.
PAIRS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "outlet_names": ("outlets", "OUT-0000000002", NAME),
    "journalist_names": ("journalists", "JRN-0000000002", NAME),
    "institution_names": ("institutions", "INS-0000000002", NAME),
    "incident_links": (
        "incidents", "INC-0000000002", {"id": 1, "incident_id": 1, "other_id": 2, "kind": "follows"},
    ),
    "account_successions": (
        "fake_accounts", "ACC-0000000002",
        {"id": 1, "account_id": 1, "successor_id": 2, "certainty": "likely", "basis": "same_text"},
    ),
    "case_links": (
        "cases", "CAS-0000000002", {"id": 1, "case_id": 1, "other_id": 2, "kind": "follows"},
    ),
}  # fmt: skip
# One more thing in the inbox, of which no article came out: what is refused differs from it.
INBOX = {
    "id": 2, "ref": "INB-0000000002", "article_id": None, "content": b"words",
    "unread_reason": "empty", "state": "unreadable",
}  # fmt: skip
# For each migration that adds a constraint: rows that it must refuse, as changes to the valid row.
# Codes outside of a closed set are tried without being listed here.
REFUSED: dict[str, list[tuple[str, dict[str, Any]]]] = {
    "0001": [("user_roles", {"role": "king"}), ("users", {"id": 2, "name": "Staff"})],
    "0002": [("terms", {"id": 2, "code": "x", "label_en": ""})],
    "0003": [("affiliations", {"id": 2, "latest": "2024-12-31"}), ("institution_names", {"id": 2, "script": "runic"})],
    "0004": [("articles", {"id": 2, "ref": "ART-0000000002", "canonical_url": None, "repeats_id": 2})],
    "0005": [
        ("incident_targets", {"id": 2, "journalist_id": None}),
        ("incident_actors", {"id": 2, "actor_type": "police"}),
        ("incidents", {"id": 3, "ref": "INC-0000000003", "extent": "once"}),
        ("incidents", {"id": 3, "ref": "INC-0000000003", "approved_by_id": 1}),
        ("incident_citations", {"id": 2, "end": None}),
        ("incident_targets", {"id": 2, "visibility": "internal"}),
    ],
    "0006": [
        ("fake_accounts", {"id": 3, "ref": "ACC-0000000003", "identified": "yes"}),
        ("fake_accounts", {"id": 3, "ref": "ACC-0000000003", "handle": "@a"}),
        ("account_impersonations", {"id": 2, "journalist_id": None}),
    ],
    "0007": [("response_acts", {"id": 2, "is_substantive": "unknown"})],
    "0008": [("case_incidents", {"id": 2, "incident_id": 2, "is_home": "unknown"})],
    "0009": [("recovery_codes", {"code_hash": "y", "user_id": 99})],
    "0010": [
        ("erasures", {"id": 2, "agreed_by_id": 1, "agreed_at": MOMENT}),
        ("erasures", {"id": 2, "reason": ""}),
        ("article_masks", {"id": 2, "end": 0}),
        ("target_namings_confidential", {"target_id": 2, "decision": "consented"}),
    ],
    "0011": [("publications", {"id": 2, "incident_id": 2, "withdrawn_at": MOMENT})],
    "0012": [("articles", {"id": 2, "ref": "ART-0000000002", "canonical_url": None, "checked_on": "2025-06-02"})],
    "0013": [
        ("suggestion_outcomes", {"id": 2, "verdict": "added"}),
        ("suggestion_outcomes", {"id": 2, "score": None}),
        ("suggestion_outcomes", {"id": 2, "score": 101}),
        ("suggestion_outcomes", {"id": 2, "end": None}),
        ("suggestion_outcomes", {"id": 2, "visibility": "internal"}),
    ],
    "0014": [
        ("article_marks", {"mark": 1, "visibility": "internal"}),
        ("intake_items", INBOX | {"visibility": "internal"}),
        ("intake_items", INBOX | {"article_id": 1}),
        ("intake_items", INBOX | {"unread_reason": None}),
        ("intake_items", INBOX | {"unread_reason": "boring"}),
        ("intake_items", INBOX | {"content": None}),
        ("intake_items", INBOX | {"content": b"x" * 10_485_761}),
        ("intake_items", INBOX | {"state": "received"}),
        ("intake_items", INBOX | {"state": "taken"}),
        ("intake_items", INBOX | {"taken_by_id": 1}),
        ("intake_items", INBOX | {"ended_at": MOMENT, "ended_by_id": 1}),
        ("intake_items", INBOX | {"state": "out_of_scope", "reason": "sport"}),
        ("intake_items", INBOX | {"state": "out_of_scope", "ended_at": MOMENT, "ended_by_id": 1}),
        ("intake_items", INBOX | {"state": "logged", "ended_at": MOMENT, "ended_by_id": 1}),
        ("intake_items", {"id": 2, "ref": "INB-0000000002"}),
    ],
    "0015": [
        ("journalists", {"id": 3, "ref": "JRN-0000000003", "merged_into_id": 3}),
        ("outlets", {"id": 3, "ref": "OUT-0000000003", "merged_into_id": 3}),
    ],
    "0016": [
        ("appeals", {"id": 2, "ref": "APP-0000000002", "due_on": "2024-12-31"}),
        ("appeals", {"id": 2, "ref": "APP-0000000002", "response_id": 1}),
        ("appeals", {"id": 2, "ref": "APP-0000000002", "state": "retracted"}),
        ("appeal_incidents", {"id": 2, "incident_id": 2, "visibility": "internal"}),
    ],
    "0017": [
        ("proceedings", {"id": 2, "ref": "PRC-0000000002", "direction": "against_nobody"}),
        ("proceedings", {"id": 2, "ref": "PRC-0000000002", "state": "retracted"}),
        ("proceedings", {"id": 2, "ref": "PRC-0000000002", "approved_by_id": 1}),
        ("proceeding_steps", {"id": 2, "latest": "2024-12-31"}),
        ("proceeding_steps", {"id": 2, "step": "forgotten"}),
        ("proceeding_incidents", {"id": 2}),
        ("case_proceedings", {"id": 2}),
        ("proceeding_citations", {"id": 2, "visibility": "internal"}),
    ],
    "0018": [
        ("case_looks", {}),
        ("case_looks", {"user_id": 99}),
        ("case_looks", {"case_id": 2, "visibility": "internal"}),
    ],
    "0019": [
        ("incident_comments", {"id": 2, "words": ""}),
        ("incident_comments", {"id": 2, "taken_back_at": MOMENT}),
        ("incident_comments", {"id": 2, "assigned_to_id": None}),
        ("incident_comments", {"id": 2, "done_by_id": None}),
        ("incident_comments", {"id": 2, "done_at": None}),
        ("incident_comments", {"id": 2, "assigned_to_id": 99}),
        ("case_comments", {"id": 2, "visibility": "internal"}),
        ("response_comments", {"id": 2, "record_id": 99}),
    ],
    "0020": [
        ("proceeding_parties", {"id": 2}),
        ("proceeding_parties", {"id": 2, "journalist_id": None}),
        ("proceeding_parties", {"id": 2, "outlet_id": 1}),
        ("proceeding_parties", {"id": 2, "journalist_id": None, "outlet_id": 99}),
        ("proceeding_parties", {"id": 2, "visibility": "internal"}),
    ],
    "0021": [
        ("journalist_namesakes", {"id": 2}),
        ("journalist_namesakes", {"id": 2, "one_id": 2, "other_id": 1}),
        ("journalist_namesakes", {"id": 2, "one_id": 2, "other_id": 2}),
        ("outlet_namesakes", {"id": 2, "other_id": 99}),
        ("outlet_namesakes", {"id": 2, "one_id": 2, "other_id": 3, "told_by_id": 99}),
    ],
    "0022": [
        ("export_recipients", {"id": 2}),
        ("export_recipients", {"id": 2, "name": ""}),
        ("export_runs", {"id": 2}),
        ("export_runs", {"id": 2, "ref": "EXP-0000000002", "by_id": 99}),
        ("export_runs", {"id": 2, "ref": "EXP-0000000002", "recipient_id": 99}),
        ("export_runs", {"id": 2, "ref": "EXP-0000000002", "kind": "everything"}),
        ("export_runs", {"id": 2, "ref": "EXP-0000000002", "profile": "everybody"}),
        ("export_runs", {"id": 2, "ref": "EXP-0000000002", "sha256": ""}),
        ("export_runs", {"id": 2, "ref": "EXP-0000000002", "ended_at": None}),
        ("export_runs", {"id": 2, "ref": "EXP-0000000002", "rows": -1}),
        ("exported_rows", {}),
        ("exported_rows", {"run_id": 99}),
    ],
    "0023": [
        ("import_batches", {"id": 2, "ref": "IMP-0000000002", "article_id": None}),
        ("import_batches", {"id": 2, "ref": "IMP-0000000002", "state": "checked"}),
        ("import_batches", {"id": 2, "ref": "IMP-0000000002", "row_count": 0}),
        ("import_batches", {"id": 2, "ref": "IMP-0000000002", "visibility": "internal"}),
        ("import_rows", {"number": 3, "fate": "waiting"}),
        ("import_rows", {"number": 3, "incident_id": None}),
        ("import_rows", {"number": 3, "visibility": "internal"}),
        ("import_mappings", {"id": 2}),
    ],
    "0024": [
        ("published_months", {"id": 2}),
        ("published_months", {"id": 2, "country": "KG", "published_by_id": 99}),
        ("monthly_texts", {"id": 2}),
        ("monthly_texts", {"id": 2, "country": "KG", "team_id": 99}),
    ],
    "0025": [
        ("export_choices", {"id": 2}),
        ("export_choices", {"id": 2, "name": ""}),
        ("export_choices", {"id": 2, "name": "Ours", "user_id": 99}),
    ],
    "0026": [
        ("proceeding_citations", {"id": 2, "part_id": 99}),
        ("account_citations", {"id": 2, "part_id": 99}),
    ],
    "0027": [
        ("journalists", {"id": 9, "ref": "JRN-9", "kind": "nobody"}),
        ("institutions", {"id": 9, "ref": "INS-9", "level": "nowhere"}),
    ],
    "0028": [("sign_in_links", {"token_hash": "y", "user_id": 99})],
    "0029": [
        ("institutions", {"id": 3, "ref": "INS-0000000003", "merged_into_id": 3}),
        ("institution_namesakes", {"id": 2}),
        ("institution_namesakes", {"id": 2, "one_id": 2, "other_id": 1}),
    ],
    "0030": [("incidents", {"id": 9, "ref": "INC-0000000009", "summarised_by_id": 99})],
    "0031": [("audit_events", {"sequence": 2})],
    "0032": [("users", {"id": 9, "name": "somebody", "must_change_password": None})],
    "0033": [
        ("case_figures", {}),
        ("case_figures", {"case_id": 99}),
        ("case_figures", {"team_id": 2, "is_silent": None}),
    ],
    "0034": [
        ("follows", {}),
        ("follows", {"user_id": 99}),
        ("calendar_links", {"token_hash": "y"}),
        ("calendar_links", {"token_hash": "y", "user_id": 99}),
    ],
    "0037": [("mail_notices", {}), ("mail_notices", {"user_id": 99})],
    "0038": [("followed_filters", {}), ("followed_filters", {"user_id": 99})],
}  # fmt: skip
