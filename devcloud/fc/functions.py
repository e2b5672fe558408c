"""The Function Compute of one account and region: what DevCloud holds of this folder."""

import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from devcloud.fc import exceptions
from devcloud.fc.deployment import Deployment, Host, deploy_spec
from devcloud.fc.documents import read_function
from devcloud.fc.models import FunctionSpec, Runtime
from devcloud.fc.packages import Code
from devcloud.fc.pythons import find_python
from devcloud.ram.models import ACCOUNT_ID
from devcloud.ram.roles import Role

FC_SERVICE = "fc.aliyuncs.com"
_ROLE_ARN = re.compile(rf"acs:ram::{ACCOUNT_ID}:role/([A-Za-z0-9._-]{{1,64}})")


class Functions:
    """
    The deployed functions, by name.

    Whoever reads or changes more than one thing of a function does it within ``changing()``.
    """

    def __init__(self, host: Host, role: Role, pythons: Mapping[Runtime, Path]) -> None:
        """
        Begin without a function.

        ``role`` is what every role of this account may do; ``pythons`` run a runtime's packages,
        instead of what is found on this machine.
        """
        self.host = host
        self._role = role
        self._pythons = dict(pythons)
        self._lock = threading.RLock()
        self._by_name: dict[str, Deployment] = {}

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Keep others from changing anything."""
        with self._lock:
            yield

    def __iter__(self) -> Iterator[Deployment]:
        """Iterate over a snapshot, in the order of names."""
        with self._lock:
            return iter([self._by_name[name] for name in sorted(self._by_name)])

    def get(self, name: str) -> Deployment:
        """
        Return a function.

        Raises:
            ServiceError: FunctionNotFound.
        """
        with self._lock:
            found = self._by_name.get(name)
        if found is None:
            raise exceptions.function_not_found(name)
        return found

    @property
    def main(self) -> Deployment:
        """
        The function of s.yaml; without one, the first that was deployed.

        Raises:
            RuntimeError: there is none.
        """
        with self._lock:
            for deployment in self._by_name.values():
                return deployment
        raise RuntimeError("this cloud has no function: DevCloud(function=True), or deploy one")

    def add(self, deployment: Deployment) -> None:
        """Take a function in, under a name that is free."""
        with self._lock:
            self._by_name[deployment.function.spec.name] = deployment

    def add_spec(self, spec: FunctionSpec, port: int) -> Deployment:
        """Deploy what s.yaml describes. Raises as ``deploy_spec`` does."""
        deployment = deploy_spec(self.host, spec, self._role, port)
        self.add(deployment)
        return deployment

    def remove(self, name: str) -> None:
        """
        End a function and all that is its own.

        Raises:
            ServiceError: FunctionNotFound.
        """
        with self._lock:
            removed = self.get(name)
            del self._by_name[name]
        removed.close()

    def role_of(self, arn: str) -> Role | None:
        """
        Return the role that a function names; None for none.

        Raises:
            InvalidSpec: it is no role of this account, or one that does not trust FC.
        """
        if not arn:
            return None
        named = _ROLE_ARN.fullmatch(arn)
        if not named:
            raise exceptions.InvalidSpec(f"role is acs:ram::{ACCOUNT_ID}:role/NAME")
        if FC_SERVICE not in self._role.trusted_services:
            raise exceptions.InvalidSpec(f"the role's trust policy does not name {FC_SERVICE}")
        return replace(self._role, name=named[1])

    def spec_of(self, document: Mapping[str, Any], code: Code, region: str) -> FunctionSpec:
        """
        Read a function's document, for the code that was unpacked for it, or for its sources.

        Raises:
            InvalidSpec: it cannot be understood, or not be run here.
        """
        spec = read_function(document, code.folder, region)
        if not code.checksum:
            return spec
        return replace(spec, python=self.python_of(spec.runtime), code_checksum=code.checksum)

    def python_of(self, runtime: Runtime) -> Path:
        """
        Return the interpreter for a runtime's packages.

        Raises:
            InvalidSpec: there is none on this machine.
        """
        found = self._pythons.get(runtime) or find_python(runtime)
        if found is None:
            raise exceptions.InvalidSpec(
                f"there is no {runtime} on this machine: put one on the PATH of devcloud"
            )
        return found

    def kill_caller(self, access_key_id: str) -> None:
        """End the instance that has these credentials; if one has."""
        for deployment in self:
            deployment.function.kill_instance_of(access_key_id)

    def stop(self) -> None:
        """Begin nothing more, and end what is under way."""
        self._each(Deployment.stop)

    def close(self) -> None:
        """End all functions, and wait for it."""
        self._each(Deployment.close)

    def _each(self, do: Callable[[Deployment], None]) -> None:
        for deployment in self:
            do(deployment)
