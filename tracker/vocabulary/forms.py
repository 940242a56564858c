"""What an administrator is asked about a term."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wtforms import IntegerField
from wtforms.validators import InputRequired, NumberRange

from tracker.i18n import country_names, lazy
from tracker.vocabulary.rules import LONGEST_CODE, LONGEST_LABEL, typed_crosswalk
from tracker.web.forms import ChoiceField, LongTextField, TextField, TrackerForm
from tracker.web.versioned_forms import VersionedForm

if TYPE_CHECKING:
    from tracker.vocabulary.models import Term

LARGEST_RANK = 99_999


class TermFields(TrackerForm):
    label_en = TextField(lazy("Label in English"), most=LONGEST_LABEL, needed=True)
    label_ru = TextField(lazy("Label in Russian"), most=LONGEST_LABEL, needed=True)
    label_kk = TextField(lazy("Label in Kazakh"), most=LONGEST_LABEL, needed=True)
    definition = LongTextField(lazy("Definition"), most=4000)
    rank = IntegerField(
        lazy("Rank"),
        validators=[InputRequired(), NumberRange(min=0, max=LARGEST_RANK)],
        description=lazy("The lowest is proposed first; it is no judgement."),
    )
    country = ChoiceField(lazy("Country"))
    crosswalk = LongTextField(
        lazy("In other lists"), most=1000, description=lazy("One a line: jfj = N")
    )

    def __init__(self, **kw: Any) -> None:  # noqa: ANN401 (WTForms options)
        super().__init__(**kw)
        self.country.choices = [("", "—"), *country_names()]


class NewTermForm(TermFields):
    code = TextField(
        lazy("Code"),
        most=LONGEST_CODE,
        needed=True,
        description=lazy("It stands in exports for good: threat.death"),
    )


class TermForm(VersionedForm, TermFields):
    def show(self, record: Term) -> None:
        """Fill the form with what is stored, the version included."""
        self.version.data = str(record.version)
        self.label_en.data, self.label_ru.data = record.label_en, record.label_ru
        self.label_kk.data, self.definition.data = record.label_kk, record.definition
        self.rank.data, self.country.data = record.rank, record.country or ""
        self.crosswalk.data = typed_crosswalk(record.crosswalk)
