"""Makes data_access/reference/boundaries.json.gz: outlines of local authorities and regions.

There is no boundary file in the packages we may use, so outlines are made from postcodes: thin
them to one point per 500 m square, give each point the land nearest to it (Voronoi), join by local
authority, keep what lies within 4 km of a postcode, and simplify all authorities together so that
neighbours keep sharing their edges. Good for a map on a screen; not a legal boundary.

Run: .venv/bin/python scripts/make_boundaries.py (about a minute).
"""

import gzip
import json
from pathlib import Path

import numpy as np
import shapely

from data_access.reference.local_authorities import current_code, local_authorities
from data_access.reference.postcodes import default_store

SQUARE = 500
REACH = 4000
TOLERANCE = 1500
SMALLEST_PART = 3_000_000
TARGET = Path(__file__).parents[1] / "data_access" / "reference" / "boundaries.json.gz"


def thinned_points() -> tuple[np.ndarray, np.ndarray]:
    """One postcode per square of each authority's: coordinates and codes in force."""
    places = default_store().all_places()
    places = places[places["local_authority"].astype(str).str.startswith("E0")]
    places = places[places["easting"] > 0]
    places = places.assign(
        code=places["local_authority"].astype(str).map(current_code),
        column=places["easting"] // SQUARE,
        row=places["northing"] // SQUARE,
    ).dropna(subset=["code"])
    counts = places.groupby(["column", "row", "code"], observed=True).agg(
        n=("key", "size"), easting=("easting", "median"), northing=("northing", "median")
    )
    fullest = counts.sort_values("n", kind="stable").groupby(["column", "row"]).tail(1)
    points = fullest.reset_index().sort_values(["column", "row"])
    return points[["easting", "northing"]].to_numpy(dtype=float), points["code"].to_numpy()


def outlines(points: np.ndarray, codes: np.ndarray) -> dict[str, shapely.Geometry]:
    """Simplified outline of each authority, neighbours sharing their edges."""
    geometries = shapely.points(points)
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(geometries)))
    owner = np.empty(len(cells), dtype=object)
    inside, cell = shapely.STRtree(cells).query(geometries, predicate="within").tolist()
    owner[cell] = codes[inside]
    land = shapely.union_all(shapely.buffer(geometries, REACH, quad_segs=2))
    order = sorted(local_authorities())
    whole = [shapely.coverage_union_all(cells[owner == code]) for code in order]
    shapely.prepare(land)
    simplified = shapely.coverage_simplify(whole, TOLERANCE)
    land = shapely.simplify(land, TOLERANCE)
    return {
        code: shapely.intersection(shape, land)
        for code, shape in zip(order, simplified, strict=True)
    }


def rings(shape: shapely.Geometry) -> list[list[list[int]]]:
    """Outer rings as whole metres, largest first, without slivers."""
    parts = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
    parts.sort(key=lambda part: -part.area)
    kept = [part for part in parts if part.area >= SMALLEST_PART] or parts[:1]
    return [
        [[round(x), round(y)] for x, y in shapely.get_coordinates(part.exterior)] for part in kept
    ]


def main() -> None:
    """Writes the file and prints its size."""
    shapes = outlines(*thinned_points())
    places = local_authorities()
    regions: dict[str, list[shapely.Geometry]] = {}
    for code, shape in shapes.items():
        regions.setdefault(places[code].region_code, []).append(shape)
    found = {
        "local_authorities": {code: rings(shape) for code, shape in shapes.items()},
        "regions": {
            code: rings(shapely.union_all(parts)) for code, parts in sorted(regions.items())
        },
    }
    text = json.dumps(found, separators=(",", ":")).encode()
    TARGET.write_bytes(gzip.compress(text, mtime=0))
    count = sum(len(ring) for area in found["local_authorities"].values() for ring in area)
    print(f"{len(shapes)} local authorities, {count} points, {TARGET.stat().st_size} bytes")


if __name__ == "__main__":
    main()
