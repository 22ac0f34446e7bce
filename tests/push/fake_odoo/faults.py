"""What can happen to a call on its way."""

from enum import StrEnum


class Fault(StrEnum):
    NONE = "none"
    DROPPED = "dropped"  # the connection breaks before the call is worked on
    LOST_RESPONSE = "lost response"  # the call is worked on, its answer never arrives
    SERVER_ERROR = "server error"  # 500, rolled back
    UNAUTHORIZED = "unauthorized"  # the key has expired
    SLOW = "slow"  # worked on, but answered only when the test lets it


class OdooError(Exception):
    """What Odoo raises: rolled back, told to the client."""

    status, fault_code = 422, 2

    @property
    def name(self) -> str:
        return f"odoo.exceptions.{type(self).__name__}"


class ValidationError(OdooError):
    pass


class AccessError(OdooError):
    status, fault_code = 403, 4


class UnknownModelError(OdooError):
    status, fault_code = 404, 1


class CrashError(Exception):
    """A programming error within Odoo: 500 over JSON-2, a traceback in a fault over XML-RPC; rolled back."""
