"""Every module of models, so that migrations and every start know all tables."""

from __future__ import annotations

# ruff: noqa: F401 (loading them fills Base.metadata)
import tracker.articles.models
import tracker.audit.models
import tracker.cases.models
import tracker.fake_accounts.models
import tracker.incidents.guarded_models
import tracker.incidents.models
import tracker.intake.models
import tracker.people.models
import tracker.reports.imports.models
import tracker.reports.models
import tracker.reports.monthly.models
import tracker.responses.models
import tracker.review.models
import tracker.search.models
import tracker.users.models
import tracker.vocabulary.models
