"""Rows of the confirm page: incidents, accounts, responses, each recorded or left out."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from wtforms import BooleanField, FormField, HiddenField, IntegerField
from wtforms.validators import NumberRange, Optional

from tracker.errors import InvalidInput, gathered
from tracker.fake_accounts.codes import AccountKind
from tracker.fake_accounts.fields import PosedForm, read_posed
from tracker.fake_accounts.service import MOST_ACCOUNTS, AccountFacts, checked
from tracker.i18n import _, language, lazy
from tracker.incidents.actors_service import ActorFacts
from tracker.incidents.codes import ActorType, AttributedBy, Certainty, Extent, PurportedAs
from tracker.incidents.fields import (
    CountryField,
    RegionField,
    TypesField,
    WhoFields,
    is_blank,
    read_who,
)
from tracker.intake.codes import SuggestionKind
from tracker.intake.confirm_service import under
from tracker.intake.passages import LONGEST_QUOTE, MOST_PASSAGES, passages_in
from tracker.intake.sheet import MOST_PARTS
from tracker.people.codes import InstitutionKind
from tracker.responses.codes import AnswerScope, Stance, Standing
from tracker.responses.fields import ActForm, read_acts, read_body
from tracker.vocabulary.codes import Answer, TermSet
from tracker.vocabulary.labels import label
from tracker.vocabulary.queries import term_choices, terms_by_code
from tracker.web.forms import ChoiceField, CodeField, LongTextField, SubForm, TextField, WhenField
from tracker.web.naming import NameField
from tracker.web.rows import RowsField

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date
    from enum import StrEnum

    from tracker.incidents.targets_service import TargetFacts
    from tracker.intake.drafts import Suggested
    from tracker.responses.fields import ActMeant, BodyMeant

LONGEST_SPREADS = 5000


def words(code: StrEnum) -> str:
    """Return the label of a code in the viewer's language."""
    return label(code, language())


def use_field() -> BooleanField:
    """Return the box that says whether something is recorded."""
    return BooleanField(lazy("Record this"))


def quote_field() -> LongTextField:
    """Return the box for one passage of the article, or several."""
    return LongTextField(
        lazy("Quote"), most=LONGEST_QUOTE,
        description=lazy("Numbers of sentences, such as 12 or 5, 9-11, or words of the article."),
    )  # fmt: skip


def cited(quote: LongTextField) -> list[str]:
    """Return the passages typed for one record; raise InvalidInput where they are too many."""
    passages = passages_in(quote.data or "")
    if len(passages) > MOST_PASSAGES:
        few = _("One record cites at most %(most)d passages.", most=MOST_PASSAGES)
        raise InvalidInput(**{quote.name: few})
    return passages


class TargetRow(WhoFields):
    """Somebody at whom it was aimed; `came` is the key of the suggestion it came from."""

    use = use_field()
    came = HiddenField(default="")


class IncidentRow(SubForm):
    """One incident; `came` are the keys of the suggestions it came from."""

    use = use_field()
    came = HiddenField(default="")
    types = TypesField(lazy("What was done"))
    quote = quote_field()
    occurred = WhenField(lazy("When"))
    extent = CodeField(lazy("Once or repeatedly"), Extent, words=words, default=Extent.ONCE.value)
    country = CountryField(lazy("Country"))
    region = RegionField(lazy("Region"), default="")
    place = TextField(lazy("Place"), most=200)
    targets = RowsField(FormField(TargetRow), min_entries=1, max_entries=MOST_PARTS)
    actor_type = CodeField(lazy("Who did it"), ActorType, words=words, blank=lazy("not said"))
    purported_as = CodeField(
        lazy("Whom they posed as"), PurportedAs, words=words, blank=lazy("nobody")
    )
    attributed_by = CodeField(lazy("On whose word"), AttributedBy, words=words, blank=lazy("—"))
    with_accounts = BooleanField(lazy("The accounts below were used in it"))

    def read(self, known_by: date, at: str) -> dict[str, Any]:
        """Return what was typed, as `report_incident` takes it; raise InvalidInput at all that
        cannot be read.
        """
        types, occurred, region, targets, passages = gathered(
            self.types.terms,
            lambda: self.occurred.read_when(known_by),
            self.region.term,
            lambda: self._targets(at),
            lambda: cited(self.quote),
        )
        return {
            "passages": passages,
            "types": types,
            "occurred": occurred,
            "extent": self.extent.code(),
            "country": self.country.data or "",
            "region": region,
            "place": self.place.data or "",
            "targets": targets,
            "actor": self._actor(),
        }

    def types_shown(self, suggested: Mapping[str, Suggested]) -> list[tuple[str, str, bool, Any]]:
        """Return the types ticked or suggested: code, label, whether ticked, the suggestion."""
        came = [suggested[key] for key in (self.came.data or "").split() if key in suggested]
        why = {one.code: one for one in came if one.kind is SuggestionKind.TYPE}
        ticked = set(self.types.data or [])
        return [
            (code, text, code in ticked, why.get(code))
            for code, text in self.types.offered
            if code in ticked or code in why
        ]

    def named(self) -> list[Any]:
        """Return the rows of those targets that are to be recorded."""
        return [one for one in self.targets.entries if one.form.use.data and not is_blank(one.form)]

    def _targets(self, at: str) -> list[TargetFacts]:
        if not self.named():
            first = self.targets.entries[0].name if self.targets.entries else f"{at}targets-0"
            raise InvalidInput(**{f"{first}-who-name": _("Say at least who was meant.")})
        return gathered(*(partial(read_who, one.form, at=f"{one.name}-") for one in self.named()))

    def _actor(self) -> ActorFacts | None:
        facts = ActorFacts(
            actor_type=self.actor_type.code() or ActorType.UNKNOWN,
            purported_as=self.purported_as.code(),
            attributed_by=self.attributed_by.code(),
            certainty=Certainty.UNKNOWN,
        )
        return None if facts == ActorFacts() and not self.actor_type.data else facts


class AccountRow(SubForm):
    """One account, or all that the article does not identify."""

    use = use_field()
    came = HiddenField(default="")
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
    quote = quote_field()
    impersonates = RowsField(
        FormField(PosedForm), lazy("Whose name or photograph it uses"),
        min_entries=1, max_entries=MOST_PARTS,
    )  # fmt: skip

    def read(self, known_by: date, at: str) -> dict[str, Any]:
        """Return what was typed; raise InvalidInput at all that cannot be read."""
        facts, first_seen, meant, passages = gathered(
            lambda: under(at, lambda: checked(self._facts())),
            lambda: self.first_seen.read_when(known_by),
            lambda: read_posed(one.form for one in self.impersonates.entries),
            lambda: cited(self.quote),
        )
        return {"facts": facts, "first_seen": first_seen, "meant": meant, "passages": passages}

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


class ResponseRow(SubForm):
    """One institution on one occasion."""

    use = use_field()
    came = HiddenField(default="")
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
    answers_scope = CodeField(
        lazy("What it answers"), AnswerScope, words=words, default=AnswerScope.INCIDENTS.value
    )
    acts = RowsField(
        FormField(ActRow), lazy("What it said and did"), min_entries=1, max_entries=MOST_PARTS
    )

    def read(self, known_by: date, quoting: Callable[[str, str], str]) -> dict[str, Any]:
        """Return what was typed; `quoting` finds the words of an act in the article. Raises
        InvalidInput at all that cannot be read.
        """
        body, made, acts = gathered(
            self._body, lambda: self.made.read_when(known_by), lambda: self._acts(quoting)
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
        return meant

    def _acts(self, quoting: Callable[[str, str], str]) -> list[ActMeant]:
        if not self.kept():
            first = self.acts.entries[0].form.act.name
            raise InvalidInput(**{first: _("Choose what the body said or did.")})
        return read_acts((one.form for one in self.kept()), quoting)


def platforms() -> list[tuple[str, str]]:
    """Return the platforms on offer."""
    return [("", "—"), *term_choices(TermSet.PLATFORM, language())]
