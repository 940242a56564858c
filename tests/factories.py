"""Functions that create the records a test is not about, with plain valid defaults.

All but `sign_in` and `sign_in_directly` run inside an application context, see `as_user`; the test
commits.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tracker import clock
from tracker.articles.models import Article
from tracker.articles.service import add_article
from tracker.db import db
from tracker.incidents.codes import TargetKind
from tracker.incidents.models import Incident
from tracker.incidents.service import TargetFacts, record_incident
from tracker.people.codes import InstitutionKind
from tracker.people.models import Institution, Journalist, Outlet
from tracker.people.service import add_institution, add_journalist, add_outlet
from tracker.permissions import Role, Visibility
from tracker.scoping import Viewer, set_viewer
from tracker.users import service as users_service
from tracker.users.models import SecondFactor, User
from tracker.users.passwords import build_hasher, hasher_from_settings
from tracker.users.queries import find_user_by_name
from tracker.users.second_factor_service import generate_secret
from tracker.users.service import (
    create_user,
    get_or_create_console_user,
    get_or_create_team,
    hash_password,
)
from tracker.vocabulary.codes import TermSet
from tracker.vocabulary.labels import load_shipped_terms
from tracker.vocabulary.models import Term
from tracker.vocabulary.queries import find_term
from tracker.when import Precision, When

PASSWORD = "one-long-password-4711"


def make_user(name: str, *roles: Role, team: str | None = "Desk") -> User:
    """Return the user of that name, created with the roles (staff by default) if missing."""
    found = find_user_by_name(db.session(), name)
    if found is not None:
        return found
    console = get_or_create_console_user()
    teams = [get_or_create_team(team, by=console)] if team else []
    return create_user(
        name,
        hash_password(PASSWORD, name, hasher=build_hasher(time_cost=1, memory_kib=8, lanes=1)),
        roles=list(roles or (Role.STAFF,)),
        teams=teams,
        by=console,
    )


@contextmanager
def as_user(
    app: Flask, name: str = "staff", *roles: Role, team: str | None = "Desk"
) -> Iterator[User]:
    """Work in the application as a user: the session reads what that user may see."""
    with app.app_context():
        user = make_user(name, *roles, team=team)
        db.session.commit()
        set_viewer(Viewer(tuple(user.team_ids)))
        yield user


def make_second_factor(user: User) -> str:
    """Give a user a confirmed second factor; return its secret."""
    secret = generate_secret()
    db.session.add(SecondFactor(user_id=user.id, secret=secret, confirmed_at=clock.utc_now()))
    return secret


def token_in(text: str) -> str:
    """Return the CSRF token of a page."""
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', text)
    assert found, "the page holds no form"
    return found.group(1)


def hidden_in(text: str) -> dict[str, object]:
    """Return the hidden inputs that every form of a page has: the token and the version."""
    read = re.search(r'name="version"[^>]*value="(\d+)"', text)
    return {"csrf_token": token_in(text), **({"version": read.group(1)} if read else {})}


def sign_in(client: FlaskClient, name: str, password: str = PASSWORD) -> TestResponse:
    """Sign in as a browser would, and return the response."""
    token = token_in(client.get("/sign-in").text)
    return client.post(
        "/sign-in", data={"username": name, "password": password, "csrf_token": token}
    )


def sign_in_directly(client: FlaskClient, name: str) -> None:
    """Sign a user in without the page, which takes a fifth of the time."""
    app = client.application
    with app.app_context():
        hasher = hasher_from_settings(app.config["TRACKER"])
        user = users_service.authenticate_user(name, PASSWORD, hasher=hasher)
        assert user, f"{name} cannot sign in"
        begun = users_service.start_session(user, device="")
        db.session.commit()
    with client.session_transaction() as session:
        session["_user_id"] = begun.token


def post(
    client: FlaskClient, address: str, *, page: str | None = None, **data: object
) -> TestResponse:
    """Submit a form, with token and version read from its page.

    The page is at the same address by default; a version that is given is used instead.
    """
    return client.post(address, data=hidden_in(client.get(page or address).text) | data)


ARTICLE = (
    "Two men came to the house of an editor. They said that they were police. "
    "Neighbours were asked about her.\n"
    "The ministry did not answer."
)


def make_article(title: str = "Two men at the door", *, by: User, **given: Any) -> Article:
    """Return a shared article of the user's first team."""
    values: dict[str, Any] = {
        "text": ARTICLE, "team_id": by.team_ids[0], "visibility": Visibility.INTERNAL
    }  # fmt: skip
    return add_article(title, **(values | given), by=by)


def make_journalist(name: str = "Asem Doe", *, by: User, **given: Any) -> Journalist:
    """Return a shared journalist of the user's first team."""
    values: dict[str, Any] = {"team_id": by.team_ids[0], "visibility": Visibility.INTERNAL}
    return add_journalist(name, **(values | given), by=by)


def make_outlet(name: str = "Dala News", *, by: User, **given: Any) -> Outlet:
    """Return a shared outlet of the user's first team."""
    values: dict[str, Any] = {"team_id": by.team_ids[0], "visibility": Visibility.INTERNAL}
    return add_outlet(name, **(values | given), by=by)


def make_institution(name: str = "Media Council", *, by: User, **given: Any) -> Institution:
    """Return an institution of Kazakhstan."""
    values = {"kind": InstitutionKind.REGULATOR, "country": "KZ"} | given
    return add_institution(name, **values, by=by)


def make_type(code: str) -> Term:
    """Return a shipped type of incident."""
    found = find_term(TermSet.INCIDENT_TYPE, code)
    if found is not None:
        return found
    row = next(one for one in load_shipped_terms(TermSet.INCIDENT_TYPE) if one.code == code)
    labels = {f"label_{language}": words for language, words in row.labels.items()}
    term = Term(term_set=TermSet.INCIDENT_TYPE, code=code, rank=row.rank, **labels)
    db.session.add(term)
    return term


def make_incident(
    *types: str, article: Article | None = None, who: str = "an editor", by: User, **given: Any
) -> Incident:
    """Return a shared incident of the user's first team, reported by an article.

    By default a death threat to somebody unnamed in June 2025.
    """
    values: dict[str, Any] = {
        "occurred": When(date(2025, 6, 1), date(2025, 6, 30), Precision.MONTH),
        "country": "KZ",
        "targets": [TargetFacts(kind=TargetKind.UNNAMED_PERSON, words=who)],
        "quote": "1",
        "team_id": by.team_ids[0],
        "visibility": Visibility.INTERNAL,
    }
    return record_incident(
        types=[make_type(code) for code in types or ("threat.death",)],
        article=article or make_article(by=by),
        **(values | given),
        by=by,
    )
