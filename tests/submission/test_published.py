"""What figures are made of."""

from submission.published import tabulated_questions


def test_sensitive_questions_are_marked_and_places_are_left_out() -> None:
    questions = {question.name: question for question in tabulated_questions()}
    for name in ("armedforces", "preg_occ", "illness_type_7", "sex1", "reason", "sale_hhregres"):
        assert questions[name].sensitive
    for name in ("la", "prevloc", "postcode_full", "scheme_id", "owning_organisation_id"):
        assert name not in questions
    assert not questions["homeless"].sensitive


def test_a_question_keeps_the_codes_of_every_year() -> None:
    tenancy = next(q for q in tabulated_questions() if q.name == "tenancy")
    assert {"2", "4", "8"} <= {code for code, _ in tenancy.codes}
    assert tenancy.label == "Tenancy type"


def test_both_collections_have_headline_questions_in_plain_words() -> None:
    questions = tabulated_questions()
    assert len({question.name for question in questions}) == len(questions)
    for log_type in ("sales", "social-rent-general-needs"):
        headline = [q for q in questions if q.headline and log_type in q.log_types]
        assert 5 <= len(headline) <= 14
    assert all(question.label and question.label[0].isupper() for question in questions)
