"""ENS's actions: parameters in, the documented JSON out. ``models`` holds the rules."""

from typing import Any

from devcloud.ens import exceptions
from devcloud.ens.models import KeyPair, KeyPairs
from devcloud.ram.identities import Principal
from devcloud.rpc import Operation, Parameters, Product

VERSION = "2017-11-10"
HOST_ID = "ens.aliyuncs.com"
MAX_PAGE_SIZE = 50  # a guess: the manual gives the default of 10 only


def product(key_pairs: KeyPairs) -> Product:
    """Describe ENS as far as it is emulated."""
    responses = _Responses(key_pairs)
    operations = {
        "CreateKeyPair": Operation(responses.create_key_pair),
        "DeleteKeyPairs": Operation(responses.delete_key_pairs),
        "DescribeKeyPairs": Operation(responses.describe_key_pairs),
        "ImportKeyPair": Operation(responses.import_key_pair),
    }
    return Product("ens", VERSION, HOST_ID, operations, exceptions.MESSAGES)


class _Responses:
    def __init__(self, key_pairs: KeyPairs) -> None:
        self._key_pairs = key_pairs

    def import_key_pair(self, parameters: Parameters, _caller: Principal) -> dict[str, Any]:
        name = parameters.get("KeyPairName")
        public_key = parameters.get("PublicKeyBody")
        if not name or not public_key:
            raise exceptions.missing_parameter()
        key_pair = self._key_pairs.add(name, public_key)
        return {"KeyPairName": key_pair.name, "KeyPairFingerPrint": key_pair.fingerprint}

    def create_key_pair(self, parameters: Parameters, _caller: Principal) -> dict[str, Any]:
        name = parameters.get("KeyPairName")
        if not name:
            raise exceptions.missing_parameter()
        key_pair, private_key = self._key_pairs.create(name)
        return {
            "KeyPairId": key_pair.id,
            "KeyPairName": key_pair.name,
            "KeyPairFingerPrint": key_pair.fingerprint,
            "PrivateKeyBody": private_key,
        }

    def describe_key_pairs(self, parameters: Parameters, _caller: Principal) -> dict[str, Any]:
        page = _positive(parameters, "PageNumber", default=1)
        size = min(_positive(parameters, "PageSize", default=10), MAX_PAGE_SIZE)
        found = self._matching(parameters)
        shown = found[(page - 1) * size : page * size]
        return {
            "KeyPairs": {"KeyPair": [_description(key_pair) for key_pair in shown]},
            "PageNumber": page,
            "PageSize": size,
            "TotalCount": len(found),
        }

    def delete_key_pairs(self, parameters: Parameters, _caller: Principal) -> dict[str, Any]:
        if not parameters.get("KeyPairName") and not parameters.get("KeyPairId"):
            raise exceptions.missing_parameter()
        found = self._matching(parameters)
        if not found:
            raise exceptions.key_pair_not_found()
        self._key_pairs.remove(found)
        return {}

    def _matching(self, parameters: Parameters) -> list[KeyPair]:
        return self._key_pairs.matching(
            parameters.get("KeyPairName", ""), parameters.get("KeyPairId", "")
        )


def _description(key_pair: KeyPair) -> dict[str, str]:
    return {
        "CreationTime": key_pair.creation_time,
        "KeyPairFingerPrint": key_pair.fingerprint,
        "KeyPairId": key_pair.id,
        "KeyPairName": key_pair.name,
    }


def _positive(parameters: Parameters, name: str, default: int) -> int:
    text = parameters.get(name) or str(default)
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise exceptions.invalid_parameter(name)
    return int(text)
