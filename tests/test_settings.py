"""Settings: defaults, what is taken, and what is refused at start."""

from __future__ import annotations

import dataclasses

import pytest

from settings import Endpoint, InvalidSetting, disarm_sdk_debug, read_settings

DEFAULTS = {
    "log_level": "INFO",
    "log_sample_rate": 0.0,
    "ens_endpoint": Endpoint("https", "ens.aliyuncs.com"),
    "ens_connect_timeout_ms": 2000,
    "ens_read_timeout_ms": 5000,
    "ens_max_attempts": 3,
    "oss_endpoint": None,
    "upload_prefix": "keys/",
    "upload_bucket": None,
    "upload_suffix": ".pub",
    "receipt_prefix": "receipts/",
    "min_rsa_bits": 2048,
    "max_rsa_bits": 16384,
    "weak_keys": "refuse",
    "blocklist_path": None,
    "jwt_audience": None,
    "jwt_issuer": None,
    "caller_name_prefix": None,
    "no_proxy": None,
}


def test_defaults() -> None:
    """An empty environment is a valid one."""
    assert DEFAULTS == dataclasses.asdict(read_settings({})) | {
        "ens_endpoint": read_settings({}).ens_endpoint
    }


@pytest.mark.parametrize("name", [name.upper() for name in DEFAULTS])
def test_empty_is_the_default(name: str) -> None:
    """Consoles write an empty string for what was cleared; but a prefix may well be empty."""
    expected = dict(DEFAULTS)
    if name in {"UPLOAD_PREFIX", "UPLOAD_SUFFIX", "RECEIPT_PREFIX"}:
        expected[name.lower()] = ""

    assert expected[name.lower()] == getattr(read_settings({name: ""}), name.lower())


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("LOG_LEVEL", "debug", "DEBUG"),
        ("LOG_LEVEL", "Critical", "CRITICAL"),
        ("LOG_SAMPLE_RATE", "0", 0.0),
        ("LOG_SAMPLE_RATE", "1", 1.0),
        ("LOG_SAMPLE_RATE", "0.05", 0.05),
        ("LOG_SAMPLE_RATE", ".5", 0.5),
        ("LOG_SAMPLE_RATE", "1.000", 1.0),
        ("ENS_ENDPOINT", "ens.cn-hangzhou.aliyuncs.com", "https://ens.cn-hangzhou.aliyuncs.com"),
        ("ENS_ENDPOINT", "https://ens.aliyuncs.com", "https://ens.aliyuncs.com"),
        ("ENS_ENDPOINT", "https://ens.aliyuncs.com/", "https://ens.aliyuncs.com"),
        ("ENS_ENDPOINT", "proxy.internal:8443", "https://proxy.internal:8443"),
        ("ENS_ENDPOINT", "https://[fd00::1]:8443", "https://[fd00::1]:8443"),
        ("ENS_ENDPOINT", "http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("ENS_ENDPOINT", "http://127.0.0.1:8080/", "http://127.0.0.1:8080"),
        ("ENS_ENDPOINT", "http://localhost", "http://localhost"),
        ("ENS_ENDPOINT", "http://[::1]:1", "http://[::1]:1"),
        ("OSS_ENDPOINT", "oss-cn-hangzhou-internal.aliyuncs.com", None),
        ("ENS_CONNECT_TIMEOUT_MS", "1", 1),
        ("ENS_CONNECT_TIMEOUT_MS", "60000", 60_000),
        ("ENS_READ_TIMEOUT_MS", "600000", 600_000),
        ("ENS_MAX_ATTEMPTS", "10", 10),
        ("ENS_MAX_ATTEMPTS", "03", 3),
        ("UPLOAD_BUCKET", "ens-key-uploads", "ens-key-uploads"),
        ("UPLOAD_PREFIX", "公钥/", "公钥/"),
        ("MIN_RSA_BITS", "1024", 1024),
        ("MIN_RSA_BITS", "16384", 16384),
        ("MAX_RSA_BITS", "2048", 2048),
        ("WEAK_KEYS", "warn", "warn"),
        ("WEAK_KEYS", "ALLOW", "allow"),
        ("BLOCKLIST_PATH", "/opt/blocklist.dat", "/opt/blocklist.dat"),
        ("CALLER_NAME_PREFIX", "app:", "app:"),
        ("NO_PROXY", "127.0.0.1,.example", "127.0.0.1,.example"),
    ],
)
def test_takes(name: str, text: str, value: object) -> None:
    """Words in any case; hosts with and without a scheme; limits included."""
    read = getattr(read_settings({name: text}), name.lower())

    if isinstance(read, Endpoint):
        assert (value or f"https://{text}") == f"{read.protocol}://{read.host}"
    else:
        assert value == read


@pytest.mark.parametrize(
    ("name", "texts", "allowed"),
    [
        (
            "LOG_LEVEL",
            ["WARN", "TRACE", "20", " INFO", "INFO\n"],
            "DEBUG, INFO, WARNING, ERROR, CRITICAL",
        ),
        (
            "LOG_SAMPLE_RATE",
            ["2", "1.1", "-0.1", "nan", "inf", "1e-3", ".", "1.", "0,5", "٠", "0.5\n", "5%"],
            "a number from 0 to 1",
        ),
        (
            "ENS_ENDPOINT",
            [
                "http://ens.aliyuncs.com",
                "HTTPS://ens.aliyuncs.com",
                "ftp://ens.aliyuncs.com",
                "://ens.aliyuncs.com",
                "https://",
                "https://ens.aliyuncs.com/path",
                "https://ens.aliyuncs.com//",
                "https://ens.aliyuncs.com?x=1",
                "https://user@ens.aliyuncs.com",
                "https://https://ens.aliyuncs.com",
                "ens.aliyuncs.com ",
                "ens.aliyuncs.com\n",
                "ens aliyuncs.com",
                "énş.aliyuncs.com",
                "-ens",
                "ens.aliyuncs.com:",
                "ens.aliyuncs.com:123456",
                "ens.aliyuncs.com:٨٠",
                "http://127.0.0.1.example.com",
                "http://127.0.0.1:8080@example.com",
                "http://127.0.0.1:٨٠٨٠",
                "http://localhost.example.com",
                "http://128.0.0.1",
                "http://0.0.0.0",
                "http://[::2]",
            ],
            "a host, or https://host; http:// for loopback only",
        ),
        ("OSS_ENDPOINT", ["http://oss-cn-hangzhou.aliyuncs.com"], "a host, or https://host"),
        (
            "ENS_CONNECT_TIMEOUT_MS",
            ["0", "-1", "+1", "60001", "1.5", "2s", "1_000", " 1", "1\n", "٣", "9" * 5000],
            "an integer from 1 to 60000",
        ),
        ("ENS_READ_TIMEOUT_MS", ["0", "600001"], "an integer from 1 to 600000"),
        ("ENS_MAX_ATTEMPTS", ["0", "11", "three"], "an integer from 1 to 10"),
        ("UPLOAD_PREFIX", ["/", "/keys/", "\\keys/"], "what objects' keys begin with, which is no"),
        ("RECEIPT_PREFIX", ["/receipts/"], "what objects' keys begin with, which is no"),
        ("MIN_RSA_BITS", ["1023", "16385", "0"], "an integer from 1024 to 16384"),
        ("MAX_RSA_BITS", ["2047", "16385"], "an integer from 2048 to 16384"),
        ("WEAK_KEYS", ["yes", "deny"], "refuse, warn, allow"),
    ],
)
def test_refuses(name: str, texts: list[str], allowed: str) -> None:
    """A bad setting fails with its name and what is allowed; its value is for the log alone."""
    for text in texts:
        with pytest.raises(InvalidSetting) as refusal:
            read_settings({name: text})

        for_callers, for_the_log = str(refusal.value), refusal.value.for_the_log
        shown = text if len(text) <= 40 else f"{text[:40]}..."
        assert for_callers.startswith(f"The setting {name} is not valid; allowed: {allowed}")
        assert for_the_log.startswith(f"{name} is {shown!r}; allowed: {allowed}")
        assert name == refusal.value.name


def test_a_value_is_for_the_log_alone() -> None:
    """It may be a secret that was put into the wrong variable; a long one is cut off there too."""
    planted = "planted" * 9

    with pytest.raises(InvalidSetting) as refusal:
        read_settings({"WEAK_KEYS": planted})

    assert "planted" not in str(refusal.value) + repr(refusal.value.args)
    assert planted[:40] in refusal.value.for_the_log
    assert planted[:41] not in refusal.value.for_the_log


def test_takes_what_a_token_has_to_say() -> None:
    """Audience and issuer, both; any text, for some providers have URLs there, others names."""
    environ = {"JWT_AUDIENCE": "key import", "JWT_ISSUER": "https://id.example.com/"}

    assert ("key import", "https://id.example.com/") == (
        read_settings(environ).jwt_audience,
        read_settings(environ).jwt_issuer,
    )


@pytest.mark.parametrize(
    ("environ", "sentence"),
    [
        pytest.param(
            {"JWT_AUDIENCE": "a"},
            "JWT_ISSUER is ''; allowed: the claim of a token, for JWT_AUDIENCE is set too",
            id="an audience without an issuer",
        ),
        pytest.param(
            {"JWT_ISSUER": "i", "JWT_AUDIENCE": ""},
            "JWT_AUDIENCE is ''; allowed: the claim of a token, for JWT_ISSUER is set too",
            id="an issuer without an audience",
        ),
        pytest.param(
            {"JWT_AUDIENCE": "a\n", "JWT_ISSUER": "i"},
            "JWT_AUDIENCE is 'a\\n'; allowed: the claim of a token, without spaces around it",
            id="a line break, which no token would have",
        ),
        pytest.param(
            {"JWT_AUDIENCE": "a", "JWT_ISSUER": " i"},
            "JWT_ISSUER is ' i'; allowed: the claim of a token, without spaces around it",
            id="a space",
        ),
    ],
)
def test_half_of_a_check_is_refused(environ: dict[str, str], sentence: str) -> None:
    """A function that was meant to check tokens never starts without doing so."""
    with pytest.raises(InvalidSetting) as refusal:
        read_settings(environ)

    assert sentence == refusal.value.for_the_log


def test_the_size_limits_may_not_cross() -> None:
    """No key at all could satisfy a least size above the largest."""
    with pytest.raises(InvalidSetting) as refusal:
        read_settings({"MIN_RSA_BITS": "4096", "MAX_RSA_BITS": "3072"})

    assert "MAX_RSA_BITS is '3072'; allowed: an integer from 4096 to 16384" == (
        refusal.value.for_the_log
    )


def test_other_variables_are_not_looked_at() -> None:
    """An environment holds much that is not ours."""
    assert read_settings({}) == read_settings({"PATH": "/bin", "log_level": "DEBUG"})


def test_the_sdks_debug_switch_is_taken_away() -> None:
    """With DEBUG=sdk the SDK prints what it sends, the security token with it."""
    environ = {"DEBUG": "sdk", "LOG_LEVEL": "DEBUG"}

    disarm_sdk_debug(environ)
    disarm_sdk_debug(environ)

    assert {"LOG_LEVEL": "DEBUG"} == environ


def test_no_proxy_is_read_in_either_case() -> None:
    """As curl, requests and pip do; the upper case wins."""
    assert "a" == read_settings({"no_proxy": "a"}).no_proxy
    assert "b" == read_settings({"no_proxy": "a", "NO_PROXY": "b"}).no_proxy
