"""What runs at night: `make nightly` sets one variable, which chooses tests and sizes alike."""

from __future__ import annotations

import os

import pytest

# The same word chooses Hypothesis' number of examples.
IS_NIGHT = os.environ.get("HYPOTHESIS_PROFILE") == "nightly"


# For what asks hundreds of pages and hardly depends on the database: PostgreSQL has its turn at night.
KINDS_BY_DAY = ["sqlite", pytest.param("postgresql", marks=pytest.mark.nightly)]


def size(*, day: int, night: int) -> int:
    """Return how often to try: a few by day show a broken guard as well."""
    return night if IS_NIGHT else day
