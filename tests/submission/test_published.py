"""What figures are made of."""

from data_access.questions import TabulatedQuestion
from submission.collection import COLLECTIONS, YEARS, load
from submission.expressions import names_in
from submission.published import name_in_figures, tabulated_questions
from submission.rules import derivations

QUESTIONS = {question.name: question for question in tabulated_questions()}
# Worked out by the service from one other answer alone (helpers and answers emptied apart).
_WORKED_OUT = ("derive", "infer", "output")


def test_names_of_people_places_and_landlords_are_left_out() -> None:
    for name in (
        "la", "prevloc", "postcode_full", "ppostcode_full", "uprn", "scheme_id", "location_id",
        "owning_organisation_id", "managing_organisation_id", "assigned_to_id", "tenancycode",
        "propcode", "address_line1", "startdate", "voiddate", "reasonother", "tenancyother",
        "gender_description1", "sale_purchid", "sale_pcode1", "sale_ppostc1", "sale_prevloc",
        "sale_mortgagelender", "sale_saledate", "sale_hoyear",
    ):  # fmt: skip
        assert name not in QUESTIONS
    for collection in COLLECTIONS:
        for year in YEARS:
            for variable in load(collection, year).variables.values():
                if variable.kind in ("text", "date", "postcode", "lookup"):
                    allowed = variable.codes == "ethnic"
                    assert allowed or not variable.figures.published, variable.id


def test_further_people_are_not_counted_one_by_one() -> None:
    for collection in COLLECTIONS:
        for year in YEARS:
            for variable in load(collection, year).variables.values():
                assert not (variable.figures.published and (variable.person or 1) > 1), variable.id


def test_every_question_left_out_says_why() -> None:
    for collection in COLLECTIONS:
        for year in YEARS:
            for variable in load(collection, year).variables.values():
                assert variable.figures.published or len(variable.figures.note) > 10, variable.id


def test_there_are_about_a_hundred_questions_with_plain_words_and_some_headlines() -> None:
    assert 100 <= len(QUESTIONS) <= 150
    assert len(tabulated_questions()) == len(QUESTIONS)
    for log_type in ("sales", "social-rent-general-needs"):
        headline = [q for q in QUESTIONS.values() if q.headline and log_type in q.log_types]
        assert 5 <= len(headline) <= 14
        assert any(question.crossable for question in headline)
    assert all(question.label and question.label[0].isupper() for question in QUESTIONS.values())
    labels = [(q.label, *q.log_types) for q in QUESTIONS.values()]
    assert len(set(labels)) == len(labels)


def test_a_question_keeps_the_codes_of_every_year() -> None:
    tenancy = QUESTIONS["tenancy"]
    assert {"2", "4", "8"} <= {code for code, _ in tenancy.codes}
    assert tenancy.label == "Tenancy type"
    assert tenancy.years == ()


def test_a_question_of_some_years_says_which() -> None:
    assert QUESTIONS["sexrab1"].years == (2026,)
    assert QUESTIONS["referral"].years == (2023, 2024, 2025)
    assert QUESTIONS["referral"].asked_in("2025-q2")
    assert not QUESTIONS["referral"].asked_in("2026")


def test_who_does_not_say_is_counted_with_those_who_did_not_answer() -> None:
    for question in QUESTIONS.values():
        words = {label.casefold() for _, label in question.codes}
        assert not words & {"don't know", "prefers not to say"}, question.name


def test_money_is_told_with_its_unit() -> None:
    units = {q.name: q.unit for q in QUESTIONS.values() if q.kind == "number"}
    assert all(units.values())
    assert units["wrent"] == "£ a week"
    assert units["sale_income1"] == "£ a year"
    assert units["sale_mscharge"] == "£ a month"
    assert units["age1"] == "years"


def test_some_log_types_are_not_asked_some_questions() -> None:
    assert "social-rent-supported-housing" not in QUESTIONS["unittype_gn"].log_types
    assert set(QUESTIONS["sheltered"].log_types) == {
        "social-rent-supported-housing",
        "affordable-rent-supported-housing",
        "rent-to-buy-supported-housing",
    }


# Functions: what one table tells must not be withheld in another


def _functions_of_one(collection: str, year: int) -> dict[str, str]:
    """Variables that the service works out from one other alone, and from which."""
    known = load(collection, year).variables
    sources: dict[str, set[str]] = {}
    for step in derivations(collection, year):
        if step.kind in _WORKED_OUT and step.variable in known:
            names = names_in(step.expression) | names_in(step.applies_if)
            sources.setdefault(step.variable, set()).update(names)
    return {
        name: next(iter(found))
        for name, found in sources.items()
        if len(found) == 1 and name not in found and known[name].kind == "derived"
    }


def test_no_question_is_worked_out_from_another_alone() -> None:
    found = {
        (name_in_figures(collection, name), name_in_figures(collection, source))
        for collection in COLLECTIONS
        for year in YEARS
        for name, source in _functions_of_one(collection, year).items()
    }
    # That such pairs are found at all: without them nothing would be tested.
    assert {("newprop", "rsnvac"), ("renttype", "rent_type"), ("has_benefits", "hb")} <= found
    assert [pair for pair in found if set(pair) <= set(QUESTIONS)] == []


def test_no_question_is_published_beside_one_that_tells_it() -> None:
    told_by = {
        "ethnic_group": "ethnic", "renewal": "rsnvac", "new_old": "prevten",
        "first_time_property_let_as_social_housing": "rsnvac", "needstype": "rent_type",
        "lettype": "rent_type", "referral_type": "referral", "nationality_all":
        "nationality_all_group", "age1_known": "age1", "incref": "net_income_known",
        "household_charge": "wrent", "period": "wrent", "tshortfall_known": "wtshortfall",
        "housingneeds_a": "housingneeds_type", "housingneeds_g": "housingneeds",
        "sale_ethnic_group": "sale_ethnic", "sale_ownershipsch": "sale_type",
        "sale_mortgageused": "sale_mortgage", "sale_savingsnk": "sale_savings",
        "sale_income1nk": "sale_income1", "sale_has_mscharge": "sale_mscharge",
        "sale_soctenant": "sale_prevten", "sale_hholdcount": "sale_hhmemb",
        "sale_companybuy": "sale_jointpur",
    }  # fmt: skip
    for told, telling in told_by.items():
        assert telling in QUESTIONS
        assert told not in QUESTIONS


def test_amounts_that_add_up_are_not_all_published() -> None:
    charges = {"wrent", "wscharge", "wpschrge", "wsupchrg", "wtcharge"}
    people = {"hhmemb", "totchild", "totadult", "totelder"}
    for parts in (
        charges,
        people,
        {"sale_hhmemb", "sale_totadult", "sale_totchild"},
        {"sale_value", "sale_mortgage", "sale_deposit", "sale_grant"},
        {"sale_value", "sale_mortgage", "sale_deposit", "sale_cashdis"},
    ):
        assert len(parts & set(QUESTIONS)) <= len(parts) - 1


def test_the_number_who_were_asked_gives_no_other_answer_away() -> None:
    """A question asked of those who gave an answer is no table of how many did.

    Either those who said no are counted with those not asked, or some who were asked need not say.
    """
    gated = set()
    for collection in COLLECTIONS:
        for year in YEARS:
            loaded = load(collection, year)
            counted = {n for n, v in loaded.variables.items() if v.figures.published}
            for name in counted:
                variable = loaded.variables[name]
                if loaded.codes(name) and names_in(variable.asked_if) & counted - {name}:
                    gated.add(name)
                    silent = any(not code.is_answer for code in loaded.codes(name))
                    assert variable.figures.rest or silent, name
    assert {"illness_type_7", "housingneeds_type", "leftreg", "majorrepairs"} <= gated


def test_questions_that_the_same_records_answer_name_one_another() -> None:
    for question in QUESTIONS.values():
        if question.answered_with:
            other = QUESTIONS[question.answered_with]
            # A chain would be followed once only.
            assert not other.answered_with or other.rest_label
            shown: set[str] = {code for code, _ in other.codes}
            assert set(question.answered_codes) <= shown
    assert QUESTIONS["wtcharge"].answered_with == "wrent"
    assert QUESTIONS["tenancylength"].answered_codes == ("4", "6")


def test_crossing_is_for_categories_and_stays_within_reason() -> None:
    crossable = [q for q in QUESTIONS.values() if q.crossable]
    assert all(question.kind == "category" for question in crossable)
    sales = [question for question in crossable if "sales" in question.log_types]
    lettings = len(crossable) - len(sales)
    assert 500 < lettings * (lettings - 1) // 2 + len(sales) * (len(sales) - 1) // 2 < 1_200
    # What is told of England alone in detail is not told in still more detail by crossing it.
    assert not QUESTIONS["housingneeds_type"].crossable
    assert QUESTIONS["illness_type_7"].crossable
    assert QUESTIONS["armedforces"].crossable


def test_the_dictionary_of_a_release_reads_back_what_was_written() -> None:
    for question in QUESTIONS.values():
        assert TabulatedQuestion.from_json(question.as_json()) == question
