"""The pages of fake accounts, and their register: figures of takedowns, and chains of accounts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from dataclasses import replace
from operator import attrgetter
from typing import Any, NamedTuple

from flask import Blueprint, render_template, request, url_for

from tracker import clock
from tracker.articles.models import Article
from tracker.articles.queries import article_text_load_options, latest_possible_event_date
from tracker.articles.rules import SENTENCES_PER_PART
from tracker.articles.service import build_citations, default_team_and_visibility
from tracker.audit.queries import cached_until_change
from tracker.audit.service import log_download
from tracker.errors import InvalidInput, collect_errors
from tracker.fake_accounts import dossier_rules, queries, service
from tracker.fake_accounts.codes import AccountFate
from tracker.fake_accounts.fields import create_impersonated_parties, read_impersonated_parties
from tracker.fake_accounts.filters import NO_PLATFORM, AccountFilter
from tracker.fake_accounts.forms import EditAccountForm, EventForm, NewAccountForm, SuccessionForm
from tracker.fake_accounts.lineage_rules import (
    AccountChain,
    LineageChart,
    SuccessionLink,
    build_lineage_chart,
    find_chains,
)
from tracker.fake_accounts.models import AccountCitation, FakeAccount, IncidentAccount
from tracker.fake_accounts.queries import (
    AccountRegister,
    accounts_by_ids,
    find_filter_records,
    load_register,
)
from tracker.fake_accounts.rules import AccountFigures, CountedAccount, compute_figures
from tracker.i18n import _, current_language, lazy
from tracker.incidents.models import Incident
from tracker.incidents.queries import incidents_citing, models_with_rows_about, resolve_incident
from tracker.kit import sections
from tracker.kit.lists import REF_COLUMN, STATE_COLUMN, Column, Facet, RecordList
from tracker.people.models import Institution, Journalist, Outlet
from tracker.people.queries import institution_by_ref, likely_institutions
from tracker.permissions import Permission, Visibility, can_edit
from tracker.review.service import records_to_share, share_record
from tracker.scoping import viewing_as_all_users
from tracker.vocabulary.codes import TermSet
from tracker.vocabulary.models import Term
from tracker.vocabulary.queries import list_all_terms
from tracker.web import saving
from tracker.web.filters import reject_unknown_parameters
from tracker.web.forms import ChooseIncidentForm, PartForm, RemoveForm, render_form
from tracker.web.guards import current_actor, require_permission, shows_filter_errors
from tracker.web.layout import register_panel
from tracker.when import When

# The most chains with a chart in the register. The page of an account has the chart of its chain.
MAX_CHAIN_CHARTS = 20
# Rows in the table of figures by impersonated party.
MAX_PARTY_ROWS = 50
# The query parameter that filters by an impersonated party.
FILTER_PARAMETER_BY_MODEL = {Journalist: "journalist", Outlet: "outlet", Institution: "institution"}
bp = Blueprint("fake_accounts", __name__, url_prefix="/fake-accounts")


def _load_account(ref: str) -> FakeAccount:
    """Return the account with a ref, with all that its page shows; raise NotFound if none."""
    return saving.load(FakeAccount, ref, *queries.page_load_options())


def _load_editable_account(ref: str) -> FakeAccount:
    """Return an account as `_load_account` does; raise Forbidden if the user may not edit it."""
    return saving.load_to_edit(FakeAccount, ref, *queries.page_load_options())


sections.add_history_page(bp, lambda ref: saving.load(FakeAccount, ref))


sections.add_share_page(
    bp, _load_editable_account, list_shared_records=records_to_share, share_record=share_record
)


# The columns by which the list of accounts is sorted, in descending order.
SORT_ORDER: Any = (FakeAccount.recorded_at, FakeAccount.ref)


# The columns of the list of accounts, and the fields whose values are counted beside it.
ACCOUNT_LIST = RecordList(
    endpoint="fake_accounts.index",
    id_column=FakeAccount.id,
    order=SORT_ORDER,
    columns=(
        Column(
            name="account",
            label=lazy("Fake account"),
            kind="title",
            cell=attrgetter("heading"),
        ),
        Column(name="poses", label=lazy("Poses as"), kind="own"),
        Column(
            name="status", label=lazy("Online status"), kind="codes",
            cell=lambda one: [one.status],
        ),
        Column(name="life", label=lazy("Time online"), kind="own"),
        STATE_COLUMN,
        REF_COLUMN,
    ),
    facets=(
        Facet(
            name="platform", value_column=Term.code, id_column=FakeAccount.id,
            relationship=FakeAccount.platform,
            label_column=lambda: getattr(Term, f"label_{current_language()}"),
        ),
    ),
)  # fmt: skip


@bp.get("/")
@require_permission(Permission.READ)
@shows_filter_errors
def index() -> str:
    """List the fake accounts, the last recorded first."""
    filters = AccountFilter.from_args(request.args)
    names = queries.find_filter_records(filters).labels_by_code()
    platforms = [
        (one.code, one.label_in(current_language())) for one in list_all_terms(TermSet.PLATFORM)
    ] + [(NO_PLATFORM, str(_("Platform not known")))]
    return render_template(
        "fake_accounts/index.html",
        table=ACCOUNT_LIST.build_table(queries.accounts_matching(filters), filters, names),
        choices={"platform": platforms},
    )


@register_panel("incident")
def incident_panel(incident: Incident) -> str:
    """Render the fake accounts that were used in an incident."""
    accounts = (
        queries.accounts_used_in(incident)
        if IncidentAccount in models_with_rows_about(incident)
        else []
    )
    return render_template("fake_accounts/incident_panel.html", accounts=accounts)


@register_panel("journalist")
@register_panel("outlet")
def owner_panel(owner: Journalist | Outlet) -> str:
    """Render the fake accounts that impersonate a journalist or outlet."""
    accounts = queries.accounts_impersonating(owner)
    return render_template("fake_accounts/owner_panel.html", accounts=accounts, owner=owner)


@bp.get("/<ref>/")
@require_permission(Permission.READ)
def show(ref: str) -> tuple[str, int]:
    """Show the page of a fake account."""
    return _render_page(_load_account(ref))


@bp.post("/<ref>/events")
@require_permission(Permission.LOG)
def add_event(ref: str) -> sections.ViewResponse:
    """Add an event of the account."""
    account, form = _load_editable_account(ref), EventForm()
    form.article.set_choices(account.citations)

    def apply_change() -> None:
        when, body, quotes = _read_event(form)
        service.add_event(
            account,
            form.event.chosen_code(),
            when=when,
            institution=body,
            article=form.article.chosen_article(),
            quotes=quotes,
            note=form.note.data or "",
            by=current_actor(),
        )

    return sections.handle_section_form(
        account, form, apply_change, _render_page, check=lambda: _read_event(form)
    )


@bp.post("/<ref>/events/remove")
@require_permission(Permission.LOG)
def remove_event(ref: str) -> sections.ViewResponse:
    """Remove an event recorded by mistake."""
    return sections.handle_row_removal(
        _load_editable_account(ref), service.remove_event, _render_page
    )


@bp.post("/<ref>/successors")
@require_permission(Permission.LOG)
def add_succession(ref: str) -> sections.ViewResponse:
    """Add another account as which the account reappeared."""
    account, form = _load_editable_account(ref), SuccessionForm()

    def apply_change() -> None:
        successor = queries.account_by_ref(form.successor.data or "")
        if successor is None:
            raise InvalidInput(successor=_("There is no such account."))
        service.add_succession(
            account,
            successor,
            certainty=form.certainty.chosen_code(),
            basis=form.basis.chosen_code(),
            by=current_actor(),
        )

    return sections.handle_section_form(account, form, apply_change, _render_page)


@bp.post("/<ref>/successors/remove")
@require_permission(Permission.LOG)
def remove_succession(ref: str) -> sections.ViewResponse:
    """Remove a succession recorded by mistake."""
    return sections.handle_row_removal(
        _load_editable_account(ref), service.remove_succession, _render_page
    )


@bp.route("/new", methods=["GET", "POST"])
@require_permission(Permission.LOG)
def new() -> sections.ViewResponse:
    """Record a fake account, with an article as its source if the query names one."""
    reject_unknown_parameters(request.args, {"article", "like"})
    article = saving.record_from_query(Article, "article", *article_text_load_options())
    incidents = incidents_citing(article) if article else []
    form = NewAccountForm()
    form.set_choices(article, incidents)
    answer = None
    if "another" in request.form:
        form.add_line()
    elif request.method == "GET" and article and request.args.get("like"):
        form.prefill_from(
            saving.load(FakeAccount, request.args["like"], *queries.page_load_options())
        )
    else:
        answer = saving.handle_form(
            form,
            lambda: _record_account(form, article, incidents),
            to=lambda account: saving.next_url_after_recording(account, article),
            message=lambda account: _("Saved: %(name)s", name=account.heading),
        )
    lines = article.sentences[:SENTENCES_PER_PART] if article else []
    return answer or render_form("fake_accounts/new.html", form=form, article=article, lines=lines)


@bp.route("/<ref>/edit", methods=["GET", "POST"])
@require_permission(Permission.LOG)
def edit(ref: str) -> sections.ViewResponse:
    """Edit an account."""
    account = saving.load_to_edit(FakeAccount, ref, *queries.page_load_options())
    form = EditAccountForm()
    form.set_platform_choices(account)
    answer = None
    if "another" in request.form:
        form.add_line()
    else:
        to = url_for(".show", ref=ref)
        answer = saving.handle_form(form, lambda: _save(form, account), to=to, record=account)
    return answer or render_form("fake_accounts/edit.html", form=form, account=account)


@bp.get("/<ref>/dossier")
@require_permission(Permission.EXPORT, fresh=True)
def dossier(ref: str) -> str:
    """Show the takedown dossier of an account, or the reasons why it cannot be shared."""
    account = saving.load(FakeAccount, ref, *queries.dossier_load_options())
    reasons = dossier_rules.blocking_reasons(account)
    dossier_content: dossier_rules.Dossier | None = None
    kept_back: list[tuple[Any, Any]] = []
    if not reasons:
        read = queries.dossier_context(account)
        dossier_content = dossier_rules.build_dossier(account, read)
        kept_back = (
            dossier_rules.withheld_targets(account, read)
            if dossier_content.has_removed_names
            else []
        )
        if request.method == "GET":
            # HEAD asks for the headers only: nothing is downloaded.
            log_download("fake_account:dossier", account.ref, by=current_actor())
    return render_template(
        "fake_accounts/dossier.html",
        account=account,
        reasons=reasons,
        dossier=dossier_content,
        kept_back=kept_back,
        as_of=clock.current_date(),
    )


def _render_page(account: FakeAccount, submitted: PartForm | None = None) -> tuple[str, int]:
    """Return the page of an account and its HTTP status; `submitted`: a form with errors."""
    event = succession = use = None
    if can_edit(current_actor(), account):
        event = sections.submitted_form_or_new(EventForm, submitted, account)
        event.article.set_choices(account.citations)
        use = sections.submitted_form_or_new(ChooseIncidentForm, submitted, account)
        _set_incident_choices(use, account)
        succession = sections.submitted_form_or_new(SuccessionForm, submitted, account)
    return render_form(
        "fake_accounts/show.html",
        form=submitted or RemoveForm.for_record(account),
        account=account,
        lineage=_build_lineage(account),
        predecessors=queries.successions_to(account),
        event_form=event,
        succession_form=succession,
        use_form=use,
    )


def _build_lineage(account: FakeAccount) -> LineageChart | None:
    """Return the chart of `account` and of all fake accounts that it replaced or that replaced it,
    one after another. Return None if there are no such accounts, or if `account` is retracted.
    """
    links = queries.successions_in_chain(account, without_retracted=True)
    if not links:
        return None
    whole = find_chains(links)[0]
    drawn = queries.accounts_by_ids(whole.charted_member_ids(account.id))
    return build_lineage_chart(
        drawn, links, today=clock.current_date(), total_accounts=len(whole.member_ids)
    )


def _set_incident_choices(form: ChooseIncidentForm, account: FakeAccount) -> None:
    """Offer the incidents that cite the same articles and are not linked to it yet."""
    used = [use.incident_id for use in account.incidents]
    form.set_choices(queries.incidents_citing_same_articles(account.citations, excluding=used))


sections.add_incident_routes(
    bp,
    _load_editable_account,
    _render_page,
    set_choices=_set_incident_choices,
    find_incident=resolve_incident,
    link=service.add_incident,
    unlink=service.remove_incident,
)


def _read_event(form: EventForm) -> list[Any]:
    """Return date (When), institution (or None) and quotes (a list) of the submitted event; raise
    one InvalidInput with the errors of all three.
    """
    source = form.article.chosen_article()
    return collect_errors(
        lambda: form.occurred.read_when(
            latest_possible_event_date(source) if source else clock.current_date()
        ),
        lambda: _read_institution(form),
        lambda: _read_quotes(form, source),
    )


def _read_quotes(form: EventForm, source: Article | None) -> list[AccountCitation]:
    """Return the submitted quotes from the source, none without a source. Raise InvalidInput for a
    quote without a source, or a source without a quote.
    """
    typed = form.quote.data or ""
    if source is not None:
        return build_citations(AccountCitation, source, typed)
    if typed:
        raise InvalidInput(article=_("Choose in which source these words stand."))
    return []


def _read_institution(form: EventForm) -> Institution | None:
    """Return the institution that the form names, None if it names none. Raise InvalidInput for an
    institution that is not recorded yet.
    """
    chosen = form.institution.resolve(likely_institutions, institution_by_ref)
    if chosen is None:
        return None
    if chosen.record is None:
        name = form.institution.form.name.name
        raise InvalidInput(**{name: _("There is no such institution yet: record it first.")})
    return chosen.record


def _record_account(
    form: NewAccountForm, article: Article | None, incidents: Sequence[Incident]
) -> FakeAccount:
    """Record the submitted account; `incidents`: those that cite the article."""
    by = current_actor()
    chosen = form.visibility.chosen_code() if article is None else Visibility.RESTRICTED
    team_id, visibility = default_team_and_visibility(article, by=by, chosen_visibility=chosen)
    facts, first_seen, citations, meant = collect_errors(
        lambda: service.validated_new_facts(form.read_facts(), team_id=team_id),
        lambda: _read_first_seen(form, article),
        lambda: _read_citations(form, article),
        lambda: read_impersonated_parties(form.party_lines(), visibility),
    )
    country = next((one.country for one in incidents), None)
    return service.record_account(
        facts,
        impersonates=create_impersonated_parties(
            meant, team_id=team_id, visibility=visibility, country=country, by=by
        ),
        first_seen=first_seen,
        citations=citations,
        incidents=form.chosen_incidents(),
        team_id=team_id,
        visibility=visibility,
        by=by,
    )


def _read_first_seen(form: NewAccountForm, article: Article | None) -> When | None:
    """Return the date on which the account was first seen, None without article and date."""
    when = form.first_seen.read_when(
        latest_possible_event_date(article) if article else clock.current_date()
    )
    typed = form.first_seen.form.when.data or form.first_seen.form.as_stated.data
    return when if article or typed else None


def _read_citations(form: NewAccountForm, article: Article | None) -> list[AccountCitation]:
    """Return the submitted quotes of the article, none without an article."""
    if article is None:
        return []
    return build_citations(AccountCitation, article, form.quote.data or "")


def _save(form: EditAccountForm, account: FakeAccount) -> None:
    """Save the submitted details of an account and its impersonated parties."""
    by = current_actor()
    visibility = form.visibility.chosen_code()
    facts, meant = collect_errors(
        lambda: service.validated_facts(form.read_facts()),
        lambda: read_impersonated_parties(form.party_lines(), visibility),
    )
    people = create_impersonated_parties(
        meant, team_id=account.team_id, visibility=visibility, by=by
    )
    service.edit_account(account, facts, impersonates=people, visibility=visibility, by=by)


class FigureGroup(NamedTuple):
    """A row of a table of figures, about one group of accounts. `name`: the name of the group;
    `filter_args`: the query parameters with which the list of accounts shows the group.
    """

    name: str
    filter_args: dict[str, str]
    figures: AccountFigures


class RegisterFigures(NamedTuple):
    """What the register shows of the accounts that match a filter. `by_platform`, `by_party`: the
    figures of each platform, and of the most impersonated parties; `party_count`: the number of
    impersonated parties; `chains`: the chains with a matching account; `links`: the successions in
    the chains that are drawn.
    """

    figures: AccountFigures
    by_platform: list[FigureGroup]
    by_party: list[FigureGroup]
    party_count: int
    chains: list[AccountChain]
    links: list[SuccessionLink]


@bp.get("/register")
@require_permission(Permission.READ)
def register() -> str:
    """Show figures and chains of the accounts that match a filter."""
    filters = AccountFilter.from_args(request.args)
    found = cached_until_change(
        ("register", filters, current_language()), lambda: _load_register_figures(filters)
    )
    return render_template(
        "fake_accounts/register.html",
        filters=filters,
        said=filters.describe(find_filter_records(filters).labels_by_code()),
        pictures=_build_chain_charts(found.links, found.chains[:MAX_CHAIN_CHARTS]),
        fates=AccountFate,
        as_of=clock.utc_now(),
        **found._asdict(),
    )


def _load_register_figures(filters: AccountFilter) -> RegisterFigures:
    """Return the figures and chains of the accounts that match a filter."""
    with viewing_as_all_users() if filters.shared else nullcontext():
        found = load_register(filters)
    chains = _find_matching_chains(found)
    drawn = {one for chain in chains[:MAX_CHAIN_CHARTS] for one in chain.member_ids}
    return RegisterFigures(
        figures=compute_figures(found.accounts.values()),
        by_platform=_group_by_platform(found, filters),
        by_party=_group_by_party(found, filters),
        party_count=len(found.by_party),
        chains=chains,
        links=[one for one in found.links if one.account_id in drawn],
    )


def _find_matching_chains(found: AccountRegister) -> list[AccountChain]:
    """Return the whole chains that contain an account of the register."""
    ids = found.accounts.keys()
    return [chain for chain in find_chains(found.links) if not ids.isdisjoint(chain.member_ids)]


def _build_chain_charts(
    links: list[SuccessionLink], chains: list[AccountChain]
) -> list[tuple[AccountChain, LineageChart]]:
    """Return (chain, chart) pairs; `links`: the successions in these chains."""
    drawn = [chain.charted_member_ids() for chain in chains]
    accounts = {one.id: one for one in accounts_by_ids([one for of in drawn for one in of])}
    today = clock.current_date()
    return [
        (
            chain,
            build_lineage_chart(
                [accounts[one] for one in members],
                links,
                today=today,
                total_accounts=len(chain.member_ids),
            ),
        )
        for chain, members in zip(chains, drawn, strict=True)
    ]


def _group_by_platform(found: AccountRegister, filters: AccountFilter) -> list[FigureGroup]:
    """Return the figures of each platform, and last of accounts without one, which sum to the
    total; none if the filter has a platform.
    """
    if filters.platform:
        return []
    places = [
        (term.label_in(current_language()), {"platform": term.code}, found.by_platform[term.id])
        for term in list_all_terms(TermSet.PLATFORM)
        if term.id in found.by_platform
    ]
    unknown = found.by_platform.get(None)
    last = [(str(_("Platform not known")), {"platform": NO_PLATFORM}, unknown)] if unknown else []
    return _largest_groups(filters, places) + _largest_groups(filters, last)


def _group_by_party(found: AccountRegister, filters: AccountFilter) -> list[FigureGroup]:
    """Return the figures of the most impersonated parties; none if the filter has a party."""
    if filters.poses_as:
        return []
    return _largest_groups(
        filters,
        (
            (whom, {"official": whom}, of)
            if isinstance(whom, str)
            else (whom.name, {FILTER_PARAMETER_BY_MODEL[type(whom)]: whom.ref}, of)
            for whom, of in found.by_party.items()
        ),
        limit=MAX_PARTY_ROWS,
    )


def _largest_groups(
    filters: AccountFilter,
    rows: Iterable[tuple[str, dict[str, str], list[CountedAccount]]],
    *,
    limit: int | None = None,
) -> list[FigureGroup]:
    """Return the figures of the `limit` groups with the most accounts, None for all groups. `rows`:
    for each group its name, the filter values that select the group, and its accounts; `filters`:
    the filter of the page, to which these values are added.
    """
    largest = sorted(rows, key=lambda row: (-len(row[2]), row[0]))[:limit]
    return [
        FigureGroup(name, replace(filters, **filter_args).to_args(), compute_figures(of))  # type: ignore[arg-type]  # fields of text
        for name, filter_args, of in largest
    ]
