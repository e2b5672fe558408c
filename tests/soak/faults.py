"""
The soak's faults: a retry can fix every kind of them, for either service.

Kinds that no retry can fix (a full quota, 404) are left out: they turn a valid upload into a
refused one, as they should. tests/test_upload_handler.py has those.
"""

from __future__ import annotations

from devcloud import Fault

SHORT, LONG = 0.1, 0.6  # seconds; less and more than the soak's time-out for ENS
TRANSPORT = (
    Fault.reset_before_reading(),
    Fault.reset_before_answer(),
    Fault.reset_before_answer().after_the_work(),
    Fault.reset_during_answer(),
    Fault.cut_answer(),
    Fault.unavailable(500),
    Fault.unavailable(500).after_the_work(),
    Fault.unavailable(503),
    Fault.html(502),
    Fault.slow(SHORT),
    Fault.kill_instance(),
    Fault.kill_instance().after_the_work(),
)
ENS = (
    *TRANSPORT,
    Fault.slow(LONG),
    Fault.never_answer(),
    Fault.throttled(),
    Fault.throttled(retry_after_ms=50),
    Fault.throttled(status=429),
    Fault.error("ens.interface.error"),
    Fault.error("CallInterface"),
    Fault.error("InvalidSecurityToken.Expired"),
    Fault.empty_body(),
    Fault.truncated_json(),
    Fault.not_an_object(),
    Fault.wrong_fingerprint(),
)
OSS = (
    *TRANSPORT,
    Fault.wrong_crc64(),
    Fault.empty_body(503),
    Fault.error("SecurityTokenExpired", 403),
    Fault.error("RequestTimeTooSkewed", 403),
)
NO_PERMISSION_AT_ENS = (Fault.error("Forbidden.RAM", 403), Fault.error("NoPermission"))
NO_PERMISSION_AT_OSS = (Fault.error("AccessDenied", 403),)
