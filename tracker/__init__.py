"""The tracker: incidents of harassment of journalists, each supported by quotes from sources."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from pathlib import Path

from flask import Blueprint, Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from tracker import commands, db, i18n, log_redaction, parsing
from tracker import models as _models  # noqa: F401 (every table, whatever imports it)
from tracker.config import Settings
from tracker.i18n import (
    localized_date,
    localized_day_count,
    localized_day_range,
    localized_edtf,
)
from tracker.kit.fields import code_label, labelled_values, term_label
from tracker.people import redacted_names_service as _redacted  # noqa: F401 (listens to every flush)
from tracker.users import gate, idempotency
from tracker.web import errors as error_pages
from tracker.web import forms, guards, layout, saving

# Modules that add pages or panels to the blueprint of a feature when they are imported.
MODULES_ADDING_PAGES = (
    "articles.editing_views",
    "cases.filing_views",
    "incidents.publication_views",
    "incidents.section_views",
    "intake.confirm_views",
    "intake.duplicates_views",
    "reports.dossiers.views",
    "reports.monthly.views",
    "reports.packages.views",
)  # fmt: skip
TEMPLATES_FOLDER = Path(__file__).resolve().parent.parent / "templates"


def create_app(settings: Settings | None = None) -> Flask:
    """Return a new application with every feature. By default the environment sets `settings`."""
    settings = settings or Settings.from_env()
    app = Flask(
        __name__, template_folder=str(TEMPLATES_FOLDER), instance_path=str(settings.instance)
    )
    app.config.update(
        TRACKER=settings,
        SECRET_KEY=settings.secret_key,
        TESTING=settings.testing,
        TRUSTED_HOSTS=list(settings.trusted_hosts) or None,
        WTF_CSRF_TIME_LIMIT=None,
    )
    if settings.proxy_hops:
        hops = settings.proxy_hops
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    for part in (
        log_redaction,
        db,
        i18n,
        parsing,
        guards,
        error_pages,
        forms,
        saving,
        layout,
        gate,
        idempotency,
        commands,
    ):
        part.init_app(app)
    for blueprint in _feature_blueprints():
        app.register_blueprint(blueprint)
    shown = (
        localized_date, localized_day_count, localized_day_range, localized_edtf, labelled_values,
        term_label,
    )  # fmt: skip
    app.jinja_env.globals.update({one.__name__: one for one in shown}, label=code_label)
    return app


def _feature_blueprints() -> Iterable[Blueprint]:
    """Return the blueprints of all features, in the order in which a page shows their panels."""
    # ruff: noqa: PLC0415 (create_app alone knows the features)
    from tracker.articles import views as articles
    from tracker.audit import views as audit
    from tracker.bulk import views as bulk
    from tracker.cases import following_views as following
    from tracker.cases import views as cases
    from tracker.everywhere import views as everywhere
    from tracker.fake_accounts import views as fake_accounts
    from tracker.help import views as help_pages
    from tracker.incidents import views as incidents
    from tracker.intake import views as intake
    from tracker.operating import views as operating
    from tracker.people import institutions_views as institutions
    from tracker.people import journalists_views as journalists
    from tracker.people import outlets_views as outlets
    from tracker.reports import chart_views as charts
    from tracker.reports import views as reports
    from tracker.reports.imports import views as imports
    from tracker.responses import appeal_views as appeals
    from tracker.responses import proceeding_views as proceedings
    from tracker.responses import views as responses
    from tracker.review import views as review
    from tracker.sample import views as sample
    from tracker.timelines import views as timelines
    from tracker.users import views as users
    from tracker.vocabulary import views as vocabulary

    for name in MODULES_ADDING_PAGES:
        import_module(f"tracker.{name}")
    parts = (
        sample, audit, users, vocabulary, journalists, outlets, institutions, articles, review,
        incidents,
        fake_accounts, responses, appeals, proceedings, cases, following, timelines, intake,
        reports, charts, imports, bulk, everywhere, operating, help_pages,
    )  # fmt: skip
    return [part.bp for part in parts]
