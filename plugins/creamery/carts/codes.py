"""Discount codes: nobody can guess one, no two carts share one, and asking again gives the same."""

import hashlib
import hmac

# Crockford's letters and digits: none that people take for another.
_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH = 12  # 60 bits


def offer_code(secret: str, prefix: str, cart_id: int, step: int) -> str:
    """The code of a step of a cart, like CART-7Q2K-M0XD-93TA."""
    digest = hmac.new(secret.encode(), f"cart|{cart_id}|{step}".encode(), hashlib.sha256).digest()
    number = int.from_bytes(digest[:8], "big")
    letters = "".join(_LETTERS[number >> 5 * place & 31] for place in range(_LENGTH))
    return "-".join([prefix, letters[:4], letters[4:8], letters[8:]])
