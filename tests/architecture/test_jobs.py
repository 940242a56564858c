"""Which tests `make test` runs and which `make prove` does, is said of files that there are."""

from __future__ import annotations

from pathlib import Path

from tests.conftest import DIALECTS, PROOFS, QUICK, why_proof

TESTS = Path(__file__).resolve().parents[1]


def test_every_pattern_names_tests_that_there_are() -> None:
    files = list(TESTS.rglob("test_*.py"))
    patterns = (*PROOFS, *QUICK, *DIALECTS)
    assert [one for one in patterns if not any(file.match(one) for file in files)] == []


def test_every_proof_has_its_reason() -> None:
    assert why_proof(TESTS / "safety" / "test_matrix.py") == PROOFS["*/safety/*"]
    assert why_proof(TESTS / "safety" / "test_asvs_accounts.py") == ""
    assert why_proof(TESTS / "incidents" / "test_page.py") == ""
    assert all(PROOFS.values())
