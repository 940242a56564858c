"""Declared fields: which leave in files, and which names a section takes."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Column, MetaData, String
from sqlalchemy import Table as SqlTable

from tracker.kit.fields import FIELD_INFO_KEY, ExportAudience, Field, set_fields
from tracker.reports.tables.shape import INTERNAL_AND_PARTNER, INTERNAL_ONLY, form_field_columns


def column(name: str, export: ExportAudience, section: str = "details") -> Column[Any]:
    field = Field(
        label=name, meaning="A word.", section=section, export_audience=export, max_length=20
    )
    return Column(name, String(20), info={FIELD_INFO_KEY: field})


class Made:
    __table__ = SqlTable(
        "made", MetaData(), column("secret", ExportAudience.NEVER), column("internal", ExportAudience.INTERNAL),
        column("shared", ExportAudience.PARTNERS), column("other", ExportAudience.PARTNERS, "elsewhere"),
    )  # fmt: skip
    internal = ""


def test_a_field_leaves_only_in_the_files_that_it_names() -> None:
    made: Any = Made

    found = {one.name: one.profiles for one in form_field_columns(made, "details")}

    assert found == {"internal": INTERNAL_ONLY, "shared": INTERNAL_AND_PARTNER}


def test_a_section_takes_no_field_of_another_one_and_none_that_is_not_declared() -> None:
    made = Made()

    for name in ("other", "__table__", "visibility"):
        with pytest.raises(TypeError, match=name):
            set_fields(made, {"internal": "x", name: "x"}, section="details")

    assert made.internal == ""
    set_fields(made, {"internal": "x"}, section="details")
    assert made.internal == "x"
