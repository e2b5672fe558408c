"""Which calls there are."""

from __future__ import annotations

import pytest

from explorer.projects import Call


@pytest.mark.parametrize(
    "url",
    [
        "https://ens.aliyuncs.com",
        "https://ens.aliyuncs.com/",
        "https://x.cn-hangzhou.fcapp.run:443/a/b-c",
        "http://127.0.0.1:9000",
        "http://localhost:9000/",
        "HTTPS://ENS.aliyuncs.com",
    ],
)
def test_accepts(url: str) -> None:
    """An address of a service: https, or http on this machine."""
    assert url == Call("alice", "key", url).url


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("", id="empty"),
        pytest.param("ens.aliyuncs.com", id="no scheme"),
        pytest.param("ftp://ens.aliyuncs.com", id="another scheme"),
        pytest.param("http://ens.aliyuncs.com", id="plain http to elsewhere"),
        pytest.param("http://127.0.0.1.example.com", id="a name that looks local"),
        pytest.param("https://user:word@ens.aliyuncs.com", id="a password"),
        pytest.param("https://ens.aliyuncs.com/?a=b", id="a query"),
        pytest.param("https://ens.aliyuncs.com/?", id="an empty query"),
        pytest.param("https://ens.aliyuncs.com/#a", id="a fragment"),
        pytest.param('https://ens.aliyuncs.com/"', id="a quote in the path"),
        pytest.param("https://ens.aliyuncs.com/$(id)", id="a command in the path"),
        pytest.param('https://a"b', id="a quote in the host"),
        pytest.param("https://a'b", id="a single quote in the host"),
        pytest.param("https://a\nb", id="a line break"),
        pytest.param("https://a:b", id="a port of letters"),
        pytest.param("https://a:99999", id="a port too high"),
        pytest.param("https://中.com", id="a host that is no ASCII"),
        pytest.param("https:///a", id="no host"),
    ],
)
def test_refuses_an_address(url: str) -> None:
    """What is let through can stand in a program of any language as it is."""
    with pytest.raises(ValueError, match="URL"):
        Call("alice", "key", url)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        pytest.param({"dry_run": True}, "no DryRun", id="a dry run on ENS"),
        pytest.param({"authorization": "token"}, "signed calls only", id="a token for ENS"),
        pytest.param({"authorization": "none"}, "signed calls only", id="ENS without a signature"),
        pytest.param({"key_pair_name": "\ud800"}, "surrogate", id="half a character"),
        pytest.param({"public_key_body": "\udfff"}, "surrogate", id="half a character, in the key"),
    ],
)
def test_refuses_a_contradiction(changes: dict[str, object], why: str) -> None:
    """Before a program is made of it; and without showing a parameter."""
    values = {"key_pair_name": "alice", "public_key_body": "key", **changes}
    with pytest.raises(ValueError, match=why):
        Call(**values)  # type: ignore[arg-type]
