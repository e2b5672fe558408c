"""One function: how it runs, and what invokes it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

Runtime = Literal["python3.12", "python3.10"]
DEFAULT_TIMEOUT_SECONDS = 3
DEFAULT_MEMORY_MB = 512
ALL_METHODS = ("GET", "POST", "PUT", "DELETE", "HEAD", "PATCH", "OPTIONS")


@dataclass(frozen=True, slots=True)
class HttpTrigger:
    """An HTTP trigger: what it lets through. ``auth_config`` is that of authType jwt."""

    name: str
    auth_type: str = "anonymous"
    methods: tuple[str, ...] = ALL_METHODS
    auth_config: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OssTrigger:
    """An OSS trigger: which events of which objects of a bucket invoke the function."""

    name: str
    bucket: str
    events: tuple[str, ...]  # oss:ObjectCreated:PutObject; a * may end it
    prefix: str
    suffix: str


@dataclass(frozen=True, slots=True)
class AsyncConfig:
    """How asynchronous invocations are run; a destination is an ARN, or empty for none."""

    max_retry_attempts: int = 3
    max_event_age_seconds: int = 86400
    on_success: str = ""
    on_failure: str = ""
    reserved_concurrency: int | None = None


@dataclass(frozen=True, slots=True)
class FunctionSpec:
    """One function; times in seconds, memory in MB."""

    name: str
    handler: str  # module.function
    code: Path  # the code folder: cwd, and first on sys.path
    timeout: int = DEFAULT_TIMEOUT_SECONDS
    memory: int = DEFAULT_MEMORY_MB
    region: str = "cn-hangzhou"
    runtime: Runtime = "python3.12"  # whose context the function gets
    initializer: str = ""  # module.function, empty for none
    initializer_timeout: int = DEFAULT_TIMEOUT_SECONDS
    environment: Mapping[str, str] = field(default_factory=dict)
    http_trigger: HttpTrigger | None = None
    oss_triggers: tuple[OssTrigger, ...] = ()
    async_config: AsyncConfig = AsyncConfig()
    python: Path | None = None  # runs it, with the code folder alone; None: as devcloud runs
    code_checksum: str = ""  # of the package, CRC-64 in decimal; empty where there was none
