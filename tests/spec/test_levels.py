"""Which answers a local authority is shown: the rules on sensitive and rare ones, as tables."""

import pytest

from data_access.questions import TabulatedQuestion
from submission.published import tabulated_questions

QUESTIONS = {question.name: question for question in tabulated_questions()}

# What is told of England alone, and the questions that tell it.
ENGLAND_ALONE = {
    "support of supported housing": "sheltered",
    "armed forces, lettings": "armedforces leftreg reservist",
    "armed forces, sales": "sale_hhregres sale_hhregresstill sale_armedforcesspouse",
    "health conditions by type": " ".join(f"illness_type_{n}" for n in range(1, 11)),
    "disability by type": "housingneeds_type housingneeds_other sale_wheel",
    "pregnancy": "preg_occ",
    "gender identity": "sex1 gender_same_as_sex1 sale_sex1 sale_gender_same_as_sex1",
    "who referred the household: prison, mental health": "referral_org",
    "medical need, hardship": "rp_medwel rp_hardship",
}  # fmt: skip

# Answers of questions that an authority is shown, which are there one of many others.
MERGED = [
    ("reason", "45", "Discharged from prison"),
    ("reason", "46", "Discharged from long-stay hospital or similar"),
    ("reason", "2", "Refugee"),
    ("reason", "48", "Domestic abuse, joint tenancy with partner"),
    ("reason", "49", "Domestic abuse, other"),
    ("reason", "56", "Non-domestic violence"),
    ("reason", "57", "Cuckooing"),
    ("reason", "10", "Racial harassment"),
    ("reason", "31", "Hate crime"),
    ("reason", "55", "Leaving foster care or children's home"),
    ("prevten", "29", "Prison or approved probation hostel"),
    ("prevten", "24", "Home Office asylum support"),
    ("prevten", "37", "Host family or similar (refugee)"),
    ("prevten", "21", "Refuge"),
    ("prevten", "10", "Hospital"),
    ("prevten", "13", "Children's home or foster care"),
    ("referral", "14", "Mental health team"),
    ("referral", "9", "Learning disability team"),
    ("referral", "18", "Justice services, custodial sentence"),
    ("referral", "12", "Police, probation or prison"),
]

# Question, how many answers England is shown, and the labels that an authority is.
GROUPED = [
    ("ethnic", 19, "White|Mixed or multiple|Asian or Asian British|"
     "Black, African, Caribbean or Black British|Arab or other ethnic group"),
    ("national", 6, "United Kingdom|Other"),
    ("nationality_all_group", 2, "United Kingdom|Other"),
    ("tenancy", 7, "Fixed term|Lifetime|Periodic|Licence or other"),
    ("sale_type", 17, "Shared ownership|Discounted ownership|Outright or other sale"),
    ("sale_prevten", 8, "Social tenant|Private tenant|Owner occupier|With family or friends|Other"),
    ("waityear", 9, "Not on the register in this area|Under 1 year|1 to under 5 years|"
     "5 years or more"),
]  # fmt: skip


@pytest.mark.parametrize("names", ENGLAND_ALONE.values(), ids=ENGLAND_ALONE)
def test_a_sensitive_question_has_no_row_below_england(names: str) -> None:
    for name in names.split():
        question = QUESTIONS[name]
        assert question.sensitive
        assert question.lowest == "england"
        assert question.shown_at("england")
        assert not question.shown_at("region")
        assert not question.shown_at("local_authority")


@pytest.mark.parametrize(("name", "code", "label"), MERGED)
def test_a_sensitive_answer_is_shown_to_no_authority(name: str, code: str, label: str) -> None:
    question = QUESTIONS[name]
    assert question.shown_at("local_authority")
    assert (code, label) in question.codes_at("england")
    assert code not in dict(question.codes_at("local_authority"))
    group = dict(question.groups)[code]
    # "Other" holds answers that give nothing away as well, and nobody tells them apart.
    assert dict(question.group_labels)[group].startswith("Other")
    assert sum(other == group for _, other in question.groups) > 5


@pytest.mark.parametrize(("name", "fine", "labels"), GROUPED)
def test_rare_answers_are_grouped_for_authorities(name: str, fine: int, labels: str) -> None:
    question = QUESTIONS[name]
    assert len(question.codes_at("england")) == fine
    assert question.codes_at("region") == question.codes_at("england")
    shown = [label for _, label in question.codes_at("local_authority")]
    assert sorted(shown) == sorted(labels.split("|"))


def test_no_authority_is_shown_more_than_a_handful_of_answers() -> None:
    shown = [q for q in QUESTIONS.values() if q.shown_at("local_authority")]
    assert max(len(question.codes_at("local_authority")) for question in shown) <= 7


def test_every_group_has_words_and_holds_two_answers_or_more_in_all_years_together() -> None:
    grouped = [question for question in QUESTIONS.values() if question.groups]
    assert len(grouped) > 15
    for question in grouped:
        held = [group for _, group in question.groups]
        labels = dict(question.group_labels)
        assert set(held) == set(labels)
        assert all(labels.values())
        assert not set(labels) & {code for code, _ in question.codes}


def test_a_sensitive_word_stands_in_no_answer_that_an_authority_is_shown() -> None:
    words = ("prison", "asylum", "refug", "abuse", "mental", "violence", "armed", "pregnan", "hate")
    for question in QUESTIONS.values():
        if question.shown_at("local_authority"):
            shown = [question.label, *(label for _, label in question.codes_at("local_authority"))]
            told = " ".join(shown).casefold().replace("specified accommodation (exempt, managed, "
                                                      "refuge, la hostel)", "")  # fmt: skip
            assert not [word for word in words if word in told], question.name


# The fields by themselves


def _question(**changes: object) -> TabulatedQuestion:
    values: dict[str, object] = {
        "name": "fruit",
        "label": "Fruit",
        "kind": "category",
        "unit": "",
        "codes": [["1", "Apple"], ["2", "Pear"], ["3", "Plum"]],
        "log_types": ["sales"],
        "sensitive": False,
        "headline": False,
        "section": "Setup",
    }
    return TabulatedQuestion.from_json({**values, **changes})


def test_a_group_stands_where_its_first_code_does_and_at_authority_level_alone() -> None:
    fruit = _question(groups=[["1", "g"], ["3", "g"]], group_labels=[["g", "Apple or plum"]])
    assert fruit.codes_at("local_authority") == (("g", "Apple or plum"), ("2", "Pear"))
    assert fruit.codes_at("region") == (("1", "Apple"), ("2", "Pear"), ("3", "Plum"))


def test_a_dictionary_of_before_levels_and_groups_still_loads() -> None:
    fruit = _question()
    assert (fruit.lowest, fruit.groups, fruit.personal) == ("local_authority", (), True)
    assert _question(sensitive=True).lowest == "england"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"groups": [["9", "g"]], "group_labels": [["g", "G"]]}, "has not"),
        ({"groups": [["1", "g"]], "group_labels": []}, "differ"),
        ({"groups": [["1", "2"]], "group_labels": [["2", "G"]]}, "name of a code"),
        ({"groups": [["1", "g"], ["1", "g"]], "group_labels": [["g", "G"]]}, "twice"),
    ],
)
def test_groups_that_do_not_fit_are_refused(changes: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        _question(**changes)
