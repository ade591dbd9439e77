-- Functions that rules and derivations use. Names are those of the collection's documentation.
CREATE MACRO collection_year_of(d) AS CASE WHEN month(d) < 4 THEN year(d) - 1 ELSE year(d) END;
-- Payments in a year by code of `period`.
CREATE MACRO payments_per_year(p) AS CASE p WHEN 1 THEN 52 WHEN 2 THEN 26 WHEN 3 THEN 13 WHEN 4 THEN 12 WHEN 5 THEN 50 WHEN 6 THEN 49 WHEN 7 THEN 48 WHEN 8 THEN 47 WHEN 9 THEN 46 WHEN 10 THEN 53 WHEN 11 THEN 51 END;
-- Pounds a week, half pennies up (below zero: down), in whole pennies so that no binary fraction breaks a tie.
CREATE MACRO weekly(amount, p) AS CAST(sign(amount) * ((CAST(round(abs(amount) * 100) AS BIGINT) * payments_per_year(p) * 2 + 52) // 104) AS DECIMAL(14, 0)) * CAST(0.01 AS DECIMAL(3, 2));
CREATE MACRO weekly_income(earnings, incfreq) AS CASE incfreq WHEN 1 THEN earnings WHEN 2 THEN round(earnings * 12 / 52) WHEN 3 THEN round(earnings / 52) END;
-- Weekly income limits of one person by working situation.
CREATE MACRO income_limit(code) AS CASE code
    WHEN 0 THEN {'soft_min': 50, 'soft_max': 580, 'hard_min': 10, 'hard_max': 1040}
    WHEN 1 THEN {'soft_min': 143, 'soft_max': 730, 'hard_min': 90, 'hard_max': 1230}
    WHEN 2 THEN {'soft_min': 67, 'soft_max': 620, 'hard_min': 50, 'hard_max': 950}
    WHEN 3 THEN {'soft_min': 80, 'soft_max': 480, 'hard_min': 40, 'hard_max': 990}
    WHEN 4 THEN {'soft_min': 50, 'soft_max': 370, 'hard_min': 10, 'hard_max': 450}
    WHEN 5 THEN {'soft_min': 50, 'soft_max': 380, 'hard_min': 10, 'hard_max': 1000}
    WHEN 6 THEN {'soft_min': 53, 'soft_max': 540, 'hard_min': 10, 'hard_max': 890}
    WHEN 7 THEN {'soft_min': 47, 'soft_max': 460, 'hard_min': 10, 'hard_max': 1300}
    WHEN 8 THEN {'soft_min': 54, 'soft_max': 460, 'hard_min': 10, 'hard_max': 2000}
    WHEN 9 THEN {'soft_min': 50, 'soft_max': 450, 'hard_min': 10, 'hard_max': 750}
    WHEN 10 THEN {'soft_min': 47, 'soft_max': 730, 'hard_min': 10, 'hard_max': 2000} END;
-- Weekly limits of a charge by landlord type and needs type.
CREATE MACRO charge_limit(charge, provider_type, needs) AS CASE provider_type || needs || charge
    WHEN 'PRP1scharge' THEN {'soft_max': 35, 'hard_max': 800} WHEN 'PRP2scharge' THEN {'soft_max': 200, 'hard_max': 800}
    WHEN 'LA1scharge' THEN {'soft_max': 25, 'hard_max': 500} WHEN 'LA2scharge' THEN {'soft_max': 100, 'hard_max': 500}
    WHEN 'PRP1pscharge' THEN {'soft_max': 35, 'hard_max': 700} WHEN 'PRP2pscharge' THEN {'soft_max': 100, 'hard_max': 700}
    WHEN 'LA1pscharge' THEN {'soft_max': 25, 'hard_max': 200} WHEN 'LA2pscharge' THEN {'soft_max': 75, 'hard_max': 200}
    WHEN 'PRP1supcharg' THEN {'soft_max': 35, 'hard_max': 800} WHEN 'PRP2supcharg' THEN {'soft_max': 85, 'hard_max': 800}
    WHEN 'LA1supcharg' THEN {'soft_max': 25, 'hard_max': 200} WHEN 'LA2supcharg' THEN {'soft_max': 75, 'hard_max': 200} END;
-- 1 social, 2 affordable, 3 intermediate, 4 specified accommodation.
CREATE MACRO rent_group(code) AS CASE WHEN code = 0 THEN 1 WHEN code IN (1, 2) THEN 2 WHEN code IN (3, 4, 5) THEN 3 WHEN code = 6 THEN 4 END;
CREATE MACRO letting_type(rent, needs, landlord) AS CASE WHEN landlord IS NOT NULL AND needs IN (1, 2) THEN (rent_group(rent) - 1) * 4 + CASE WHEN landlord = 'PRP' THEN 0 ELSE 2 END + needs END;
CREATE MACRO days_between(a, b) AS date_diff('day', a, b);
-- London's 32 boroughs and the City.
CREATE MACRO is_london(la) AS la LIKE 'E09%';
-- Usual yearly income of a buyer by working situation; NULL where there is none.
CREATE MACRO usual_income(code, yr) AS CASE
    WHEN yr IS NULL THEN NULL
    WHEN yr <= 2024 THEN CASE code
        WHEN 1 THEN {'soft_min': 5000, 'soft_max': 2147483647} WHEN 2 THEN {'soft_min': 1500, 'soft_max': 2147483647}
        WHEN 3 THEN {'soft_min': 1000, 'soft_max': 2147483647} WHEN 5 THEN {'soft_min': 2000, 'soft_max': 2147483647}
        WHEN 0 THEN {'soft_min': 2000, 'soft_max': 2147483647} END
    ELSE CASE code
        WHEN 1 THEN {'soft_min': 13400, 'soft_max': 150000} WHEN 2 THEN {'soft_min': 2600, 'soft_max': 80000}
        WHEN 3 THEN {'soft_min': 2080, 'soft_max': 30000} WHEN 4 THEN {'soft_min': 520, 'soft_max': 23400}
        WHEN 5 THEN {'soft_min': 520, 'soft_max': 80000} WHEN 6 THEN {'soft_min': 520, 'soft_max': 50000}
        WHEN 7 THEN {'soft_min': 520, 'soft_max': 30000} WHEN 8 THEN {'soft_min': 520, 'soft_max': 150000}
        WHEN 9 THEN {'soft_min': 520, 'soft_max': 150000} WHEN 0 THEN {'soft_min': 520, 'soft_max': 150000} END END;

-- Text as it is read. Amounts may have a pound sign, and commas or spaces between thousands.
CREATE MACRO plain_number(t) AS CASE WHEN regexp_full_match(t, '£?\s*[-+]?[0-9]{1,3}([,\s\x{A0}][0-9]{3})*([.][0-9]+)?|£\s*[-+]?[0-9]+([.][0-9]+)?') THEN regexp_replace(t, '[,£\s\x{A0}]', '', 'g') ELSE t END;
CREATE MACRO is_number(t) AS regexp_full_match(t, '[-+]?[0-9]+([.][0-9]+)?');
-- A number of no more than ten digits and four decimals; others would be kept as something else.
CREATE MACRO fits(t) AS regexp_full_match(t, '[-+]?0*[0-9]{1,10}([.][0-9]{1,4}0*)?');
-- A code or whole number; "1.00" and "01" are 1, "1.5" is none.
CREATE MACRO read_code(t) AS CASE WHEN regexp_full_match(t, '[-+]?[0-9]+([.]0+)?') THEN TRY_CAST(split_part(t, '.', 1) AS INTEGER) END;
-- 2026-06-01, or 1/6/2026 with any of four separators; years of two digits are of this century.
CREATE MACRO read_date(t) AS CASE
    WHEN regexp_full_match(t, '[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([ T].*)?') THEN TRY_CAST(split_part(split_part(t, 'T', 1), ' ', 1) AS DATE)
    WHEN regexp_full_match(t, '[0-9]{1,2}[-/. ][0-9]{1,2}[-/. ][0-9]{4}') THEN CAST(try_strptime(regexp_replace(t, '[-. ]', '/', 'g'), '%d/%m/%Y') AS DATE)
    WHEN regexp_full_match(t, '[0-9]{1,2}[-/. ][0-9]{1,2}[-/. ][0-9]{2}') THEN CAST(try_strptime(regexp_replace(regexp_replace(t, '[-. ]', '/', 'g'), '([0-9]{2})$', '20\1'), '%d/%m/%Y') AS DATE) END;
-- One spelling for postcodes: capitals, one space before the last three characters.
CREATE MACRO canonical_postcode(p) AS CASE WHEN regexp_full_match(upper(regexp_replace(p, '\s', '', 'g')), '[A-Z]{1,2}[0-9][A-Z0-9]?[0-9][A-Z]{2}') THEN regexp_replace(upper(regexp_replace(p, '\s', '', 'g')), '(...)$', ' \1') ELSE p END;
-- The shape of a UK postcode; forces and overseas territories are let through too.
CREATE MACRO is_uk_postcode(p) AS regexp_full_match(upper(p), '[A-Z]{1,2}[0-9][A-Z0-9]? ?[0-9][A-Z]{2}|GIR ?0AA|BFPO ?[0-9]{1,4}|(ASCN|BBND|BIQQ|FIQQ|PCRN|SIQQ|STHL|TDCU|TKCA) ?[0-9][A-Z]{2}|(AI|KY[0-9]|MSR|VG)[ -]?[0-9]{4}|[A-Z]{2} ?[0-9]{2}|GE ?CX|SAN ?TA1');
