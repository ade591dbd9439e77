"""Settings, read from the environment once and checked at start."""

from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path

from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """What a deployment may choose. Each name is documented in docs/operations.md."""

    model_config = SettingsConfigDict(extra="ignore")

    data_dir: Path = Path("data")
    database_url: str = ""
    host: str = "127.0.0.1"
    port: int = 8000
    demonstration: bool = False
    today: date | None = None

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
