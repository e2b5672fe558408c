"""
devcloud in a process of its own, over HTTP and over HTTPS, for the client alone to be measured.

In the same process its threads would fight with the client for the interpreter. TLS is ended by a
few lines in front of each service, with a certificate that is made for the run.
"""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import ssl
import tempfile
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from ipaddress import IPv4Address
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from devcloud import DevCloud

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.connection import Connection

    from devcloud import Credentials

PROJECT = Path(__file__).parent.parent
BUCKET = "ens-key-uploads"  # that of deploy/role-policy.json
BLOCK = 64 * 1024  # bytes


@dataclass(frozen=True, slots=True)
class CloudApart:
    """Where its services are, by protocol and name; objects are uploaded by ``put``."""

    endpoints: dict[str, dict[str, str]]
    credentials: Credentials
    certificate: Path
    connection: Connection

    def put(self, key: str, body: bytes) -> str:
        """Upload an object; return its ETag."""
        self.connection.send((key, body))
        etag: str = self.connection.recv()
        return etag


@contextlib.contextmanager
def cloud_apart() -> Iterator[CloudApart]:
    """Run devcloud in a process of its own."""
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(there,))
    with tempfile.TemporaryDirectory() as folder:
        certificate = Path(folder) / "certificate.pem"
        make_certificate(certificate)
        process.start()
        there.close()  # the other end is the child's alone, so that its death is noticed here
        try:
            here.send(certificate)
            endpoints, credentials = here.recv()
            yield CloudApart(endpoints, credentials, certificate, here)
        finally:
            here.send(None)
            process.join()


def _serve(connection: Connection) -> None:
    """Be that process: take objects until nothing comes."""
    certificate: Path = connection.recv()
    with DevCloud(project=PROJECT) as cloud, _tls_in_front(certificate) as in_front_of:
        cloud.create_bucket(BUCKET)
        plain = {"ens": cloud.ens_endpoint, "oss": cloud.oss_endpoint}
        encrypted = {name: in_front_of(endpoint) for name, endpoint in plain.items()}
        connection.send(({"http": plain, "https": encrypted}, cloud.role_credentials()))
        while (asked := connection.recv()) is not None:
            key, body = asked
            connection.send(cloud.put_upload(key, body, bucket=BUCKET).etag)


@contextlib.contextmanager
def _tls_in_front(certificate: Path) -> Iterator[Any]:
    """End TLS for others; the function that is given starts one more, and returns its address."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    def in_front_of(endpoint: str) -> str:
        host, _, port = endpoint.removeprefix("http://").partition(":")

        async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            from_service, to_service = await asyncio.open_connection(host, int(port))
            await asyncio.gather(_copy(reader, to_service), _copy(from_service, writer))

        started = asyncio.run_coroutine_threadsafe(
            asyncio.start_server(relay, "127.0.0.1", 0, ssl=context), loop
        )
        return f"https://127.0.0.1:{started.result().sockets[0].getsockname()[1]}"

    yield in_front_of
    loop.call_soon_threadsafe(loop.stop)
    thread.join()


async def _copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while block := await source.read(BLOCK):
            target.write(block)
            await target.drain()
    with contextlib.suppress(OSError):
        target.close()


def make_certificate(file: Path) -> None:
    """Write a certificate for 127.0.0.1 that is its own CA, with its key, into one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(timezone.utc)
    host = x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(host, critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    file.touch(mode=0o600)
    file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM) + private)
