"""Secrets kept and checked: contact addresses encrypted, tokens known only by their digest, forms signed."""

import base64
import hashlib
import hmac
import secrets

from cryptography.fernet import Fernet, InvalidToken


class Seal:
    """Everything that hangs on the installation's secret key.

    Args:
        secret_key: ``FANGTAN_SECRET_KEY``.
    """

    def __init__(self, secret_key: str) -> None:
        self._key = secret_key.encode()
        self._fernet = Fernet(base64.urlsafe_b64encode(self._derived("contact")))

    def _derived(self, purpose: str) -> bytes:
        return hmac.new(self._key, purpose.encode(), hashlib.sha256).digest()

    def key(self, purpose: str) -> bytes:
        """A key for one purpose that hangs on the secret key, such as ``proof``."""
        return self._derived(purpose)

    def close(self, text: str) -> str:
        """Encrypt a contact address for storage."""
        return self._fernet.encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str | None:
        """Decrypt it; ``None`` where the key has changed since."""
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken:
            return None

    def form_token(self, browser: str) -> str:
        """What a form of this browser carries, so that no other site can send it."""
        return hmac.new(self._derived("form"), browser.encode(), hashlib.sha256).hexdigest()

    def form_token_fits(self, browser: str, sent: str) -> bool:
        """Whether a form's token belongs to this browser."""
        return hmac.compare_digest(self.form_token(browser), sent)


def new_token() -> str:
    """256 random bits for a cookie or a bearer."""
    return secrets.token_urlsafe(32)


def digest(token: str) -> str:
    """What the database keeps of a token: nothing that could be used."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
