"""The cloud as one object: what is started, how it is wired, and what a test may ask of it."""

import re
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from devcloud.ens.models import DuplicateNames, KeyPair, KeyPairs
from devcloud.ens.service import ens_service
from devcloud.ens.throttling import RateLimit
from devcloud.fc.async_invocation import AsyncInvocation
from devcloud.fc.code_source import CodeSource
from devcloud.fc.deployment import Deployment, Host, RunOptions
from devcloud.fc.destinations import DestinationMessage
from devcloud.fc.function import Function, InvocationResult
from devcloud.fc.functions import Functions
from devcloud.fc.logs import FunctionLog
from devcloud.fc.models import FunctionSpec, Runtime
from devcloud.fc.queue import AsyncQueue
from devcloud.fc.s_yaml import read_function
from devcloud.fc.service import FcApiService
from devcloud.fc.triggers import ApiGatewayService
from devcloud.network import Network
from devcloud.oss.models import StoredObject
from devcloud.oss.notifications import Envelope
from devcloud.oss.storage import ObjectStorage
from devcloud.ram.authentication import Authenticator
from devcloud.ram.models import Clock, Credentials, Keyring, deployer, developer
from devcloud.ram.roles import Role, function_role
from devcloud.state.models import State
from devcloud.state.service import StateService
from devcloud.sts.service import sts_service

OSS_REGION = "cn-hangzhou"
UPLOADS = "uploads"  # the bucket that is meant when neither a test nor s.yaml names one
# Function Compute gives its role sessions 36 hours.
ROLE_SESSION_SECONDS = 36 * 3600
# Of ACS3 and of OSS V4, where the scope follows the id behind a slash.
_ACCESS_KEY_ID = re.compile(r"Credential=([^/,\s]+)")


class DevCloud(Network):
    """
    An Alibaba Cloud on 127.0.0.1, from entering the ``with`` block to leaving it.

    Everything is ready when it is entered, and gone when it is left: servers, threads, the
    function's processes, files. Endpoints, calls and faults are those of ``Network``.
    """

    def __init__(  # noqa: PLR0913 - each is one choice of a test, by name
        self,
        *,
        duplicate_names: DuplicateNames = "refused",
        filter_by_name: bool = True,
        ens_port: int = 0,
        throttle_per_second: float | None = None,
        oss_region: str = OSS_REGION,
        function: bool | FunctionSpec = False,
        function_env: Mapping[str, str] | None = None,
        function_port: int = 0,
        fc_port: int = 0,
        allow_deploy: bool = False,
        pythons: Mapping[Runtime, Path] | None = None,
        max_instances: int = 4,
        retry_pace: float = 1.0,
        upload_envelope: Envelope = "native",
        role_session_seconds: int = ROLE_SESSION_SECONDS,
        enforce_auth: bool = False,
        runtime: Runtime = "python3.12",
        role_policy: Mapping[str, Any] | None = None,
        trust_policy: Mapping[str, Any] | None = None,
        project: Path | None = None,
        clock: Clock = time.time,
    ) -> None:
        """
        Describe the cloud; nothing starts before it is entered.

        Args:
            duplicate_names: what ENS does with a name that is in use; the manual does not say.
            filter_by_name: whether DescribeKeyPairs lists the key pairs of the name that it is
                asked for; else all. The manual does not say either.
            ens_port: the port of ENS; 0 for a free one.
            throttle_per_second: the calls a second that ENS admits; None for all.
            oss_region: where the buckets are: what signatures and events name.
            function: start the function of the project's s.yaml, or this one.
            function_env: on top of s.yaml's environmentVariables.
            function_port: the port of the HTTP trigger; 0 for a free one.
            fc_port: the port of FC's API; 0 for a free one.
            allow_deploy: run what is uploaded through FC's API.
            pythons: what runs the packages of a runtime; else the Python of that version on PATH.
            max_instances: how many requests the function can work on at once.
            retry_pace: how long a second of the asynchronous queue's backoff lasts; 0: no wait.
            upload_envelope: how OSS triggers tell of uploads: natively, or as EventBridge would.
            role_session_seconds: how long the function's own credentials last; 0: over already.
            enforce_auth: let the HTTP trigger check what its authType says.
            runtime: whose ``context`` the function gets.
            role_policy: what the function's role may do; else deploy/role-policy.json.
            trust_policy: who may assume it; else deploy/trust-policy.json, else the whole account.
            project: the folder of s.yaml and deploy/; else the current one.
            clock: the cloud's time, in seconds since the epoch.
        """
        super().__init__(self._kill_caller)
        self._project = project or Path.cwd()
        self._clock = clock
        self._ens_port, self._function_port, self._fc_port = ens_port, function_port, fc_port
        self._allow_deploy, self._pythons = allow_deploy, dict(pythons or {})
        self._function_wanted, self._function_env = function, dict(function_env or {})
        self._run_options = RunOptions(
            max_instances=max_instances,
            retry_pace=retry_pace,
            upload_envelope=upload_envelope,
            enforce_auth=enforce_auth,
            runtime=runtime,
        )
        self._role_session_seconds = role_session_seconds
        self._role = function_role(self._project, role_policy, trust_policy)
        self._keyring = Keyring(clock)
        self._authenticator = Authenticator(self._keyring, clock)
        self._key_pairs = KeyPairs(duplicate_names, clock, filter_by_name=filter_by_name)
        self._region = oss_region
        self._oss = ObjectStorage(self._keyring, clock, oss_region)
        self._upload_bucket = UPLOADS
        self._rate_limit = RateLimit(throttle_per_second, clock) if throttle_per_second else None
        self._functions: Functions | None = None
        self._state = State(
            key_pairs=self._key_pairs,
            buckets=self._oss.buckets,
            journal=self._surroundings.journal,
            faults=self.faults,
            functions=lambda: self._functions or (),
            endpoints=lambda: self.endpoints,
            upload_bucket=lambda: self.upload_bucket,
        )
        self._stack = ExitStack()

    def __enter__(self) -> "DevCloud":  # noqa: PYI034 - Self is in typing from 3.11 only
        with ExitStack() as starting:
            self._log = FunctionLog()
            self._keep_a_port_closed(starting)
            self._start_ens(starting)
            self._start_sts(starting)
            self._start_oss(starting)
            if self._function_wanted or self._allow_deploy:
                functions = self._start_functions(starting)
                if self._function_wanted:
                    self._start_function(starting, functions)
            self._start_state(starting)
            self._stack = starting.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    # What is started, and how it is wired

    def _start_ens(self, starting: ExitStack) -> None:
        admit = self._rate_limit.admit if self._rate_limit else lambda: None
        service = ens_service(self._key_pairs, self._authenticator, admit)
        self._serve(starting, service, self._ens_port)

    def _start_sts(self, starting: ExitStack) -> None:
        roles = {self._role.arn: self._role}
        self._serve(starting, sts_service(roles, self._keyring, self._authenticator))

    def _start_oss(self, starting: ExitStack) -> None:
        self._oss.buckets.create(self._upload_bucket)
        self._serve(starting, self._oss.service)

    def _start_functions(self, starting: ExitStack) -> Functions:
        folder = tempfile.TemporaryDirectory(prefix="devcloud-")
        self._code_root = Path(starting.enter_context(folder))
        host = Host(
            options=self._run_options,
            settings={
                "ENS_ENDPOINT": self.ens_endpoint,
                "OSS_ENDPOINT": self.oss_endpoint,
                **self._function_env,
            },
            log=self._log,
            role_session=self._session_of_role,
            serve=self._serve_for_a_while,
            oss=self._oss,
            authenticator=self._authenticator,
            clock=self._clock,
        )
        functions = Functions(host, self._role, self._pythons)
        starting.callback(functions.close)
        self._functions = functions
        source = CodeSource(self._oss, self._keyring, self._code_root, self._region)
        api = FcApiService(
            functions,
            source,
            self._authenticator,
            self._region,
            allow_deploy=self._allow_deploy,
        )
        self._serve(starting, api, self._fc_port)
        # First of all when leaving: a server that closes waits for the requests under way.
        starting.callback(functions.stop)
        return functions

    def _start_function(self, starting: ExitStack, functions: Functions) -> None:
        spec = self._function_wanted
        if not isinstance(spec, FunctionSpec):
            spec = read_function(self._project)
        deployment = functions.add_spec(spec, self._function_port)
        self._serve(starting, ApiGatewayService(deployment.function))
        starting.callback(functions.stop)
        if spec.oss_triggers:
            self._upload_bucket = spec.oss_triggers[0].bucket

    def _start_state(self, starting: ExitStack) -> None:
        self._state_service = StateService(self._state, lambda: server.endpoint)
        server = self._serve_apart(starting, self._state_service)

    def _session_of_role(self, role: Role) -> Credentials:
        return self._keyring.issue_session(role.session("fc"), self._role_session_seconds)

    def _kill_caller(self, authorization: str) -> None:
        claimed = _ACCESS_KEY_ID.search(authorization)
        if self._functions and claimed:
            self._functions.kill_caller(claimed[1])

    # Identities

    @property
    def role_arn(self) -> str:
        """The function's role, for AssumeRole."""
        return self._role.arn

    def role_credentials(self, duration_seconds: int = ROLE_SESSION_SECONDS) -> Credentials:
        """Make a session of the function's role, as FC does; 0 seconds: expired already."""
        return self._keyring.issue_session(self._role.session("fc"), duration_seconds)

    def user_credentials(self, policy: Mapping[str, Any] | None = None) -> Credentials:
        """
        Make a RAM user and a key of it.

        The user may invoke functions, assume roles and use OSS, or do what ``policy`` says.
        UnsupportedPolicy: it says something that devcloud does not evaluate.
        """
        return self._keyring.issue_access_key(developer(policy))

    def deployer_credentials(self, policy: Mapping[str, Any] | None = None) -> Credentials:
        """
        Make a RAM user who may deploy functions and invoke them, and a key of it.

        With ``policy``, the user may do what that says instead. Raises as ``user_credentials``.
        """
        return self._keyring.issue_access_key(deployer(policy))

    @property
    def enforces_auth(self) -> bool:
        """Whether the HTTP trigger checks what its authType says."""
        return self._run_options.enforce_auth

    # State

    @property
    def state_url(self) -> str:
        """
        Where the state is read over HTTP, ``http://127.0.0.1:PORT/_devcloud/TOKEN``.

        Whoever knows it may read and reset this cloud: it belongs into no log.
        """
        return self._state_service.url

    def reset(self) -> None:
        """Forget key pairs, objects, calls, faults and asynchronous invocations; the rest stays."""
        self._state.reset()

    @property
    def key_pairs(self) -> list[KeyPair]:
        """What ENS holds now."""
        return list(self._key_pairs)

    def add_key_pair(self, name: str, public_key: str) -> KeyPair:
        """Let ENS hold one more key pair, as if it had been imported before; no call is made."""
        return self._key_pairs.add(name, public_key)

    def create_bucket(self, name: str) -> None:
        """Make a bucket; one that is there stays as it is."""
        self._oss.buckets.create(name)

    @property
    def upload_bucket(self) -> str:
        """The bucket of s.yaml's first OSS trigger; without one, ``uploads``."""
        return self._upload_bucket

    def objects(self, bucket: str = "") -> dict[str, StoredObject]:
        """What a bucket holds now, by key; else the upload bucket."""
        found = self._oss.buckets.get(bucket or self._upload_bucket)
        return {stored.key: stored for stored in found}

    def put_upload(
        self,
        key: str,
        body: bytes,
        *,
        bucket: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> StoredObject:
        """
        Put an object as somebody of the account does, and tell the function of it if it subscribes.

        No fault strikes it; to meet those, put with an SDK and ``user_credentials()``.
        """
        return self._oss.put(bucket or self._upload_bucket, key, body, headers)

    # The function

    def invoke(self, event: bytes) -> InvocationResult:
        """Invoke the function as the InvokeFunction API does, without its signature."""
        return self._running_function.invoke(event)

    def function_logs(self) -> str:
        """Return what the function's instances wrote to stdout and stderr so far."""
        return self._log.text

    def kill_instances(self) -> None:
        """End the function's instances, busy or idle; the next request is a cold start."""
        self._running_function.kill_instances()

    @contextmanager
    def frozen_instances(self) -> Iterator[None]:
        """Freeze the function's instances, as FC does between two requests, and thaw them."""
        with self._running_function.frozen_instances():
            yield

    @property
    def code_folder(self) -> Path:
        """Where the packages of deployed functions are unpacked, each in a folder of its own."""
        return self._code_root

    # Asynchronous invocations

    def invoke_async(self, event: bytes) -> str:
        """Accept an event as the InvokeFunction API does with Async; return its request id."""
        return self.async_queue.accept(event)

    def drain(self, timeout_seconds: float = 60.0) -> None:
        """Return once every accepted invocation has come to its end; TimeoutError if none does."""
        self.async_queue.drain(timeout_seconds)

    @property
    def async_invocations(self) -> list[AsyncInvocation]:
        """What became of the accepted invocations so far, in the order in which they came."""
        return self.async_queue.invocations

    @property
    def destination_messages(self) -> list[DestinationMessage]:
        """What was sent to the destinations of s.yaml so far."""
        return self._running.destinations.messages

    @property
    def async_queue(self) -> AsyncQueue:
        """The queue itself, to have invocations delivered twice."""
        return self._running.queue

    @property
    def _running_function(self) -> Function:
        return self._running.function

    @property
    def _running(self) -> Deployment:
        if self._functions is None:
            raise RuntimeError("this cloud was made without a function: DevCloud(function=True)")
        return self._functions.main
