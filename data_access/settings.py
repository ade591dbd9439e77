"""Settings, read from the environment once and checked at start."""

from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

# For a demonstration that names no helpdesk: nobody is there; the number is one of Ofcom's for
# drama.
MADE_UP_HELPDESK = "the made-up CORE helpdesk, helpdesk@core.example, 01632 960000"
# Plain HTTP to these passes no network on which it could be read.
_THIS_MACHINE = frozenset(["localhost", "127.0.0.1", "::1"])


class Settings(BaseSettings):
    """What a deployment may choose. Each name is documented in docs/operations.md."""

    # A setting that is refused is named; what was given for it may be a secret.
    model_config = SettingsConfigDict(extra="ignore", hide_input_in_errors=True)

    data_dir: Path = Path("data")
    database_url: str = ""
    host: str = "127.0.0.1"
    port: int = 8000
    demonstration: bool = False
    today: date | None = None
    address_service: Literal["none", "os-places"] = "none"
    os_places_key: SecretStr = SecretStr("")
    os_places_url: str = "https://api.os.uk/search/places/v1"
    # Whom people may ask, shown on every page and wherever somebody cannot go on: with an e-mail
    # address or a telephone.
    helpdesk: str = "the CORE helpdesk"
    # Administrators and statisticians need an authenticator app; unset: but in a demonstration.
    second_factor_required: bool | None = None
    # The portal's own address, for links in e-mails.
    public_url: str = ""
    # Without a host, messages go into the folder outbox of DATA_DIR.
    smtp_host: str = ""
    smtp_port: int = 587
    smtp_security: Literal["starttls", "tls", "none"] = "starttls"
    smtp_user: str = ""
    smtp_password: SecretStr = SecretStr("")
    mail_from: str = "CORE <core@localhost>"

    @model_validator(mode="after")
    def _addresses_can_be_asked_for(self) -> Self:
        if self.address_service == "none":
            return self
        if not self.os_places_key.get_secret_value().strip():
            raise ValueError("ADDRESS_SERVICE=os-places needs a key: set OS_PLACES_KEY")
        parts = urlsplit(self.os_places_url)
        # The key goes with every request: over plain HTTP it may only reach this machine.
        is_local = parts.scheme == "http" and parts.hostname in _THIS_MACHINE
        if not parts.hostname or not (parts.scheme == "https" or is_local):
            raise ValueError("OS_PLACES_URL must begin with https://")
        return self

    @model_validator(mode="after")
    def _a_demonstration_has_a_helpdesk(self) -> Self:
        if self.demonstration and "helpdesk" not in self.model_fields_set:
            self.helpdesk = MADE_UP_HELPDESK
        return self

    @cached_property
    def database(self) -> str:
        """The database's address: DATABASE_URL, or a SQLite file in DATA_DIR."""
        url = self.database_url
        if not url:
            return f"sqlite:///{self.data_dir / 'core.sqlite3'}"
        for prefix in ("postgresql://", "postgres://"):
            if url.startswith(prefix):
                return "postgresql+psycopg://" + url.removeprefix(prefix)
        return url

    @property
    def second_factor_is_required(self) -> bool:
        """Whether administrators and statisticians must use an authenticator app."""
        required = self.second_factor_required
        return not self.demonstration if required is None else required

    @property
    def address(self) -> str:
        """The portal's own address, without a slash at its end."""
        return (self.public_url or f"http://localhost:{self.port}").rstrip("/")

    @property
    def outbox_dir(self) -> Path:
        """The folder that messages go into when there is no mail server."""
        return self.data_dir / "outbox"

    @property
    def releases_dir(self) -> Path:
        """The folder of sealed releases."""
        return self.data_dir / "releases"

    @property
    def warehouse_dir(self) -> Path:
        """The private folder of valid logs as typed columns."""
        return self.data_dir / "warehouse"


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """Settings of this process."""
    return Settings()
