"""The notice of the sample on the overview."""

from __future__ import annotations

from flask import Blueprint, render_template

from tracker.sample.service import REMOVE_COMMAND, is_sample_loaded
from tracker.web.layout import register_panel

bp = Blueprint("sample", __name__)


@register_panel("overview-notes")
def sample_overview_panel(_nothing: None) -> str:
    """Render how to remove the sample, "" if no sample is loaded."""
    return (
        render_template("sample/on_overview.html", command=REMOVE_COMMAND)
        if is_sample_loaded()
        else ""
    )
