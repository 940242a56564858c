"""Load the invented records of the sample: thirty months in six countries.

Random choices are seeded, so that each loading creates the same records, dated back from today.
"""

from __future__ import annotations

import random
import tomllib
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import cycle
from pathlib import Path
from typing import Any

from tracker import clock
from tracker.articles.codes import Language
from tracker.articles.models import Article
from tracker.articles.queries import latest_possible_event_date
from tracker.articles.service import add_article, build_citation
from tracker.audit.service import record_event
from tracker.cases.codes import Lifecycle
from tracker.cases.models import Case
from tracker.cases.service import file_records, open_case, set_lifecycle
from tracker.db import db
from tracker.fake_accounts import codes as fake_account_codes
from tracker.fake_accounts.models import AccountCitation, FakeAccount
from tracker.fake_accounts.service import AccountFacts, add_event, add_succession, record_account
from tracker.incidents import codes as incident_codes
from tracker.incidents.models import Incident
from tracker.incidents.publication_service import publish
from tracker.incidents.section_service import add_status
from tracker.incidents.service import (
    ActorFacts,
    TargetFacts,
    record_incident,
    set_circumstances,
    write_public_summary,
)
from tracker.people import service as people_service
from tracker.people.codes import Gender, InstitutionKind, InstitutionLevel, JournalistKind, NameKind
from tracker.people.models import Institution, Journalist, Outlet
from tracker.permissions import Visibility
from tracker.records import Record
from tracker.responses import codes as response_codes
from tracker.responses.appeal_service import AppealFacts, record_appeal, set_outcome
from tracker.responses.models import Appeal, OfficialResponse, ResponseCitation
from tracker.responses.proceeding_service import ProceedingFacts, StepFacts, record_proceeding
from tracker.responses.service import ActFacts, ResponseFacts, record_response
from tracker.review import service as review_service
from tracker.review.codes import RetractReason
from tracker.review.models import Reviewable
from tracker.sample.service import LOAD_ACTION, SAMPLE_TEAM
from tracker.users.models import User
from tracker.users.service import get_or_create_console_user
from tracker.vocabulary.codes import TermSet
from tracker.vocabulary.models import Term
from tracker.vocabulary.queries import find_term, regions_by_country, terms_with_codes
from tracker.when import When, parse_when

# The texts and values of the invented outlets, people, institutions, events and cases.
RECORDS_FILE = Path(__file__).with_name("records.toml")
RANDOM_SEED = "sample"  # makes the random choices the same at each load
# The end of the names of invented outlets and of the titles of invented cases.
SAMPLE_NAME_SUFFIX = " (sample)"
# The length of every month when the dates of incidents outside cases are computed.
DAYS_IN_MONTH = 30
# Younger records are drafts or in review more often than older ones.
MAX_DAYS_OF_YOUNG_RECORD = 100
# An approved incident has a public summary if its age in days is a multiple of this.
READY_SUMMARY_AGE_DIVISOR = 10
# Days until each of the incidents that are assigned to the monitor is due.
ASSIGNMENT_DAYS_LEFT = (3, 10, 24)
# Endings and pronouns for the placeholders in texts, by the gender of the journalist.
GENDERED_WORD_PARTS = {
    Gender.WOMAN: {
        "a": "а", "la": "ла", "sya": "ась", "ee": "её", "their": "her", "they": "she",
    },
    Gender.MAN: {"a": "", "la": "", "sya": "ся", "ee": "его", "their": "his", "they": "he"},
}  # fmt: skip
# By country, the languages of articles; one is chosen at random. Kazakh is listed twice, so that it
# is chosen more often.
LANGUAGES_OF_COUNTRY = {"KZ": ("kk", "kk", "ru", "en")}
OTHER_LANGUAGES = ("ru", "en")  # the languages of articles in all other countries


class SampleContext:
    """The data of the sample, the users who record it, and the records created so far."""

    def __init__(self, *, staff: User, monitor: User) -> None:
        self.data = tomllib.loads(RECORDS_FILE.read_text(encoding="utf-8"))
        self.staff, self.monitor = staff, monitor
        # Arguments of every service that adds a record.
        self.common: dict[str, Any] = {
            "team_id": staff.team_ids[0], "visibility": Visibility.INTERNAL, "by": staff,
        }  # fmt: skip
        self.chance = random.Random(RANDOM_SEED)  # noqa: S311 (nothing secret: the same records each time)
        self.today = clock.current_date()
        self.regions = regions_by_country()
        self.outlets: dict[str, Outlet] = {}
        self.people: dict[str, Journalist] = {}
        self.bodies: dict[str, Institution] = {}
        # The states to give to the next records, such as "approved", for "young" and "old" records.
        self.fates = {age: cycle(event) for age, event in self.data["fates"].items()}
        self.made: list[Record] = []
        # Records to review: the age of each in days, the record, and its headline by language.
        self.reviewed: list[tuple[int, Reviewable, dict[str, str]]] = []

    def date_days_ago(self, days: int) -> date:
        """Return the date a number of days ago."""
        return self.today - timedelta(days=days)

    def when_days_ago(self, days: int) -> When:
        """Return the date a number of days ago, as records store dates."""
        return parse_when(self.date_days_ago(days).isoformat(), latest_possible_date=self.today)

    def add_record(
        self, record: Record, days_ago: int = 0, headlines: dict[str, str] | None = None
    ) -> None:
        """Note that a record was created, for its later review and for the audit log.
        `days_ago`: how many days ago it was recorded; `headlines`: by language, the text of the
        public summary, if the record is an incident that will be published.
        """
        self.made.append(record)
        if isinstance(record, Reviewable):
            self.reviewed.append((days_ago, record, headlines or {}))


def load_invented_records(*, staff: User, monitor: User) -> int:
    """Load the invented records, logged by `staff` and reviewed by `monitor`; return how many.

    The audit log stores every ref.
    """
    sample = SampleContext(staff=staff, monitor=monitor)
    _add_people_and_institutions(sample)
    for values in sample.data["cases"]:
        CaseLoader(sample, values).load()
    _report_incidents_outside_cases(sample)
    for days_ago, record, headlines in sample.reviewed:
        _review_record(sample, days_ago, record, headlines)
    _assign_newest_incidents(sample)
    refs = sorted(one.ref for one in sample.made)
    record_event(LOAD_ACTION, SAMPLE_TEAM, by=get_or_create_console_user(), changes={"refs": refs})
    return len(refs)


def _add_people_and_institutions(sample: SampleContext) -> None:
    """Record the outlets, journalists and institutions of `records.toml`."""
    data, common = sample.data, sample.common
    for key, one in data["outlets"].items():
        outlet = people_service.add_outlet(
            one["name"] + SAMPLE_NAME_SUFFIX, country=one["country"], domains=f"{key}.example",
            notes=data["notes"], **common,
        )  # fmt: skip
        sample.outlets[key] = outlet
        sample.add_record(outlet)
    for key, one in data["people"].items():
        outlet = sample.outlets[one["outlet"]]
        person = people_service.add_journalist(
            one["name"], country=outlet.country, kind=JournalistKind(one["kind"]),
            gender=Gender(one["gender"]), notes=data["notes"], **common,
        )  # fmt: skip
        for name in dict.fromkeys(one[code] for code in ("ru", "kk") if code in one):
            people_service.add_name(person, name, kind=NameKind.TRANSLITERATION, by=sample.staff)
        since = parse_when("after 2019", latest_possible_date=sample.today)
        people_service.add_affiliation(person, outlet, when=since, by=sample.staff)
        sample.people[key] = person
        sample.add_record(person)
    for country, name in data["bodies"].items():
        kind = InstitutionKind.POLICE if "Police" in name else InstitutionKind.REGULATOR
        body = people_service.add_institution(
            name, country=country, kind=kind, level=InstitutionLevel.NATIONAL, by=sample.staff
        )
        sample.bodies[country] = body
        sample.add_record(body)


class ArticleWriter:
    """A writer of articles about one journalist, and of the incidents that the articles report.
    `about`: the key of the journalist in `records.toml`.
    """

    def __init__(self, sample: SampleContext, about: str) -> None:
        self.sample, self.person = sample, sample.people[about]
        self.person_data = sample.data["people"][about]
        self.outlet = sample.outlets[self.person_data["outlet"]]
        self.country = str(self.outlet.country)

    def fill_sentence(self, text: str, language: str) -> str:
        """Return a sentence in which the words in braces, such as `{name}`, are replaced: by the
        names of journalist and outlet, and by words that depend on the gender of the journalist.
        """
        name = self.person_data.get(language) or self.person_data["name"]
        outlet = self.outlet.name.removesuffix(SAMPLE_NAME_SUFFIX)
        return text.format(name=name, outlet=outlet, **GENDERED_WORD_PARTS[self.person.gender])

    def write_article(
        self, days_ago: int, language: str, title: str, sentences: Sequence[str]
    ) -> Article:
        """Add an invented article, published `days_ago` days ago, to the sample data. `language`:
        its code; `sentences`: the text, in which `fill_sentence` replaces words in braces, such as
        `{name}`.
        """
        number = len(self.sample.made)
        article = add_article(
            title,
            text=" ".join(self.fill_sentence(one, language) for one in sentences),
            url=f"https://{self.outlet.domains}/{self.sample.date_days_ago(days_ago).year}/{number}",
            publisher=self.outlet,
            published=self.sample.when_days_ago(days_ago),
            language=Language(language),
            **self.sample.common,
        )
        self.sample.add_record(article)
        return article

    def choose_language(self, events: Sequence[dict[str, Any]]) -> str:
        """Return a language for an article about these events (entries of `records.toml`): at
        random, one of those of the journalist's country in which every event has texts.
        """
        codes = LANGUAGES_OF_COUNTRY.get(self.country, OTHER_LANGUAGES)
        return self.sample.chance.choice(
            [code for code in codes if all(code in one for one in events)]
        )

    def report_events(self, days_ago: int, keys: Sequence[str]) -> list[Incident]:
        """Record an article that reports some events, and an incident for each.
        `days_ago`: the age of the events; `keys`: their keys in `records.toml`.
        """
        events = [self.sample.data["events"][key] for key in keys]
        language = self.choose_language(events)
        first, last = self.sample.chance.choice(self.sample.data["frame"][language])
        published = max(0, days_ago - self.sample.chance.randint(0, 4))
        regions = self.sample.regions.get(self.country)
        region = self.sample.chance.choice(regions) if regions else None
        place = [f"{region.label_in(language)}."] if region else []
        sentences = [*place, first, *(one[language][1] for one in events), last]
        article = self.write_article(published, language, events[0][language][0], sentences)
        return [self._record_incident(one, days_ago, article, region) for one in events]

    def _record_incident(
        self, event: dict[str, Any], days_ago: int, article: Article, region: Term | None
    ) -> Incident:
        """Record an event of `records.toml`, a number of days ago in a region, which an article
        reports.
        """
        sample, language = self.sample, article.language.value
        incident = record_incident(
            types=terms_with_codes(TermSet.INCIDENT_TYPE, event["types"]),
            occurred=self._choose_event_date(days_ago, article),
            country=self.country,
            region=region,
            targets=self._target_facts(event.get("target", "person")),
            article=article,
            quote=self.fill_sentence(event[language][1], language),
            extent=incident_codes.Extent(event.get("extent", "once")),
            actor=_actor_facts(event),
            **sample.common,
        )
        circumstances = {
            "setting": incident_codes.Setting(event["setting"]),
            "work_link": sample.chance.choice(
                [incident_codes.WorkLink.CONFIRMED, incident_codes.WorkLink.LIKELY]
            ),
            "verification": sample.chance.choice(
                [incident_codes.Verification.LIKELY, incident_codes.Verification.POSSIBLE]
            ),
        }
        set_circumstances(incident, circumstances, by=sample.staff)
        if "outcome" in event:
            add_status(
                incident, incident.targets[0].id,
                status=incident_codes.StatusOfTarget(event["outcome"]),
                when=incident.when, by=sample.staff,
            )  # fmt: skip
        sample.add_record(
            incident, days_ago, {one: event[one][0] for one in ("en", "ru", "kk") if one in event}
        )
        return incident

    def _choose_event_date(self, days_ago: int, article: Article) -> When:
        """Return the date of an event, at random exact, approximate or only its month."""
        day = self.sample.date_days_ago(days_ago).isoformat()
        typed = self.sample.chance.choice([day, day, day, day, day[:7], f"{day}~"])
        return parse_when(typed, latest_possible_date=latest_possible_event_date(article))

    def _target_facts(self, targeted: str) -> list[TargetFacts]:
        """Return the targets of an event; `targeted`: person, outlet or both."""
        person = TargetFacts(journalist=self.person)
        outlet = TargetFacts(kind=incident_codes.TargetKind.OUTLET, outlet=self.outlet)
        return {"person": [person], "outlet": [outlet], "both": [person, outlet]}[targeted]


class CaseLoader(ArticleWriter):
    """A loader of one case and of the records in it. `values`: the entry of the case in
    `records.toml`.

    Each of the `steps` in this entry is one text: how many days ago it was, what is recorded, such
    as events or an appeal, and the further arguments of the method that records this.
    """

    def __init__(self, sample: SampleContext, values: dict[str, Any]) -> None:
        super().__init__(sample, values["about"])
        self.steps: list[str] = values["steps"]
        self.is_closed = values.get("closed", False)
        self.case: Case = open_case(
            values["title"] + SAMPLE_NAME_SUFFIX, summary=values["summary"], country=self.country,
            lead=sample.staff, **sample.common,
        )  # fmt: skip
        sample.add_record(self.case)
        self.body = sample.bodies[self.country]
        self.filed: list[Record] = []
        self.unanswered: list[Incident] = []
        self.appeals: list[Appeal] = []
        self.accounts: list[FakeAccount] = []
        self.latest: list[Incident] = []

    def load(self) -> None:
        """Record what each step of the case says, and file the records in the case."""
        for step in self.steps:
            days_ago, what, *more = step.split()
            getattr(self, f"_load_{what}")(int(days_ago), *more)
        file_records(self.case, self.filed, by=self.sample.staff)
        if self.is_closed:
            set_lifecycle(self.case, Lifecycle.CLOSED, by=self.sample.staff)

    def _queue_for_case(self, record: Reviewable, days_ago: int) -> None:
        """Note that a record was created, for its later review and to be filed in the case.
        `days_ago`: how many days ago it was recorded.
        """
        self.filed.append(record)
        self.sample.add_record(record, days_ago)

    def _load_events(self, days_ago: int, *keys: str) -> None:
        """Record an article that reports events, given by their keys in `records.toml`."""
        self.latest = self.report_events(days_ago, keys)
        self.unanswered += self.latest
        self.filed += self.latest

    def _load_account(
        self, days_ago: int, kind: str, platform: str, handle: str, *more: str
    ) -> None:
        """Record a fake account. `kind`: a code of AccountKind; `platform`: the code of a term;
        `more`: "succeeds" if the account is the successor of the previous account of the case.
        """
        article = self.latest[0].citations[0].article
        assert article is not None  # noqa: S101 (made a moment ago)
        facts = AccountFacts(
            kind=fake_account_codes.AccountKind(kind),
            platform=find_term(TermSet.PLATFORM, platform),
            handle=handle,
            displayed_name=self.person.name,
            spreads=self.latest[0].citations[0].quote,
        )
        account = record_account(
            facts,
            impersonates=[self.person],
            first_seen=self.sample.when_days_ago(days_ago),
            citations=[build_citation(AccountCitation, article, self.latest[0].citations[0].quote)],
            incidents=self.latest,
            **self.sample.common,
        )
        if more:
            add_succession(
                self.accounts[-1], account, certainty=fake_account_codes.SuccessionCertainty.LIKELY,
                basis=fake_account_codes.SuccessionBasis.SAME_PHOTOGRAPH, by=self.sample.staff,
            )  # fmt: skip
        self.accounts.append(account)
        self._queue_for_case(account, days_ago)

    def _load_event(self, days_ago: int, event: str) -> None:
        """Record what happened to the last fake account; `event`: a code of AccountEvent."""
        body = self.body if event == "blocked" else None
        add_event(
            self.accounts[-1],
            fake_account_codes.AccountEvent(event),
            when=self.sample.when_days_ago(days_ago),
            institution=body,
            by=self.sample.staff,
        )

    def _load_answer(self, days_ago: int, *acts: str) -> None:
        """Record a response to the incidents since the last response; `acts`: codes of ActType."""
        answers = [self.sample.data["answers"][act] for act in acts]
        answered = self.sample.data["answered"]
        language = self.choose_language([answered, *answers])
        sentences = [answered[language][1], *(one[language] for one in answers)]
        article = self.write_article(days_ago, language, answered[language][0], sentences)
        stances = [response_codes.Stance(one["stance"]) for one in answers]
        facts = ResponseFacts(
            institution=self.body, made=self.sample.when_days_ago(days_ago), stance=stances[0],
            other_stances=stances[1:],
        )  # fmt: skip
        response = record_response(
            facts,
            acts=[
                ActFacts(
                    act=response_codes.ActType(act),
                    quote=one[language],
                    quote_is=response_codes.QuoteIs.REPORTED,
                )
                for act, one in zip(acts, answers, strict=True)
            ],
            incidents=self.unanswered,
            citations=[build_citation(ResponseCitation, article, answers[0][language])],
            **self.sample.common,
        )
        self._queue_for_case(response, days_ago)
        self.unanswered = []
        if "no_comment" not in acts:
            self._mark_appeals_answered(response)

    def _mark_appeals_answered(self, response: OfficialResponse) -> None:
        """Mark the pending appeals of the case as answered by a response."""
        for appeal in self.appeals:
            if appeal.outcome is response_codes.AppealOutcome.PENDING:
                set_outcome(
                    appeal, response_codes.AppealOutcome.ANSWERED, response, by=self.sample.staff
                )

    def _load_appeal(self, days_ago: int, kind: str, sender: str, days: str, outcome: str) -> None:
        """Record an appeal about the latest incidents. `kind`, `sender`, `outcome`: codes of
        AppealKind, AppealSender and AppealOutcome; `days`: the number of days until an answer is
        due, "0" for no due date.
        """
        facts = AppealFacts(
            sender_kind=response_codes.AppealSender(sender),
            institution=self.body,
            kind=response_codes.AppealKind(kind),
            sent=self.sample.when_days_ago(days_ago),
            due_on=self.sample.date_days_ago(days_ago) + timedelta(days=int(days))
            if int(days)
            else None,
            summary=self.sample.data["notes"],
        )
        appeal = record_appeal(
            facts,
            outcome=response_codes.AppealOutcome(outcome),
            incidents=self.latest,
            **self.sample.common,
        )
        self.appeals.append(appeal)
        self._queue_for_case(appeal, days_ago)

    def _load_proceeding(self, days_ago: int, kind: str, direction: str, *steps: str) -> None:
        """Record a proceeding. `kind`, `direction`: codes of ProceedingKind and
        ProceedingDirection; `steps`: texts such as "filed:497", a code of StepOfProceeding and how
        many days ago the step was.
        """
        facts = ProceedingFacts(
            direction=response_codes.ProceedingDirection(direction),
            kind=response_codes.ProceedingKind(kind),
            country=self.country, number=f"SAMPLE-{len(self.sample.made)}",
        )  # fmt: skip
        dated = [one.split(":") for one in steps]
        proceeding = record_proceeding(
            facts,
            parties=[self.person],
            steps=[
                StepFacts(
                    step=response_codes.StepOfProceeding(step),
                    when=self.sample.when_days_ago(int(day)),
                )
                for step, day in dated
            ],
            incidents=self.latest,
            **self.sample.common,
        )
        self._queue_for_case(proceeding, days_ago)


def _actor_facts(event: dict[str, Any]) -> ActorFacts | None:
    """Return the actor of an event of `records.toml`, None if it has none."""
    if "posed_as" in event:
        return ActorFacts(purported_as=incident_codes.PurportedAs(event["posed_as"]))
    if "actor" not in event:
        return None
    kind, word = event["actor"]
    by = incident_codes.AttributedBy(word)
    proved = by in {
        incident_codes.AttributedBy.JUDGMENT,
        incident_codes.AttributedBy.AUTHORITY,
        incident_codes.AttributedBy.DOCUMENT,
    }
    certainty = incident_codes.Certainty.KNOWN if proved else incident_codes.Certainty.ALLEGED
    return ActorFacts(
        actor_type=incident_codes.ActorType(kind), certainty=certainty, attributed_by=by
    )


def _report_incidents_outside_cases(sample: SampleContext) -> None:
    """Report incidents that are in no case: as many each month as `records.toml` says."""
    loose = sample.data["loose"]
    months = loose["months"]
    people, events = cycle(loose["people"]), cycle(loose["events"])
    for place, number in enumerate(months):
        for _time in range(number):
            days_ago = (len(months) - 1 - place) * DAYS_IN_MONTH + sample.chance.randint(
                1, DAYS_IN_MONTH - 1
            )
            ArticleWriter(sample, next(people)).report_events(days_ago, [next(events)])


def _review_record(
    sample: SampleContext, days_ago: int, record: Reviewable, headlines: dict[str, str]
) -> None:
    """Bring a record into one of the editorial states, depending on `days_ago`: how many days ago
    it was recorded. `headlines`: by language, the public summary of an incident that is published
    or, one in a few, ready to be.
    """
    fate = next(sample.fates["young" if days_ago < MAX_DAYS_OF_YOUNG_RECORD else "old"])
    is_ready = fate == "approved" and days_ago % READY_SUMMARY_AGE_DIVISOR == 0
    if isinstance(record, Incident) and (fate == "published" or is_ready):
        texts = {f"public_summary_{code}": f"{words}." for code, words in headlines.items()}
        write_public_summary(record, texts, by=sample.staff)
    if fate == "draft":
        return
    review_service.submit_record(record, by=sample.staff)
    monitor = sample.monitor
    if fate == "returned":
        review_service.request_changes(
            record, note="Name the day, and look for a second source.", by=monitor
        )
    elif fate == "retracted":
        review_service.retract_record(record, reason=RetractReason.DUPLICATE, note="", by=monitor)
    elif fate != "in_review":
        review_service.approve_record(record, note="", by=monitor)
    if isinstance(record, Incident) and fate == "published":
        publish(record, by=monitor)


def _assign_newest_incidents(sample: SampleContext) -> None:
    """Assign the newest incidents to the monitor, with due dates."""
    newest = sorted(sample.reviewed, key=lambda one: one[0])
    incidents = [one for _ago, one, _headlines in newest if isinstance(one, Incident)]
    for record, days in zip(incidents, ASSIGNMENT_DAYS_LEFT, strict=False):
        review_service.add_comment(
            record, "Please call the newsroom again.", assigned_to=sample.monitor.name,
            due_on=sample.today + timedelta(days=days), by=sample.staff,
        )  # fmt: skip
    db.session.flush()
