"""Forms for an official response, and which incidents it answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wtforms import FormField

from tracker.i18n import _, language, lazy
from tracker.people.codes import InstitutionKind
from tracker.permissions import Visibility
from tracker.responses.codes import AnswerScope, Stance, Standing
from tracker.responses.fields import LONGEST_QUOTE, ActForm, words
from tracker.vocabulary.labels import choices
from tracker.web.forms import (
    ChoicesField,
    CodeField,
    ConfirmField,
    LongTextField,
    RowsField,
    TextField,
    TrackerForm,
    VersionedForm,
    WhenField,
)
from tracker.web.naming import NameField

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracker.articles.models import Article
    from tracker.incidents.models import Incident
    from tracker.responses.models import Appeal, OfficialResponse, ResponseAct

SHOWN_AT_ONCE = 3
MOST_ACTS = 20
LONGEST_REF = 14
LONGEST_SUMMARY = 5000


def _stances() -> list[tuple[str, str]]:
    return choices(Stance, language())


class ResponseFields(TrackerForm):
    """Forms for a response, new or on record. The list stands last: `require_current_version`
    pairs the fields by their places.
    """

    institution = NameField(lazy("Institution"))
    institution_kind = CodeField(
        lazy("Its kind, if it is new"), InstitutionKind, words=words, blank=lazy("—"), default=""
    )
    official = TextField(lazy("Who spoke"), most=200)
    office = TextField(lazy("Office held then"), most=200)
    made = WhenField(lazy("Made"))
    standing = CodeField(
        lazy("Standing"), Standing, words=words, default=Standing.RESPONSIBLE_STATE.value
    )
    stance = CodeField(lazy("Stance"), Stance, words=words, default=Stance.UNCLEAR.value)
    other_stances = ChoicesField(lazy("Also"), choices=_stances)
    answers_scope = CodeField(
        lazy("What it answers"), AnswerScope, words=words, default=AnswerScope.INCIDENTS.value
    )
    visibility = CodeField(
        lazy("Who may see it"), Visibility, words=words, default=Visibility.RESTRICTED.value
    )
    summary = LongTextField(lazy("Summary"), most=LONGEST_SUMMARY)
    acts = RowsField(
        FormField(ActForm), lazy("What it said and did"),
        min_entries=SHOWN_AT_ONCE, max_entries=MOST_ACTS,
    )  # fmt: skip

    def lines(self) -> list[ActForm]:
        """Return the lines of the acts."""
        return [entry.form for entry in self.acts.entries]

    def add_line(self) -> None:
        """Add an empty line for an act, as long as there may be more."""
        if len(self.acts.entries) < MOST_ACTS:
            self.acts.append_entry()


class NewResponseForm(ResponseFields):
    """A new response: from an article with its words, or without any source yet."""

    quote = LongTextField(
        lazy("Quote"), most=LONGEST_QUOTE,
        description=lazy(
            "Numbers of sentences, such as 12-14 or 2, 5, or words of the article; those of the "
            "acts if empty."
        ),
    )  # fmt: skip
    incidents = ChoicesField(lazy("It answers these incidents"), choices=[])

    def set_choices(self, article: Article | None, incidents: Sequence[Incident]) -> None:
        """Offer the incidents of the article, or of what it answers; without an article nothing is
        cited.
        """
        del self.summary
        if article is None:
            del self.quote
        else:
            del self.visibility
        if article is None and not incidents:
            del self.incidents
            return
        self._incidents = {one.ref: one for one in incidents}
        self.incidents.choices = [(one.ref, one.heading()) for one in incidents]

    def chosen_incidents(self) -> list[Incident]:
        """Return the incidents that were ticked."""
        if "incidents" not in self:
            return []
        refs = self.incidents.data or []
        return [self._incidents[ref] for ref in refs if ref in self._incidents]

    def propose(self, appeal: Appeal) -> None:
        """Fill in what follows from the appeal that it answers."""
        self.institution.populate(appeal.institution)
        if "incidents" in self:
            self.incidents.data = list(self._incidents)
        if "visibility" in self:
            self.visibility.data = appeal.visibility.value

    def prefill_from(self, response: OfficialResponse) -> None:
        """Fill in what the next response from the same article probably shares."""
        self.made.populate(response.when)
        self.standing.data = response.standing.value
        self.answers_scope.data = response.answers_scope.value
        answered = [one.incident.ref for one in response.answers if one.incident]
        self.incidents.data = [ref for ref in answered if ref in self._incidents]


class EditResponseForm(VersionedForm, ResponseFields):
    """What is recorded about a response; an act goes with its line, where that is meant."""

    COMPARED_TOGETHER = (
        ("institution", "institution_kind", "official", "office", "standing"),
        ("stance", "other_stances"),
        ("acts", "fewer"),
    )

    fewer = ConfirmField(lazy("Remove the acts whose lines are empty now"))

    def populate(self, record: OfficialResponse) -> None:
        """Fill the form with the stored values and version."""
        self.version.data = str(record.version)
        self.institution.populate(record.institution)
        self.official.data, self.office.data = record.official, record.office
        self.made.populate(record.when)
        self.standing.data, self.stance.data = record.standing.value, record.stance.value
        self.other_stances.data = [row.stance.value for row in record.other_stances]
        self.answers_scope.data = record.answers_scope.value
        self.summary.data = record.summary
        self.visibility.data = record.visibility.value
        while len(self.acts.entries) < len(record.acts):
            self.acts.append_entry()
        for line, row in zip(self.lines(), record.acts, strict=False):
            line.populate(row)

    def doubt_fewer(self, response: OfficialResponse) -> None:
        """Raise InvalidInput at each line that holds nothing any more of an act on record, until
        somebody says that it is to go.
        """
        gone = {
            line.act.name: _("This would remove what is recorded: %(act)s", act=act_with_quote(row))
            for line, row in zip(self.lines(), response.acts, strict=False)
            if line.says_nothing()
        }
        if gone:
            self.fewer.ask(**gone)


def act_with_quote(act: ResponseAct) -> str:
    """Return an act on record with its quote."""
    return ": ".join(filter(None, [words(act.act), act.quote]))
