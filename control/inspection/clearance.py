"""What customs' answer to an inventory (清单) means on the floor.

The statuses are those of the receipts 604 and 622 (GACC 202205); 400 and 600 were seen in a customs system only, so a
site that never gets them loses nothing.
"""

import re
from enum import StrEnum


class Clearance(StrEnum):
    """What may be done with a parcel, as far as customs goes. Only a released one may leave."""

    NONE = "none"
    PENDING = "pending"
    RELEASED = "released"
    INSPECT = "inspect"
    SUSPENDED = "suspended"
    DETAINED = "detained"
    REJECTED = "rejected"
    RETURNED = "returned"
    CLOSED = "closed"


STATUSES: dict[str, Clearance] = {
    "1": Clearance.PENDING,  # 暂存 kept, not declared
    "2": Clearance.PENDING,  # 申报中 being declared
    "3": Clearance.PENDING,  # 发送成功 sent to customs
    "4": Clearance.REJECTED,  # 发送失败 could not be sent
    "100": Clearance.REJECTED,  # 退单
    "120": Clearance.PENDING,  # 入库 taken in
    "300": Clearance.PENDING,  # 人工审核 with an officer
    "399": Clearance.PENDING,  # 审结 examined, goods not yet released
    "400": Clearance.PENDING,  # 待运抵 waits for the arrival
    "500": Clearance.INSPECT,  # 查验
    "501": Clearance.DETAINED,  # 移送通关
    "502": Clearance.DETAINED,  # 移送缉私
    "503": Clearance.DETAINED,  # 移送法规
    "599": Clearance.DETAINED,  # 其它扣留
    "600": Clearance.SUSPENDED,  # 挂起
    "700": Clearance.RETURNED,  # 退运
    "800": Clearance.RELEASED,  # 放行
    "899": Clearance.CLOSED,  # 结关
}
"""Every positive status that is known, in the order of the way a declaration goes."""

_ERROR = re.compile(r"-[0-9]{1,9}")
_STEPS = {status: step for step, status in enumerate(STATUSES, 1)}
_HOLDS = frozenset({Clearance.REJECTED, Clearance.INSPECT, Clearance.DETAINED, Clearance.SUSPENDED, Clearance.RETURNED})


def clearance_of(return_status: str) -> Clearance:
    """Return what a receipt's status means on the floor; a negative one is an error of the declaration.

    A status that nobody has heard of releases nothing: it is pending until somebody has looked at it.

    >>> clearance_of("-621005")
    <Clearance.REJECTED: 'rejected'>
    """
    if _ERROR.fullmatch(return_status):
        return Clearance.REJECTED
    return STATUSES.get(return_status, Clearance.PENDING)


def is_final(return_status: str) -> bool:
    """Whether nothing can follow a status, whatever a later clock says: the case is closed (899)."""
    return clearance_of(return_status) is Clearance.CLOSED


def status_rank(return_status: str) -> tuple[bool, int]:
    """Return the order of two statuses given at the same moment: what stops a parcel wins, then the later step.

    An unknown status stands before all others.
    """
    return clearance_of(return_status) in _HOLDS, _STEPS.get(return_status, 0)
