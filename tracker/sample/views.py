"""The notice of the sample on the overview."""

from __future__ import annotations

from flask import Blueprint, render_template

from tracker.sample.service import REMOVE_COMMAND, is_loaded
from tracker.web.panels import register_panel

bp = Blueprint("sample", __name__)


@register_panel("overview")
def sample_overview_panel(_nothing: None) -> str:
    """Say that the sample is loaded and how to remove it, as long as it is there."""
    return render_template("sample/on_overview.html", command=REMOVE_COMMAND) if is_loaded() else ""
