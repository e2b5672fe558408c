"""What the function never uses, and so is not in its package: each with what it would be for."""

_ASYNC = "asynchronous calls; see adapters/lazy_sdk.py"
_AIOHTTP = "aiohttp's"

DISTRIBUTIONS = {
    "aiofiles": _ASYNC,
    "aiohappyeyeballs": _AIOHTTP,
    "aiohttp": _ASYNC,
    "aiosignal": _AIOHTTP,
    "apscheduler": "refreshing an ECS instance's credentials; see adapters/lazy_sdk.py",
    "async-timeout": _AIOHTTP,
    "attrs": _AIOHTTP,
    "frozenlist": _AIOHTTP,
    "multidict": _AIOHTTP,
    "propcache": _AIOHTTP,
    "pycparser": "cffi's, for compiling C",
    "pycryptodome": "client-side encryption of OSS objects; the OSS SDK works without",
    "tzlocal": "apscheduler's",
    "websocket-client": "WebSocket APIs; see adapters/lazy_sdk.py",
    "yarl": _AIOHTTP,
}
"""Of requirements.txt, by name: not installed at all."""

FILES = {
    "**/*.[ch]": "sources of compiled modules",
    "**/*.pyi": "types",
    "**/py.typed": "types",
    "*.dist-info/INSTALLER": "pip's, for uninstalling",
    "*.dist-info/RECORD": "pip's, for uninstalling",
    "*.dist-info/REQUESTED": "pip's, for uninstalling",
    "alibabacloud_ens20171110/models/_[a-z]*.py": "models of calls that the function does not make",
    "bin": "commands",
    "certifi/tests": "tests",
    "cffi": "compiling C; cryptography needs only _cffi_backend",
}
"""Of what is installed, by pattern in the code folder. Licences and metadata stay."""

BUT_THESE = (
    "alibabacloud_ens20171110/models/_describe_key_pairs_re*.py",  # _request and _response
    "alibabacloud_ens20171110/models/_import_key_pair_re*.py",
)
"""What a pattern of FILES would take and the function needs."""
