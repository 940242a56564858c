"""The forms for fake accounts, their events and their successors."""

from __future__ import annotations

from collections.abc import Sequence

from wtforms import FormField, IntegerField
from wtforms.validators import NumberRange, Optional

from tracker.articles.models import Article
from tracker.articles.sentences import MAX_QUOTE_LENGTH
from tracker.fake_accounts import codes as fake_account_codes
from tracker.fake_accounts.fields import ImpersonatedPartyForm
from tracker.fake_accounts.models import FakeAccount
from tracker.fake_accounts.service import MAX_ACCOUNT_COUNT, MAX_SPREADS_LENGTH, AccountFacts
from tracker.i18n import current_language, lazy
from tracker.incidents.models import Incident
from tracker.kit.forms import RecordsField, SourceField, code_input
from tracker.permissions import Visibility
from tracker.vocabulary.codes import Answer, TermSet
from tracker.vocabulary.queries import term_choices, terms_with_codes
from tracker.web import forms

MAX_IMPERSONATED_PARTIES = 20  # impersonated parties


class AccountFields(forms.TrackerForm):
    """The fields of a fake account, new or existing.

    The list comes last: `require_current_version` pairs the fields by position.
    """

    kind = code_input(lazy("What it is"), fake_account_codes.AccountKind)
    identified = code_input(lazy("Does the source identify it?"), Answer, default=Answer.YES.value)
    accounts_at_least = IntegerField(
        lazy("If not: how many accounts, at least"),
        validators=[Optional(), NumberRange(1, MAX_ACCOUNT_COUNT)],
    )
    platform = forms.ChoiceField(lazy("Platform"), default="")
    handle = forms.TextField(
        lazy("Handle"), max_length=2000, description=lazy("Or the profile's address, pasted.")
    )
    url = forms.TextField(lazy("Web address"), max_length=2000)
    displayed_name = forms.TextField(lazy("Displayed name"), max_length=200)
    spreads = forms.LongTextField(lazy("What it spreads"), max_length=MAX_SPREADS_LENGTH)
    visibility = code_input(lazy("Who can see it"), Visibility, default=Visibility.RESTRICTED.value)
    impersonates = forms.RowsField(
        FormField(ImpersonatedPartyForm), lazy("Whose name or photograph it uses"),
        min_entries=1, max_entries=MAX_IMPERSONATED_PARTIES,
    )  # fmt: skip

    def set_platform_choices(self, account: FakeAccount | None = None) -> None:
        """Set the platforms to choose from, including a retired one that the account has."""
        keep = [account.platform] if account and account.platform else []
        terms = term_choices(TermSet.PLATFORM, current_language(), terms_to_keep=keep)
        self.platform.choices = [("", "—"), *terms]

    def read_facts(self) -> AccountFacts:
        """Return the submitted details of the account."""
        codes = [self.platform.data] if self.platform.data else []
        platforms = terms_with_codes(TermSet.PLATFORM, codes, field="platform")
        return AccountFacts(
            kind=self.kind.chosen_code(),
            identified=self.identified.chosen_code(),
            accounts_at_least=self.accounts_at_least.data,
            platform=platforms[0] if platforms else None,
            handle=self.handle.data or "",
            url=self.url.data or "",
            displayed_name=self.displayed_name.data or "",
            spreads=self.spreads.data or "",
        )

    def party_lines(self) -> list[ImpersonatedPartyForm]:
        """Return the lines of the list of impersonated parties."""
        return [entry.form for entry in self.impersonates.entries]

    def add_line(self) -> None:
        """Add an empty line for one more impersonated party, up to the maximum."""
        if len(self.impersonates.entries) < MAX_IMPERSONATED_PARTIES:
            self.impersonates.append_entry()


class NewAccountForm(AccountFields):
    """The form of a new fake account, with an article as its source or without a source."""

    first_seen = forms.WhenField(lazy("First seen"))
    quote = forms.LongTextField(
        lazy("Quote"), max_length=MAX_QUOTE_LENGTH,
        description=lazy("Numbers of sentences, such as 12-14 or 2, 5, or words of the article."),
    )  # fmt: skip
    incidents = RecordsField(lazy("Used in these incidents"))

    def set_choices(self, article: Article | None, incidents: Sequence[Incident]) -> None:
        """Set the choices of platforms and incidents. With an article, remove the field of the
        visibility; without one, remove the fields of the quote and the incidents.
        """
        self.set_platform_choices()
        if article is None:
            del self.quote, self.incidents
            return
        del self.visibility
        self.incidents.set_choices(incidents)

    def chosen_incidents(self) -> list[Incident]:
        """Return the ticked incidents."""
        return self.incidents.chosen_records() if "incidents" in self else []

    def prefill_from(self, account: FakeAccount) -> None:
        """Fill the form with what the next account from the same article probably shares: kind,
        platform, content, impersonated parties and incidents.
        """
        self.kind.data = account.kind.value
        self.platform.data = account.platform.code if account.platform else ""
        self.spreads.data = account.spreads
        populate_impersonated_parties(self, account)
        used = [use.incident.ref for use in account.incidents if use.incident]
        self.incidents.preselect(used)


class EditAccountForm(forms.VersionedForm, AccountFields):
    """The form that edits the details of a fake account."""

    LINKED_FIELD_GROUPS = (
        ("kind", "identified", "accounts_at_least"),
        ("platform", "handle", "url"),
    )

    def populate(self, record: FakeAccount) -> None:
        """Fill the form with the stored values and version."""
        self.version.data = str(record.version)
        self.kind.data, self.identified.data = record.kind.value, record.identified.value
        self.accounts_at_least.data = record.accounts_at_least
        self.platform.data = record.platform.code if record.platform else ""
        self.handle.data, self.url.data = record.handle, record.url
        self.displayed_name.data, self.spreads.data = record.displayed_name, record.spreads
        self.visibility.data = record.visibility.value
        populate_impersonated_parties(self, record)


def populate_impersonated_parties(form: AccountFields, account: FakeAccount) -> None:
    """Fill the list of a form with the impersonated parties that the viewer may see."""
    shown = [row for row in account.impersonates if not row.is_hidden()]
    while len(form.impersonates.entries) < len(shown):
        form.impersonates.append_entry()
    for line, row in zip(form.party_lines(), shown, strict=False):
        line.populate(row)


class EventForm(forms.PartForm):
    """The form of an event of a fake account."""

    event = code_input(lazy("What happened"), fake_account_codes.AccountEvent)
    occurred = forms.WhenField(lazy("When"))
    institution = forms.NameField(lazy("By which body"))
    article = SourceField(lazy("Source"))
    quote = forms.LongTextField(
        lazy("Quote"), max_length=MAX_QUOTE_LENGTH,
        description=lazy("Numbers of sentences, such as 12-14 or 2, 5, or words of the source."),
    )  # fmt: skip
    note = forms.TextField(lazy("Note"), max_length=500)


class SuccessionForm(forms.PartForm):
    """The form that adds the account as which a fake account reappeared."""

    successor = forms.TextField(
        lazy("Reappeared as"), max_length=forms.MAX_REF_LENGTH, required=True,
        description=lazy("The ref of the other account: ACC-…"),
    )  # fmt: skip
    certainty = code_input(lazy("How certain"), fake_account_codes.SuccessionCertainty)
    basis = code_input(lazy("Based on"), fake_account_codes.SuccessionBasis)
