"""What the actions share: a request with its place, the buckets, and whom to tell of what."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from devcloud.http_message import Request, Response
from devcloud.oss.addressing import Location, copy_source
from devcloud.oss.documents import Content, document
from devcloud.oss.models import Bucket, Buckets
from devcloud.oss.notifications import Happening
from devcloud.ram.models import Clock

DEFAULT_CONTENT_TYPE = "application/octet-stream"
KEPT_HEADERS = frozenset(
    {
        "cache-control",
        "content-disposition",
        "content-encoding",
        "content-language",
        "content-type",
        "expires",
    }
)


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request with what the service made of it."""

    request: Request
    location: Location
    request_id: str

    @property
    def parameters(self) -> dict[str, str]:
        """The query, decoded."""
        return dict(self.request.query)


Needs = Callable[[Exchange], Iterable[tuple[str, Location]]]  # RAM actions, each on its resource


@dataclass(frozen=True, slots=True)
class Operation:
    """One action: what it does, what RAM has to allow, and what of a request it understands."""

    perform: Callable[[Exchange], Response]
    needs: Needs
    parameters: frozenset[str] = frozenset()
    headers: frozenset[str] = frozenset()  # x-oss- ones and conditions; those of signatures aside


def needing(ram_action: str) -> Needs:
    """Ask for one action on what the request addresses."""
    return lambda exchange: [(ram_action, exchange.location)]


def needs_of_copy(exchange: Exchange) -> list[tuple[str, Location]]:
    """Ask for writing what the request addresses, and for reading what it copies."""
    source = copy_source(exchange.request)
    return [("oss:PutObject", exchange.location), ("oss:GetObject", source)]


@dataclass(frozen=True, slots=True)
class Event:
    """What was done to an object or to a part of one, for the bucket's subscribers."""

    name: str  # ObjectCreated:PutObject
    key: str
    etag: str = ""
    size: int = 0
    grown_by: int = 0  # how many bytes the bucket holds more
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Backend:
    """The account's buckets, and who is told what is done to them."""

    buckets: Buckets
    region: str
    clock: Clock
    notify: Callable[[Happening], None]

    def bucket(self, exchange: Exchange) -> Bucket:
        """
        Return the bucket that a request addresses.

        Raises:
            ServiceError: NoSuchBucket.
        """
        return self.buckets.get(exchange.location.bucket)

    def tell(self, exchange: Exchange, event: Event) -> None:
        """Tell the subscribers of an event in the bucket that a request addresses."""
        happening = Happening(
            name=event.name,
            bucket=exchange.location.bucket,
            key=event.key,
            etag=event.etag,
            size=event.size,
            delta_size=event.grown_by,
            time=self.clock(),
            request_id=exchange.request_id,
            source_ip=exchange.request.source_ip,
            content_type=event.headers.get("Content-Type", DEFAULT_CONTENT_TYPE),
        )
        self.notify(happening)


def kept_headers(request: Request) -> dict[str, str]:
    """Take the headers that come back with the object; OSS spells metadata in small letters."""
    kept = {"Content-Type": DEFAULT_CONTENT_TYPE}
    for name, value in request.headers.items():
        if name.lower().startswith("x-oss-meta-"):
            kept[name.lower()] = value
        elif name.lower() in KEPT_HEADERS:
            kept["-".join(part.capitalize() for part in name.split("-"))] = value
    return kept


def xml(root: str, content: Content, headers: Mapping[str, str] | None = None) -> Response:
    """Answer 200 with a document."""
    everything = {"Content-Type": "application/xml", **(headers or {})}
    return Response(200, document(root, content), everything)
