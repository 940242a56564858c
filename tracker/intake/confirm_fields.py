"""Rows of the confirm page for accounts and responses, each recorded or left out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from wtforms import FormField, HiddenField, IntegerField
from wtforms.validators import NumberRange, Optional

from tracker.errors import InvalidInput, gathered
from tracker.fake_accounts.codes import AccountEvent, AccountKind
from tracker.fake_accounts.fields import PosedForm, read_posed
from tracker.fake_accounts.service import MOST_ACCOUNTS, AccountFacts, checked
from tracker.i18n import _, language, lazy
from tracker.incidents.fields import CountryField
from tracker.intake.confirm_service import under
from tracker.intake.row_fields import RecordRow, cited, quote_field, use_field, words
from tracker.intake.sheet import MOST_PARTS
from tracker.people.codes import InstitutionKind
from tracker.responses.codes import AnswerScope, Stance, Standing
from tracker.responses.fields import ActForm, read_acts, read_body
from tracker.vocabulary.codes import Answer, TermSet
from tracker.vocabulary.queries import term_choices, terms_by_code
from tracker.web.forms import ChoiceField, CodeField, LongTextField, RowsField, TextField, WhenField
from tracker.web.naming import NameField

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from tracker.responses.fields import ActMeant, BodyMeant
    from tracker.when import When

LONGEST_SPREADS = 5000


# What an article may tell that was done to an account.
EVENTS = (AccountEvent.BLOCKED, AccountEvent.SUSPENDED, AccountEvent.REMOVED_BY_PLATFORM)


class AccountRow(RecordRow):
    """One account, or all that the article does not identify."""

    kind = CodeField(lazy("What it is"), AccountKind, words=words)
    identified = CodeField(
        lazy("Does the source identify it?"), Answer, words=words, default=Answer.YES.value
    )
    accounts_at_least = IntegerField(
        lazy("If not: how many accounts, at least"),
        validators=[Optional(), NumberRange(1, MOST_ACCOUNTS)],
    )
    platform = ChoiceField(lazy("Platform"), default="")
    handle = TextField(
        lazy("Handle"), most=2000, description=lazy("Or the profile's address, pasted.")
    )
    displayed_name = TextField(lazy("Displayed name"), most=200)
    spreads = LongTextField(lazy("What it spreads"), most=LONGEST_SPREADS)
    first_seen = WhenField(lazy("First seen"))
    event = CodeField(
        lazy("What happened to it"), AccountEvent, words=words, only=EVENTS, blank=lazy("not said")
    )
    event_on = WhenField(lazy("When that happened"))
    quote = quote_field()
    impersonates = RowsField(
        FormField(PosedForm), lazy("Whose name or photograph it uses"),
        min_entries=1, max_entries=MOST_PARTS,
    )  # fmt: skip

    def called(self, number: int) -> str:
        """Return what the page calls the row of this number."""
        return str(_("Fake account %(n)d", n=number))

    def read(self, known_by: date, at: str) -> dict[str, Any]:
        """Return what was typed; raise InvalidInput at all that cannot be read. Of one that is on
        record already the passages are read, and what happened to it.
        """
        if self.is_on_record():
            event, passages = gathered(lambda: self._event(known_by), lambda: cited(self.quote))
            return {"passages": passages, "same_as": self.same_as.data, "event": event}
        _new, facts, first_seen, event, meant, passages = gathered(
            self.require_choice,
            lambda: under(at, lambda: checked(self._facts())),
            lambda: self.first_seen.read_when(known_by),
            lambda: self._event(known_by),
            lambda: read_posed(one.form for one in self.impersonates.entries),
            lambda: cited(self.quote),
        )
        return {
            "facts": facts, "first_seen": first_seen, "event": event, "meant": meant,
            "passages": passages,
        }  # fmt: skip

    def _event(self, known_by: date) -> tuple[AccountEvent, When] | None:
        """Return what happened to it and when; raise InvalidInput for a date of nothing."""
        when, event = self.event_on.read_when(known_by), self.event.code()
        if event is None and self.event_on.form.when.data:
            raise InvalidInput(**{self.event.name: _("Say what happened on this date.")})
        return None if event is None else (event, when)

    def _facts(self) -> AccountFacts:
        codes = [self.platform.data] if self.platform.data else []
        platforms = terms_by_code(TermSet.PLATFORM, codes, field="platform")
        return AccountFacts(
            kind=self.kind.code(),
            identified=self.identified.code(),
            accounts_at_least=self.accounts_at_least.data,
            platform=platforms[0] if platforms else None,
            handle=self.handle.data or "",
            displayed_name=self.displayed_name.data or "",
            spreads=self.spreads.data or "",
        )


class ActRow(ActForm):
    """One act of a response, to be recorded or left out."""

    use = use_field()
    came = HiddenField(default="")


class ResponseRow(RecordRow):
    """One institution on one occasion."""

    institution = NameField(lazy("Institution"))
    institution_kind = CodeField(
        lazy("Its kind, if it is new"), InstitutionKind, words=words, blank=lazy("—"), default=""
    )
    official = TextField(lazy("Who spoke"), most=200)
    office = TextField(lazy("Office held then"), most=200)
    country = CountryField(lazy("Its country, if it is new"), default="")
    made = WhenField(lazy("Made"))
    # The date that was suggested: where it still stands, nobody typed another one.
    dated = HiddenField(default="")
    standing = CodeField(
        lazy("Standing"), Standing, words=words, default=Standing.RESPONSIBLE_STATE.value
    )
    stance = CodeField(lazy("Stance"), Stance, words=words, default=Stance.UNCLEAR.value)
    # The keys of what its sentences speak of: it answers those incidents that came of these.
    answers = HiddenField(default="")
    answers_scope = CodeField(
        lazy("What it answers"), AnswerScope, words=words, default=AnswerScope.INCIDENTS.value
    )
    acts = RowsField(
        FormField(ActRow), lazy("What it said and did"), min_entries=1, max_entries=MOST_PARTS
    )

    def called(self, number: int) -> str:
        """Return what the page calls the row of this number."""
        return str(_("Official response %(n)d", n=number))

    def read(self, known_by: date, quoting: Callable[[str, str], str]) -> dict[str, Any]:
        """Return what was typed; `quoting` finds the words of an act in the article. Raises
        InvalidInput at all that cannot be read. Of one that is on record already the quotes of its
        acts alone are read.
        """
        if self.is_on_record():
            self._acts(quoting)
            return {"same_as": self.same_as.data}
        _new, body, made, acts = gathered(
            self.require_choice,
            self._body,
            lambda: self.made.read_when(known_by),
            lambda: self._acts(quoting),
        )
        return {
            "body": body,
            "acts": acts,
            "official": self.official.data or "",
            "office": self.office.data or "",
            "made": made,
            "standing": self.standing.code(),
            "stance": self.stance.code(),
            "answers_scope": self.answers_scope.code(),
        }

    def kept(self) -> list[Any]:
        """Return the rows of those acts that are to be recorded."""
        return [
            one for one in self.acts.entries if one.form.use.data and not one.form.says_nothing()
        ]

    def _body(self) -> BodyMeant:
        meant = read_body(self.institution, self.institution_kind)
        if meant is None:
            name = self.institution.form.name.name
            raise InvalidInput(**{name: _("Name the body that spoke or acted.")})
        return replace(meant, country=self.country.data or "")

    def _acts(self, quoting: Callable[[str, str], str]) -> list[ActMeant]:
        if not self.kept():
            first = self.acts.entries[0].form.act.name
            raise InvalidInput(**{first: _("Choose what the body said or did.")})
        return read_acts((one.form for one in self.kept()), quoting)


def platforms() -> list[tuple[str, str]]:
    """Return the platforms on offer."""
    return [("", "—"), *term_choices(TermSet.PLATFORM, language())]
