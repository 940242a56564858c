"""What the gate asks before any view; who gets which answer where: `tests/safety/matrix.csv`."""

from __future__ import annotations

from datetime import timedelta

from tests.factories import acting, sign_in
from tracker.permissions import Role


def test_two_roles_add_up(app, client):
    with acting(app, "both", Role.STAFF, Role.ADMIN):
        pass
    sign_in(client, "both")

    assert client.get("/users/").status_code == 200
    assert client.get("/account/").status_code == 200


def test_a_view_without_a_mark_is_refused_to_everybody(make_app):
    app = make_app()
    client = app.test_client()
    app.add_url_rule("/forgotten", "forgotten", lambda: "secret")
    with acting(app, "someone", *Role):
        pass
    sign_in(client, "someone")

    assert client.get("/forgotten").status_code == 403


def test_an_unknown_address_looks_alike_signed_in_or_out(app, client):
    with acting(app):
        pass
    out = client.get("/no-such-page/").status_code
    sign_in(client, "staff")

    assert (out, client.get("/no-such-page/").status_code) == (404, 404)


def test_who_only_reads_waits_for_no_save_of_somebody_else(
    app, client, monkeypatch, somebody_saves
):
    with acting(app):
        pass
    sign_in(client, "staff")
    monkeypatch.setattr("tracker.users.gate.SEEN_EVERY", timedelta(0))
    with somebody_saves():
        assert client.get("/incidents/").status_code == 200
