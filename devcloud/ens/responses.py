"""ENS's actions: parameters in, the documented JSON out. ``models`` holds the rules."""

from typing import Any

from devcloud.ens import exceptions
from devcloud.ens.models import KeyPair, KeyPairs
from devcloud.ram.models import Principal
from devcloud.rpc import Parameters

MAX_PAGE_SIZE = 50  # a guess: the manual gives the default of 10 only


def import_key_pair(
    key_pairs: KeyPairs, parameters: Parameters, _caller: Principal
) -> dict[str, Any]:
    """ImportKeyPair: keep a public key under a name."""
    name = parameters.get("KeyPairName")
    public_key = parameters.get("PublicKeyBody")
    if not name or not public_key:
        raise exceptions.missing_parameter()
    key_pair = key_pairs.add(name, public_key)
    return {"KeyPairName": key_pair.name, "KeyPairFingerPrint": key_pair.fingerprint}


def create_key_pair(
    key_pairs: KeyPairs, parameters: Parameters, _caller: Principal
) -> dict[str, Any]:
    """CreateKeyPair: make a key; its private half is in this one answer only."""
    name = parameters.get("KeyPairName")
    if not name:
        raise exceptions.missing_parameter()
    key_pair, private_key = key_pairs.create(name)
    return {
        "KeyPairId": key_pair.id,
        "KeyPairName": key_pair.name,
        "KeyPairFingerPrint": key_pair.fingerprint,
        "PrivateKeyBody": private_key,
    }


def describe_key_pairs(
    key_pairs: KeyPairs, parameters: Parameters, _caller: Principal
) -> dict[str, Any]:
    """DescribeKeyPairs: show one page of those that match."""
    page = _positive(parameters, "PageNumber", default=1)
    size = min(_positive(parameters, "PageSize", default=10), MAX_PAGE_SIZE)
    found = key_pairs.listed(*_asked_for(parameters))
    shown = found[(page - 1) * size : page * size]
    return {
        "KeyPairs": {"KeyPair": [_description(key_pair) for key_pair in shown]},
        "PageNumber": page,
        "PageSize": size,
        "TotalCount": len(found),
    }


def delete_key_pairs(
    key_pairs: KeyPairs, parameters: Parameters, _caller: Principal
) -> dict[str, Any]:
    """DeleteKeyPairs: forget all that match."""
    if not parameters.get("KeyPairName") and not parameters.get("KeyPairId"):
        raise exceptions.missing_parameter()
    found = key_pairs.matching(*_asked_for(parameters))
    if not found:
        raise exceptions.key_pair_not_found()
    key_pairs.remove(found)
    return {}


def _asked_for(parameters: Parameters) -> tuple[str, str]:
    return parameters.get("KeyPairName", ""), parameters.get("KeyPairId", "")


def _description(key_pair: KeyPair) -> dict[str, str]:
    return {
        "CreationTime": key_pair.creation_time,
        "KeyPairFingerPrint": key_pair.fingerprint,
        "KeyPairId": key_pair.id,
        "KeyPairName": key_pair.name,
    }


def _positive(parameters: Parameters, name: str, default: int) -> int:
    text = parameters.get(name) or str(default)
    # Nine digits: Python reads no number of thousands of them, and no page is that far.
    if not text.isascii() or not text.isdigit() or len(text) > 9 or int(text) < 1:
        raise exceptions.invalid_parameter(name)
    return int(text)
