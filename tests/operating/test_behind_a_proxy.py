"""The running server believes a proxy where there is one, and nobody else."""

from __future__ import annotations

from email.message import Message
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, build_opener

from tests.operating.running import served

FORWARDED = {
    "Host": "tracker.example",
    "X-Forwarded-For": "198.51.100.7",
    "X-Forwarded-Host": "tracker.example",
    "X-Forwarded-Proto": "https",
}


def answered(port: int, headers: dict[str, str]) -> tuple[int, Message]:
    request = Request(f"http://127.0.0.1:{port}/sign-in", headers=headers)
    try:
        with build_opener().open(request) as answer:
            return answer.status, answer.headers
    except HTTPError as error:
        with error:
            return error.code, error.headers


def test_behind_a_proxy_tls_is_known_and_other_hosts_are_refused(tmp_path: Path) -> None:
    settings = {"TRACKER_PROXY_HOPS": "1", "TRACKER_TRUSTED_HOSTS": "tracker.example"}
    with served(tmp_path, **settings) as (port, _log):
        status, headers = answered(port, FORWARDED)
        assert status == 200
        assert headers["Strict-Transport-Security"] == "max-age=63072000; includeSubDomains"
        assert headers["Set-Cookie"].startswith("__Host-tracker=")
        assert answered(port, FORWARDED | {"X-Forwarded-Host": "evil.example"})[0] == 400
        assert answered(port, {})[0] == 400


def test_without_a_proxy_nobody_is_believed(tmp_path: Path) -> None:
    with served(tmp_path) as (port, _log):
        status, headers = answered(port, FORWARDED)
        assert status == 200
        assert "Strict-Transport-Security" not in headers
        assert headers["Set-Cookie"].startswith("tracker=")
