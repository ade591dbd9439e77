"""Words for what conditions name beside questions: predicates, facts and helpers."""

# Predicates that the tables use as functions. Source: the collection's notes on predicates.
PREDICATES = {
    "is_owner_la": "the owner is a local authority",
    "is_owner_prp": "the owner is a private registered provider",
    "owner_choice_needed": "the person may report homes of more than one owner",
    "manager_choice_needed": "more than one organisation may manage the home",
    "assignee_choice_needed": "the person may assign logs to others",
    "setup_completed": "the set-up questions are answered",
    "setup_completed_except_location": "the set-up questions other than the location are answered",
    "rent_outside_expected_range": "the rent is outside the usual range for such a home there",
    "net_income_outside_expected_range": "the income is unusual for the people described",
    "scharge_above_expected": "the service charge is unusually high",
    "pscharge_above_expected": "the personal service charge is unusually high",
    "supcharg_above_expected": "the support charge is unusually high",
    "reasonother_matches_listed_reason": "the reason typed is like one of the listed reasons",
    "tenancyother_mentions_starter_period": "the tenancy type typed is like a starter tenancy",
    "more_than_one_partner": "more than one person is a partner",
    "sickness_reported_without_illness": "somebody is long-term sick but nobody has an illness",
    "pregnancy_in_all_male_household": "somebody is pregnant but everybody is male",
    "pregnancy_outside_usual_age_range": "somebody is pregnant but nobody is of a usual age",
    "pregnancy_unlikely_in_household": "a pregnancy is unlikely in this household",
    "buyers_too_young_for_older_persons_scheme": (
        "the buyers are younger than an older persons' scheme is for"
    ),
    "income1_above_discounted_sale_limit": "the income of buyer 1 is above the limit",
    "income2_above_discounted_sale_limit": "the income of buyer 2 is above the limit",
    "combined_income_above_discounted_sale_limit": "the incomes together are above the limit",
    "income1_outside_expected_range": "the income of buyer 1 is unusual",
    "income2_outside_expected_range": "the income of buyer 2 is unusual",
    "mortgage_above_five_times_income": "the mortgage is more than five times the income",
    "deposit_high_for_savings": "the deposit is high for the savings",
    "savings_above_expected": "the savings are unusually high",
    "price_outside_expected_range": "the price is outside the usual range for such a home there",
    "funding_below_discounted_price": "mortgage and deposit are below the discounted price",
    "monthly_charges_above_expected": "the monthly charges are unusually high",
    "manager_uses_rent_period": "the managing organisation lets with this payment period",
}
FLAGS = {
    "address_service": "addresses can be looked up",
    "internal_transfer": "the tenant moves between homes of the same landlord",
}
# Facts about what a log names, such as owning_organisation.merge_date.
PARTICULARS = {
    "merge_date": "the day on which the {} merged into another",
    "available_from": "the first day of the {}",
    "provider_type": "the kind of landlord of the {}",
    "code": "the {}",
    "organisation_id": "the organisation of the person it is {}",
    "postcode": "the postcode of the {}",
    "start_date": "the first day of the {}",
    "end_date": "the last day of the {}",
    "status_today": "the status of the {} today",
    "status_on_start": "the status of the {} on the first day of the letting",
    "location_count": "the number of locations of the {}",
    "complete_location_count": "the number of fully set up locations of the {}",
}
# Facts whose words do not follow from their parts: the thing itself, and that it is known or not.
SINGLE_FACTS = {
    "address_of_uprn.address_line1": "the address of the property reference number",
    "sale_range.soft_min": "the lowest usual price for such a home there",
    "sale_range.soft_max": "the highest usual price for such a home there",
    "rent_range.soft_min": "the lowest usual rent for such a home there",
    "rent_range.soft_max": "the highest usual rent for such a home there",
    "rent_range.hard_min": "the lowest accepted rent for such a home there",
    "rent_range.hard_max": "the highest accepted rent for such a home there",
    "local_authority.code": "the local authority",
}
# Values that rules work out on the way. Source: the column "meaning" of the derivations.
HELPERS = {
    "la_in_use": "the local authority of the home",
    "postcode_in_use": "the postcode of the home",
    "people_with_details": "the number of people described one by one",
    "partner_count": "the number of people who are partner of the lead tenant",
    "sickness_count": "the number of people who are long-term sick or disabled",
    "weekly_net_income": "the household's income for a week",
    "income_soft_min": "the lowest usual income for a week of the people described",
    "income_soft_max": "the highest usual income for a week of the people described",
    "income_hard_min": "the lowest accepted income for a week of the people described",
    "income_hard_max": "the highest accepted income for a week of the people described",
}
COUNTED = "people "
QUALITIES = {
    "has_absorbed_organisations": ("was formed by a merger", "was not formed by a merger"),
    "data_protection_confirmed": (
        "has accepted the data sharing agreement",
        "has not accepted the data sharing agreement",
    ),
    "in_england": ("is in England", "is not in England"),
    "location_in_use_on_start": (
        "has a location in use on the first day of the letting",
        "has no location in use on the first day of the letting",
    ),
}
