"""Groups, schemes and locations as people type them, without a request."""

from datetime import date

from portal.schemes.reading import read_group, read_location, read_scheme

SCHEME = {
    "name": "  Lane\u00a0  House ",
    "confidential": "No",
    "scheme_type": "foyer",
    "registered_care": "1",
    "client_group": "young people at risk",
    "secondary_client_group": "",
    "support_type": "medium LEVEL",
    "intended_stay": "m",
}
PLACE = {"postcode": "sw1a1aa", "units": "1,200", "type_of_unit": "bungalow", "mobility_type": "w"}


def test_codes_and_words_are_read_alike_and_names_are_squeezed() -> None:
    values, errors = read_scheme(SCHEME, complete=True)
    assert errors == {}
    assert values == {
        "name": "Lane House",
        "confidential": False,
        "scheme_type": "4",
        "registered_care": "1",
        "client_group": "Q",
        "secondary_client_group": None,
        "support_type": "3",
        "intended_stay": "M",
    }


def test_details_may_be_left_open_unless_the_scheme_must_be_complete() -> None:
    bare = {"name": "Lane House", "confidential": "no"}
    values, errors = read_scheme(bare, complete=False)
    assert errors == {}
    assert values["support_type"] is None
    _, errors = read_scheme(bare, complete=True)
    assert set(errors) == {
        "scheme_type",
        "registered_care",
        "client_group",
        "support_type",
        "intended_stay",
    }


def test_a_secondary_client_group_needs_another_primary_one() -> None:
    _, errors = read_scheme(SCHEME | {"secondary_client_group": "Q"}, complete=True)
    assert "must differ" in errors["secondary_client_group"]
    lacking = SCHEME | {"client_group": "", "secondary_client_group": "Q"}
    _, errors = read_scheme(lacking, complete=False)
    assert "before a secondary one" in errors["client_group"]


def test_the_local_authority_follows_from_the_postcode_or_is_chosen() -> None:
    values, errors = read_location(PLACE | {"local_authority": "Leeds"})
    assert errors == {}
    assert (values["postcode"], values["local_authority"]) == ("SW1A 1AA", "E09000033")
    assert (values["units"], values["type_of_unit"], values["mobility_type"]) == (1200, "6", "W")
    _, errors = read_location(PLACE | {"postcode": "ZZ1 1ZZ"})
    assert set(errors) == {"local_authority"}
    values, errors = read_location(PLACE | {"postcode": "ZZ1 1ZZ", "local_authority": "leeds"})
    assert errors == {}
    assert values["local_authority"] == "E08000035"
    for wrong in ("", "SW1A", "=SUM(A1)", "\u202e"):
        _, errors = read_location(PLACE | {"postcode": wrong})
        assert set(errors) == {"postcode"}, wrong


def test_a_day_of_a_file_is_read_in_both_orders() -> None:
    for text in ("27/6/2026", "2026-06-27", "27.6.2026"):
        values, errors = read_location(PLACE | {"available_from": text})
        assert errors == {}
        assert values["available_from"] == date(2026, 6, 27)
    for text in ("31/2/2026", "soon", "1/1/9999"):
        _, errors = read_location(PLACE | {"available_from": text})
        assert set(errors) == {"available_from"}, text


def test_an_agent_is_a_linked_institution_or_a_name_and_never_another_institution() -> None:
    texts = {"name": "Refuges", "arrangement_type": "v", "managed_by": "institution"}
    values, errors = read_group(texts | {"agent_id": "5"}, [5])
    assert errors == {}
    assert (values["agent_id"], values["agent_name"]) == (5, "")
    for number in ("6", "", "x", "-5", "5" * 40):
        _, errors = read_group(texts | {"agent_id": number}, [5])
        assert set(errors) == {"agent_id"}, number
    named = texts | {"managed_by": "name", "agent_id": "5", "agent_name": "Mill Lane Trust"}
    values, errors = read_group(named, [5])
    assert errors == {}
    assert (values["agent_id"], values["agent_name"]) == (None, "Mill Lane Trust")
    values, _ = read_group(named | {"managed_by": "owner"}, [5])
    assert (values["agent_id"], values["agent_name"]) == (None, "")
