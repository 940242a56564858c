"""The models of fake accounts: whom they impersonate, their events and successors."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker import clock
from tracker.articles import models as article_models
from tracker.db import INTERNAL, PUBLIC, Base, text_enum
from tracker.fake_accounts import codes
from tracker.fake_accounts.rules import AccountLife, account_life_of, format_handle, status_of
from tracker.i18n import _, current_language
from tracker.incidents.models import IncidentJoinMixin
from tracker.people.models import Institution, Journalist, Outlet
from tracker.records import DateRangeMixin, child_relationship, date_order_check
from tracker.review import models as review_models
from tracker.scoping import ChildRow, ScopedRecord, owner_foreign_key, owner_unique_key
from tracker.search.models import Searchable
from tracker.vocabulary.codes import Answer
from tracker.vocabulary.labels import get_label
from tracker.vocabulary.models import Term


class FakeAccount(review_models.Reviewable, Searchable, ScopedRecord, Base):
    """A fake account. If `identified` is no, the source does not say which account it is; the
    record may then stand for several accounts, at least `accounts_at_least`.

    The status is derived from the events. An account is never an incident.
    """

    __tablename__ = "fake_accounts"
    __table_args__ = (
        owner_unique_key(),
        review_models.two_person_check(),
        review_models.retract_reason_check(),
        Index("ix_fake_accounts_page", "recorded_at", "ref"),
        CheckConstraint("handle NOT LIKE '@%'", name="handle_without_at"),
        CheckConstraint(
            "identified <> 'yes' OR handle <> '' OR url <> '' OR displayed_name <> ''",
            name="identified_by_something",
        ),
        CheckConstraint(
            "accounts_at_least IS NULL OR (identified = 'no' AND accounts_at_least >= 1)",
            name="several_only_unidentified",
        ),
    )
    PREFIX = "ACC"
    ENDPOINT = "fake_accounts"
    HEADING_RELATIONSHIPS = "platform"
    SEARCH_TEXT_PATHS = (
        "platform citations impersonates.journalist.names impersonates.outlet.names "
        "impersonates.institution.names"
    )

    kind: Mapped[codes.AccountKind] = mapped_column(text_enum(codes.AccountKind), info=PUBLIC)
    identified: Mapped[Answer] = mapped_column(
        text_enum(Answer, name="identified"), default=Answer.YES, info=PUBLIC
    )
    accounts_at_least: Mapped[int | None] = mapped_column(info=PUBLIC)
    platform_id: Mapped[int | None] = mapped_column(ForeignKey("terms.id"), index=True, info=PUBLIC)
    handle: Mapped[str] = mapped_column(String(200), default="", index=True, info=PUBLIC)
    url: Mapped[str] = mapped_column(String(2000), default="", info=PUBLIC)
    displayed_name: Mapped[str] = mapped_column(String(200), default="", info=INTERNAL)
    spreads: Mapped[str] = mapped_column(Text, default="", info=INTERNAL)

    platform: Mapped[Term | None] = relationship()
    impersonates: Mapped[list[AccountImpersonation]] = child_relationship(
        "account", order_by="AccountImpersonation.id"
    )
    events: Mapped[list[FakeAccountEvent]] = child_relationship(
        "account", order_by="FakeAccountEvent.latest"
    )
    citations: Mapped[list[AccountCitation]] = child_relationship(
        "record", order_by="AccountCitation.id"
    )
    incidents: Mapped[list[IncidentAccount]] = child_relationship(
        "account", order_by="IncidentAccount.id"
    )
    successors: Mapped[list[AccountSuccession]] = child_relationship(
        "account",
        order_by="AccountSuccession.id",
        foreign_keys=(
            "[AccountSuccession.account_id, AccountSuccession.team_id, "
            "AccountSuccession.visibility]"
        ),
    )

    @property
    def status(self) -> codes.AccountStatus:
        """The status of the account, derived from its events."""
        return status_of(self.events)

    @property
    def life(self) -> AccountLife:
        """The time in which the account was up, derived from its events."""
        is_identified = self.identified is Answer.YES
        return account_life_of(self.events, is_identified=is_identified, today=clock.current_date())

    @property
    def heading(self) -> str:
        """The kind, name and platform of the account, in the viewer's language."""
        kind = get_label(self.kind, current_language())
        if self.identified is Answer.NO:
            count = self.accounts_at_least
            called = (
                _("%(kind)s, not identified, at least %(n)d", kind=kind, n=count)
                if count
                else _("%(kind)s, not identified", kind=kind)
            )
        else:
            called = f"{kind} {self.display_name()}".strip()
        return (
            f"{called} · {self.platform.label_in(current_language())}"
            if self.platform
            else str(called)
        )

    def display_name(self) -> str:
        """Return the handle of the account, else its displayed name, else its address."""
        return format_handle(self.handle, self.kind) or self.displayed_name or self.url

    def search_text(self) -> str:
        """Return the text to index: names, address, platform, parties, content and quotes."""
        words = [self.handle, self.displayed_name, self.url, self.spreads]
        if self.platform:
            words += [self.platform.label_en, self.platform.label_ru, self.platform.label_kk]
        words += [one.search_text() for one in self.impersonates]
        words += [one.quote for one in self.citations]
        return "\n".join(word for word in words if word)


class AccountImpersonation(ChildRow, Base):
    """A party that an account impersonates: journalist, outlet, institution or official."""

    __tablename__ = "account_impersonations"
    __table_args__ = (
        owner_foreign_key("fake_accounts", "account_id"),
        CheckConstraint(
            "journalist_id IS NOT NULL OR outlet_id IS NOT NULL OR institution_id IS NOT NULL "
            "OR official <> ''",
            name="somebody_is_meant",
        ),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True, info=INTERNAL)
    account_id: Mapped[int] = mapped_column(index=True, info=INTERNAL)
    journalist_id: Mapped[int | None] = mapped_column(
        ForeignKey("journalists.id"), index=True, info=INTERNAL
    )
    outlet_id: Mapped[int | None] = mapped_column(
        ForeignKey("outlets.id"), index=True, info=INTERNAL
    )
    institution_id: Mapped[int | None] = mapped_column(
        ForeignKey("institutions.id"), index=True, info=INTERNAL
    )
    official: Mapped[str] = mapped_column(String(200), default="", info=INTERNAL)

    account: Mapped[FakeAccount] = relationship(back_populates="impersonates")
    journalist: Mapped[Journalist | None] = relationship()
    outlet: Mapped[Outlet | None] = relationship()
    institution: Mapped[Institution | None] = relationship()

    def impersonated_party(self) -> Journalist | Outlet | Institution | None:
        """Return the impersonated record, None if it is hidden or an official without record."""
        return self.journalist or self.outlet or self.institution

    def is_hidden(self) -> bool:
        """Return whether the impersonated record is hidden from the viewer."""
        return not self.official and self.impersonated_party() is None

    def search_text(self) -> str:
        """Return all names of the impersonated party, as text."""
        meant = self.impersonated_party()
        return meant.search_text() if meant else self.official


class FakeAccountEvent(ChildRow, DateRangeMixin, Base):
    """An event of an account, with its date and source."""

    __tablename__ = "fake_account_events"
    __table_args__ = (
        owner_foreign_key("fake_accounts", "account_id"),
        date_order_check(),
        article_models.part_unique_key("fake_account_events", "account_id"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True, info=INTERNAL)
    account_id: Mapped[int] = mapped_column(index=True, info=INTERNAL)
    event: Mapped[codes.AccountEvent] = mapped_column(text_enum(codes.AccountEvent), info=PUBLIC)
    institution_id: Mapped[int | None] = mapped_column(
        ForeignKey("institutions.id"), index=True, info=PUBLIC
    )
    article_id: Mapped[int | None] = mapped_column(
        ForeignKey("articles.id"), index=True, info=INTERNAL
    )
    note: Mapped[str] = mapped_column(String(500), default="", info=INTERNAL)

    account: Mapped[FakeAccount] = relationship(back_populates="events")
    institution: Mapped[Institution | None] = relationship(info={"may_repeat": True})
    article: Mapped[article_models.Article | None] = relationship()


class AccountSuccession(ChildRow, Base):
    """A succession: the account reappeared as its successor, with certainty and basis."""

    __tablename__ = "account_successions"
    __table_args__ = (
        owner_foreign_key("fake_accounts", "account_id"),
        CheckConstraint("account_id <> successor_id", name="another_account"),
        Index("uq_account_successions_pair", "account_id", "successor_id", unique=True),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True, info=INTERNAL)
    account_id: Mapped[int] = mapped_column(index=True, info=INTERNAL)
    successor_id: Mapped[int] = mapped_column(
        ForeignKey("fake_accounts.id"), index=True, info=INTERNAL
    )
    certainty: Mapped[codes.SuccessionCertainty] = mapped_column(
        text_enum(codes.SuccessionCertainty), info=INTERNAL
    )
    basis: Mapped[codes.SuccessionBasis] = mapped_column(
        text_enum(codes.SuccessionBasis), info=INTERNAL
    )

    account: Mapped[FakeAccount] = relationship(
        back_populates="successors",
        foreign_keys=(
            "[AccountSuccession.account_id, AccountSuccession.team_id, "
            "AccountSuccession.visibility]"
        ),
    )
    successor: Mapped[FakeAccount | None] = relationship(
        foreign_keys="[AccountSuccession.successor_id]"
    )


class IncidentAccount(IncidentJoinMixin, Base):
    """A link between an account and an incident in which it was used."""

    OWNER_ATTRIBUTE = "account"

    __tablename__ = "incident_accounts"
    __table_args__ = (
        owner_foreign_key("fake_accounts", "account_id"),
        Index("uq_incident_accounts_pair", "account_id", "incident_id", unique=True),
    )

    account_id: Mapped[int] = mapped_column(index=True, info=INTERNAL)

    account: Mapped[FakeAccount] = relationship(back_populates="incidents")


class AccountCitation(article_models.Citation, Base):
    """A quote from a source of an account. `part`: the event of the account that the quote is
    about, None if it is about the whole account.
    """

    __tablename__ = "account_citations"
    __table_args__ = article_models.citation_constraints(
        "fake_accounts", part_table="fake_account_events", owner_column="account_id"
    )

    part_id: Mapped[int | None] = mapped_column(index=True, info=INTERNAL)

    record: Mapped[FakeAccount] = relationship(back_populates="citations")
    part: Mapped[FakeAccountEvent | None] = relationship(
        primaryjoin=lambda: AccountCitation.part_id == FakeAccountEvent.id, foreign_keys=[part_id]
    )


class FakeAccountComment(review_models.Comment, Base):
    """A comment on a fake account; with an assignee, it assigns the record to a user."""

    __tablename__ = "fake_account_comments"
    __table_args__ = review_models.comment_constraints("fake_accounts")

    record: Mapped[FakeAccount] = relationship(back_populates="comments")
