"""FC's context object, as each of its Python runtimes hands it over."""

from __future__ import annotations

from types import SimpleNamespace


def python312(request_id: str = "FC-312", timeout: object = 30) -> SimpleNamespace:
    """Make a context without credentials: that runtime puts them into the environment."""
    return SimpleNamespace(
        request_id=request_id,
        function=SimpleNamespace(
            name="ens-key-import", handler="handler.handler", memory=128, timeout=timeout
        ),
        region="cn-hangzhou",
        account_id="1234567890123456",
    )


def python310(
    request_id: str = "FC-310",
    *,
    version_id: str = "",
    access_key_id: str = "",
    access_key_secret: str = "",
    security_token: str = "",
) -> SimpleNamespace:
    """Make a context with credentials and a service."""
    context = python312(request_id)
    context.credentials = SimpleNamespace(
        access_key_id=access_key_id,
        access_key_secret=access_key_secret,
        security_token=security_token,
    )
    context.service = SimpleNamespace(name="", qualifier="LATEST", version_id=version_id)
    return context
