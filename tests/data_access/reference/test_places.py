"""Local authorities, postcodes and boundaries."""

import pandas as pd
import shapely

from data_access.reference.boundaries import local_authority_boundaries, region_boundaries
from data_access.reference.local_authorities import (
    code_of_year,
    current_code,
    local_authorities,
    predecessors,
    predecessors_of,
    regions,
    spans,
)
from data_access.reference.postcodes import default_store


def test_there_are_296_authorities_in_nine_regions() -> None:
    assert len(local_authorities()) == 296
    assert len(regions()) == 9
    assert local_authorities()["E06000066"].name == "Somerset"
    assert local_authorities()["E09000011"].region == "London"


def test_every_predecessor_leads_to_an_authority_in_force() -> None:
    assert {past.successor_code for past in predecessors().values()} <= set(local_authorities())
    assert current_code("E07000026") == "E06000063"
    assert current_code("E08000019") == "E08000039"
    assert current_code("S12000033") is None


def test_every_authority_has_the_years_that_it_was_in_force_and_its_successor() -> None:
    years = {
        code: (span.first_year, span.last_year, span.successor_code)
        for code, span in spans().items()
    }
    assert years["E09000011"] == (None, None, None)
    assert years["E07000163"] == (None, 2022, "E06000065"), "Craven, until 31 March 2023"
    assert years["E06000065"] == (2023, None, None), "North Yorkshire, from 1 April 2023"
    assert years["E08000016"] == (None, 2024, "E08000038"), "Barnsley under its first code"
    assert len(years) == len(local_authorities()) + len(predecessors())
    assert spans()["E07000163"].region_code == "E12000003"
    assert "E07000163" in predecessors_of("E06000065") and len(predecessors_of("E06000065")) == 7


def test_the_code_of_a_year_is_the_one_in_force_in_it() -> None:
    assert code_of_year("E07000163", 2022) == "E07000163"
    assert code_of_year("E07000163", 2023) == "E06000065"
    assert code_of_year("E08000038", 2024) == code_of_year("E08000016", 2024) == "E08000016"
    assert code_of_year("E08000038", 2025) == code_of_year("E08000016", 2026) == "E08000038"
    assert code_of_year("E06000065", 2022) == "E06000065", "cannot be split into seven"
    assert code_of_year("W06000001", 2024) is None


def test_a_postcode_is_found_in_any_spacing_and_letter_case() -> None:
    store = default_store()
    places = {store.look_up(text) for text in ("SE10 9AB", "se109ab", " Se1 09aB ")}
    assert len(places) == 1
    place = places.pop()
    assert place is not None
    assert (place.postcode, place.local_authority) == ("SE10 9AB", "E09000011")


def test_what_is_no_postcode_is_not_found() -> None:
    for text in ("", "ZZ99 9ZZ", "not a postcode", "SE10", "SE10 9AB 1", "ÉÉ10 9AB"):
        assert default_store().look_up(text) is None


def test_many_postcodes_are_found_together_as_one_at_a_time() -> None:
    store = default_store()
    given = pd.Series(["M1 1AE", None, "nowhere", "se109ab", "ÉÉ1"], index=[5, 6, 7, 8, 9])
    found = store.look_up_many(given)
    assert list(found.index) == [5, 6, 7, 8, 9]
    for index, text in given.items():
        place = store.look_up(text if isinstance(text, str) else "")
        if place is None:
            assert found.loc[index].isna().all()
        else:
            assert found.loc[index].tolist() == [
                place.postcode,
                place.local_authority,
                place.easting,
                place.northing,
            ]


def test_every_authority_has_an_outline_around_its_postcodes() -> None:
    outlines = local_authority_boundaries()
    assert set(outlines) == set(local_authorities())
    places = default_store().all_places().iloc[::400]
    places = places[places["easting"] > 0]
    places = places.assign(code=places["local_authority"].astype(str).map(current_code)).dropna()
    shapes = {
        code: shapely.union_all([shapely.Polygon(ring) for ring in parts])
        for code, parts in outlines.items()
    }
    inside = sum(
        shapely.contains_xy(shapes[code], x, y)
        for code, x, y in zip(places["code"], places["easting"], places["northing"], strict=True)
    )
    assert inside / len(places) > 0.9


def test_neighbours_share_their_edges_and_regions_cover_their_authorities() -> None:
    outlines = {
        code: shapely.union_all([shapely.Polygon(ring).buffer(0) for ring in parts])
        for code, parts in local_authority_boundaries().items()
    }
    total = sum(shape.area for shape in outlines.values())
    together = shapely.union_all(list(outlines.values())).area
    assert abs(total - together) / total < 0.001
    region_area = sum(
        shapely.union_all([shapely.Polygon(ring).buffer(0) for ring in parts]).area
        for parts in region_boundaries().values()
    )
    assert set(region_boundaries()) == set(regions())
    assert abs(region_area - together) / together < 0.02
