"""What every answer tells a browser, and that people come by https alone where Upstream is served."""

import pytest

from config import headers

pytestmark = pytest.mark.django_db
BY_HTTPS = {"x-forwarded-proto": "https"}


@pytest.fixture
def served(settings):
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_HSTS_SECONDS = 31_536_000
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")


def directives(response):
    parts = (part.split() for part in response["Content-Security-Policy"].split("; "))
    return {name: sources for name, *sources in parts}


@pytest.mark.parametrize("path", ["/accounts/login/", "/nowhere/", "/"])
def test_every_answer_has_the_policy_whole(client, path):
    response = client.get(path)
    assert directives(response) == {
        "default-src": ["'self'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
        "form-action": ["'self'"],
    }
    assert "unsafe" not in response["Content-Security-Policy"]
    for name, value in {
        **headers.HEADERS,
        "X-Frame-Options": "DENY",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
    }.items():
        assert response[name] == value


def test_whoever_comes_by_http_is_sent_to_https_and_whoever_comes_by_https_is_told_to_stay(client, served):
    response = client.get("/accounts/login/")
    assert (response.status_code, response.url) == (301, "https://testserver/accounts/login/")
    response = client.get("/accounts/login/", headers=BY_HTTPS)
    assert (response.status_code, response["Strict-Transport-Security"]) == (200, "max-age=31536000")


def test_a_proxys_word_for_https_is_not_taken_unless_it_was_said_to_be_one(client, served, settings):
    settings.SECURE_PROXY_SSL_HEADER = None
    assert client.get("/accounts/login/", headers=BY_HTTPS).status_code == 301
