"""What was decided about naming a target, and what closing a name was agreed to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wtforms import DateField, HiddenField, SelectMultipleField
from wtforms.validators import Optional

from tracker.i18n import lazy
from tracker.incidents.closing_service import Agreed
from tracker.incidents.codes import NamingDecision, NamingScope
from tracker.incidents.fields import words
from tracker.incidents.naming_rules import CLOSING
from tracker.incidents.naming_service import Decided
from tracker.vocabulary.codes import Answer
from tracker.web.forms import CodeField, TextField, VersionedForm

if TYPE_CHECKING:
    from tracker.incidents.closing_queries import Closing
    from tracker.incidents.guarded_models import TargetNaming
    from tracker.incidents.models import Incident, IncidentTarget


@dataclass(frozen=True, slots=True)
class AboutName:
    """A target with what was decided about naming it."""

    incident: Incident
    target: IncidentTarget
    naming: TargetNaming

    @property
    def version(self) -> int:
        """Return what rises with each decision, though the incident may stay what it was."""
        return self.incident.version + self.naming.version

    @property
    def ref(self) -> str:
        """Return the ref of the incident."""
        return self.incident.ref


class NamingForm(VersionedForm):
    """A naming decision, on the version of `AboutName`."""

    # A decision is one statement: mine is saved as a whole.
    shown = None

    IN_HISTORY = False

    decision = CodeField(
        lazy("What was decided"), NamingDecision, words=words,
        default=NamingDecision.NOT_ASKED.value,
    )  # fmt: skip
    scope = CodeField(lazy("To whom she may be named"), NamingScope, words=words, blank=lazy("—"))
    decided_on = DateField(lazy("Decided on"), validators=[Optional()])
    how_asked = TextField(lazy("How she was asked"), most=500)
    is_written = CodeField(lazy("In writing"), Answer, words=words, default=Answer.UNKNOWN.value)
    is_minor = CodeField(lazy("Under 18"), Answer, words=words, default=Answer.UNKNOWN.value)
    named_as = TextField(
        lazy("What stands for the name"), most=200,
        description=lazy(
            "Kind and place in words, such as “an editor in Almaty”. Needed to close the name."
        ),
    )  # fmt: skip
    # What closing the name was said to do, and which records are kept to the team for it.
    told = HiddenField()
    kept = SelectMultipleField(lazy("Keep to the team"), choices=list, validate_choice=False)

    def show(self, record: AboutName) -> None:
        """Fill the form with what was decided, and the version that is read."""
        naming = record.naming
        self.version.data = str(record.version)
        self.named_as.data = record.target.named_as
        if not naming.version:
            return
        self.decision.data = naming.decision.value
        self.scope.data = naming.scope.value if naming.scope else ""
        self.decided_on.data, self.how_asked.data = naming.decided_on, naming.how_asked
        self.is_written.data, self.is_minor.data = naming.is_written.value, naming.is_minor.value

    def show_closing(self, plan: Closing) -> None:
        """Say what is listed now; all that names her is kept to the team unless changed before."""
        self.told.data = " ".join(plan.refs())
        self.kept.data = [one.ref for one in plan.records]

    def read(self) -> Decided:
        """Return what was typed."""
        decision = self.decision.code()
        return Decided(
            decision=decision,
            # What she agreed to before stands there still, when she takes it back.
            scope=None if decision in CLOSING else self.scope.code(),
            decided_on=self.decided_on.data,
            how_asked=self.how_asked.data or "",
            is_written=self.is_written.code(),
            is_minor=self.is_minor.code(),
        )

    def agreed(self) -> Agreed:
        """Return what closing the name was said to do."""
        return Agreed(
            told=frozenset((self.told.data or "").split()), kept=frozenset(self.kept.data or ())
        )
