"""Pages of the vocabulary, which administrators edit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response
from wtforms import IntegerField
from wtforms.validators import InputRequired, NumberRange

from tracker.errors import NotFound
from tracker.i18n import _, country_choices, lazy
from tracker.permissions import Permission
from tracker.vocabulary import service
from tracker.vocabulary.codes import TermSet
from tracker.vocabulary.labels import (
    MAX_CODE_LENGTH,
    MAX_LABEL_LENGTH,
    format_crosswalk,
    is_valid_code,
)
from tracker.vocabulary.models import Term
from tracker.vocabulary.queries import find_term, terms_by_set
from tracker.web import forms
from tracker.web.guards import current_actor, require_permission
from tracker.web.saving import handle_form, is_button_valid, redirect_saved

MAX_RANK = 99_999  # the highest rank that a term can be given
bp = Blueprint("vocabulary", __name__, url_prefix="/vocabulary")


class TermFieldsForm(forms.TrackerForm):
    """The fields of a term that can be edited."""

    label_en = forms.TextField(lazy("Label in English"), max_length=MAX_LABEL_LENGTH, required=True)
    label_ru = forms.TextField(lazy("Label in Russian"), max_length=MAX_LABEL_LENGTH, required=True)
    label_kk = forms.TextField(lazy("Label in Kazakh"), max_length=MAX_LABEL_LENGTH, required=True)
    definition = forms.LongTextField(lazy("Definition"), max_length=4000)
    rank = IntegerField(
        lazy("Rank"),
        validators=[InputRequired(), NumberRange(min=0, max=MAX_RANK)],
        description=lazy("The term with the lowest rank is proposed first."),
    )
    country = forms.ChoiceField(lazy("Country"))
    crosswalk = forms.LongTextField(
        lazy("External IDs"), max_length=1000, description=lazy("One per line: jfj = N")
    )

    def __init__(self, **kw: Any) -> None:  # noqa: ANN401 (WTForms options)
        super().__init__(**kw)
        self.country.choices = country_choices()


class NewTermForm(TermFieldsForm):
    """A new term, with its permanent code."""

    code = forms.TextField(
        lazy("Code"),
        max_length=MAX_CODE_LENGTH,
        required=True,
        description=lazy("It cannot be changed later: threat.death"),
    )


class TermForm(forms.VersionedForm, TermFieldsForm):
    """The edit form of a term."""

    def populate(self, record: Term) -> None:
        """Fill the form with the values and the version of a term."""
        self.version.data = str(record.version)
        self.label_en.data, self.label_ru.data = record.label_en, record.label_ru
        self.label_kk.data, self.definition.data = record.label_kk, record.definition
        self.rank.data, self.country.data = record.rank, record.country or ""
        self.crosswalk.data = format_crosswalk(record.crosswalk)


@bp.get("/")
@require_permission(Permission.READ)
def index() -> str:
    """List all terms by set, with their definitions and ranks."""
    terms = terms_by_set()
    return render_template(
        "vocabulary/index.html", sets={one: terms.get(one, []) for one in TermSet}
    )


@bp.route("/<term_set>/new", methods=["GET", "POST"])
@require_permission(Permission.ADMINISTER)
def new(term_set: str) -> tuple[str, int] | Response:
    """Add a term to a set."""
    chosen, form = _term_set_or_404(term_set), NewTermForm()

    def apply_change() -> None:
        service.add_term(chosen, form.code.data or "", **_form_values(form), by=current_actor())

    answer = handle_form(form, apply_change, to=url_for(".index"))
    return answer or forms.render_form("vocabulary/new.html", form=form, term_set=chosen)


@bp.route("/<term_set>/<code>/edit", methods=["GET", "POST"])
@require_permission(Permission.ADMINISTER)
def edit(term_set: str, code: str) -> tuple[str, int] | Response:
    """Edit a term."""
    term, form = _load_term_or_404(term_set, code), TermForm()

    def apply_change() -> None:
        service.edit_term(term, **_form_values(form), by=current_actor())

    answer = handle_form(form, apply_change, to=url_for(".index"), record=term)
    return answer or forms.render_form("vocabulary/edit.html", form=form, term=term)


@bp.post("/<term_set>/<code>/retire")
@require_permission(Permission.ADMINISTER)
def retire(term_set: str, code: str) -> Response:
    """Retire a term."""
    term = _load_term_or_404(term_set, code)
    return _handle_button(lambda: service.retire_term(term, by=current_actor()))


@bp.post("/<term_set>/<code>/restore")
@require_permission(Permission.ADMINISTER)
def restore(term_set: str, code: str) -> Response:
    """Restore a retired term."""
    term = _load_term_or_404(term_set, code)
    return _handle_button(lambda: service.restore_term(term, by=current_actor()))


def _handle_button(apply_change: Callable[[], object]) -> Response:
    """Run the action of a submitted button, and redirect to the list of terms."""
    if not is_button_valid(forms.ButtonForm()):
        return redirect(url_for(".index"), code=303)
    apply_change()
    return redirect_saved(url_for(".index"), _("Saved."))


def _form_values(form: NewTermForm | TermForm) -> dict[str, Any]:
    """Return the submitted values of a term as keyword arguments of `add_term` and `edit_term`."""
    return {
        "rank": form.rank.data,
        "label_en": form.label_en.data,
        "label_ru": form.label_ru.data,
        "label_kk": form.label_kk.data,
        "definition": form.definition.data or "",
        "country": form.country.data or None,
        "crosswalk": form.crosswalk.data or "",
    }


def _term_set_or_404(term_set: str) -> TermSet:
    """Return the set with this name; raise NotFound if there is none."""
    try:
        return TermSet(term_set)
    except ValueError:
        raise NotFound from None


def _load_term_or_404(term_set: str, code: str) -> Term:
    """Return the term with this code in a set; raise NotFound if there is none."""
    chosen = _term_set_or_404(term_set)
    term = find_term(chosen, code) if is_valid_code(code) else None
    if term is None:
        raise NotFound
    return term
