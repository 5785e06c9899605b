"""Who may ask: this machine, by a name that is its own; of pages, those that are allowed."""

import pytest


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost:50021", "[::1]:80", "192.168.1.2", "koeru.test", "LOCALHOST"])
def test_hosts_that_are_this_one(server, host):
    assert server.ask("GET", "/version", headers={"Host": host}).status == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example:80", "", "[", "a b"]
)
def test_hosts_that_are_not(server, host):
    answer = server.ask("GET", "/version", headers={"Host": host})
    assert answer.status in (400, 403)


@pytest.mark.parametrize(
    "origin", ["http://localhost:3000", "https://127.0.0.1", "http://[::1]:5173", "app://.", "https://koeru.test"]
)
def test_pages_that_may_ask(server, origin):
    answer = server.ask("GET", "/version", headers={"Origin": origin})
    assert (answer.status, answer.headers["access-control-allow-origin"]) == (200, origin)
    wanted = {"Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "content-type"}
    asked = server.ask("OPTIONS", "/synthesis", headers={"Origin": origin} | wanted)
    assert asked.status == 204 and "PUT" in asked.headers["access-control-allow-methods"]
    assert asked.headers["access-control-allow-headers"] == "content-type"


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "null", "file://", "http://192.168.1.9", "https://localhost.evil.example", "http://", "x"],
)
def test_pages_that_may_not(server, origin):
    before = server.get("/user_dict").json
    told = {"surface": "悪", "pronunciation": "アク", "accent_type": 1}
    answer = server.ask("POST", "/user_dict_word", headers={"Origin": origin}, **told)
    assert answer.status == 403 and "--allow-origin" in answer.json["detail"]
    assert "access-control-allow-origin" not in answer.headers
    assert server.get("/user_dict").json == before
    asked = {"Origin": origin, "Access-Control-Request-Method": "POST"}
    assert server.ask("OPTIONS", "/synthesis", headers=asked).status == 403


def test_a_page_of_this_very_server_may_ask(server):
    host = "192.168.1.2:8000"
    assert server.ask("GET", "/version", headers={"Host": host, "Origin": f"http://{host}"}).status == 200
    assert server.ask("GET", "/version", headers={"Host": host, "Origin": "http://192.168.1.2:9"}).status == 403


def test_answers_are_no_pages_of_others(server):
    for path, own in (
        ("/", "script-src 'self'"),
        ("/version", "default-src 'none'"),
        ("/page/page.js", "default-src 'none'"),
    ):
        headers = server.get(path).headers
        assert (
            own in headers["content-security-policy"] and "frame-ancestors 'none'" in headers["content-security-policy"]
        )
        assert headers["x-content-type-options"] == "nosniff"
        assert "unsafe" not in headers["content-security-policy"]
