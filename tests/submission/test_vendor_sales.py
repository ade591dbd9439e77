"""A vendor's sales files in the official layouts: right ones pass, wrong ones are told.

Written from the collection's own description of its columns, codes, rules and derived values, and
independently of the code that reads files: a sale stands below each heading, with what its columns
hold and, after "=", what it is to become ("-" for no answer). Money, dates and people were worked
out by hand. Columns that no sale of a table fills are left out.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any

import pytest

from submission.collection import YEARS, UploadColumn, load
from submission.requests import Request, check_requests
from submission.uploads.checking import check_file
from submission.uploads.reading import read_upload

TODAYS = {2023: "2024-04-30", 2024: "2025-04-30", 2025: "2026-04-10", 2026: "2026-09-28"}
# By sale: its columns by number and, for the reader, name.
VALID = {
    2023: (
        """
                           | first share   | homebuy       | part stair    | full stair
1 owner                    | ORG7          | ORG7          | ORG7          | ORG7
2 user                     | a@fen.example | a@fen.example | a@fen.example | a@fen.example
3 sale: day                | 9             | 1             | 2             | 31
4 sale: month              | 9             | 4             | 1             | 3
5 sale: year               | 23            | 2023          | 2024          | 24
6 purchaser code           | FS-1          | SH-2          | ST-3          | ST-4
7 scheme                   | 1             | 1             | 1             | 1
8 type                     | 2             | 18            | 24            | 30
14 joint                   | 1             | 2             | 2             | 1
15 more than two           | 2             |               |               | 3
16 bedrooms                | 3             | 9             | 1             | 2
17 home                    | 3             | 9             | 4             | 1
18 building                | 1             | 2             | 1             | 1
19 UPRN                    |               | 10090990990   |               |
20 address line 1          | 3 Harrow Yard |               | 14 Ferry Side | 2 Packer Row
22 town                    | Sheffield     |               | King's Lynn   | London
24 postcode: out           | S1            |               | PE30          | N1
25 postcode: in            | 2HE           |               | 1LL           | 7AA
26 authority               | E08000019     | E09000019     |               | E09000019
27 wheelchair std          | 2             | 3             | 1             | 2
28 interviewed             | 2             | 1             | 2             | 2
29 privacy notice          | 1             | 1             | 1             | 1
30 age 1                   | 45            | R             | 67            | 40
31 sex 1                   | F             | R             | M             | X
32 ethnic 1                | 1             | 17            | 14            | 2
33 nationality 1           | 18            | 13            | 17            | 17
35 work 1                  | 1             | 10            | 1             | 1
36 lives in 1              | 1             | 2             | 1             | 1
37 relation 2              | P             | R             | P             | X
38 age 2                   | 46            | R             | 65            | 40
39 sex 2                   | M             | R             | F             | M
40 ethnic 2                | 8             |               |               | 17
41 nationality 2           | 12            |               |               | 13
43 work 2                  | 2             | 10            | 3             | 1
44 lives in 2              | 1             |               |               | 1
45 household               | 1             | 5             | 1             | 0
46 relation 3              | C             | C             |               |
47 age 3                   | 19            | 3             |               |
48 sex 3                   | X             | F             |               |
49 work 3                  | 7             |               |               |
50 relation 4              |               | P             |               |
51 age 4                   |               | 70            |               |
52 sex 4                   |               | M             |               |
53 work 4                  |               | 1             |               |
54 relation 5              |               | X             |               |
55 age 5                   |               | 15            |               |
56 sex 5                   |               | M             |               |
62 old tenure 1            | 1             | 0             | 5             | 3
63 old postcode            | 1             | 2             | 1             | 1
64 old post: out           | S1            |               | PE30          | E8
65 old post: in            | 2HE           |               | 1LL           | 1EA
66 old authority           |               | S12000036     |               |
67 own waiting list        | 1             |               |               |
69 council's list          | 1             |               |               |
71 lived together          | 1             |               |               | 2
72 old tenure 2            |               |               |               | R
73 armed forces            | 7             | 3             | 1             | 8
74 still serving           |               |               | 10            |
75 forces spouse           | 5             | 6             | 4             | 7
76 disabled                | 2             | 3             | 1             | 2
77 wheelchair              | 2             | 3             | 1             | 2
78 income 1                | 30000         | R             | 5000          | 45000
79 counted 1               | 1             | 2             | 1             | 1
80 income 2                | 12000         |               |               | 45000
81 counted 2               | 2             |               |               | 1
82 benefits                | 1             | 4             | 2             | 1
83 savings                 | 15000         | R             | 20000         | 0
84 owned before            | 2             | 3             | 1             | 2
85 shared before           |               |               | 3             |
86 years lived in          | 0             | 3             | 6             |
87 staircasing             | 2             | 3             | 1             | 1
88 share bought            |               |               | 25            | 50
89 share owned             |               |               | 75            | 100
90 back to back            |               |               | 2             | 1
91 resale                  | 2             | 1             |               |
92 exchange: day           | 9             |               |               |
93 exchange: month         | 9             |               |               |
94 exchange: year          | 2022          |               |               |
95 handover: day           | 10            |               |               |
96 handover: month         | 9             |               |               |
97 handover: year          | 20            |               |               |
98 nominated               | 2             | 3             | 1             | 2
99 social tenant           | 1             | 2             | 2             | 0
100 old bedrooms           | 2             |               |               | 1
101 old home               | 1             |               |               | 0
102 old rent               | 1             |               |               | 10
103 price                  | 200000        | 300000        | 120000        | 450000
104 first share            | 50            | 75            | 50            | 50
105 mortgage used          | 1             | 2             | 2             | 3
106 mortgage               | 90000         |               |               |
107 lender                 | 11            |               |               |
109 mortgage years         | 30            |               |               |
110 extra borrowed         | 2             |               |               |
111 deposit                | 10000         | 209000        | 60000         | 225000
112 cash discount          |               | 16000         |               |
113 rent                   | 250.25        | 0             | 10000         |
114 charge                 | 30.1          |               | 551           |
= collection_year          | 2023          |               |               |
= saledate                 | 2023-09-09    |               |               |
= la                       | E08000019     | E09000019     | E07000146     | E09000019
= prevloc                  | E08000019     | S12000036     |               | E09000012
= uprn_known               | 0             | 1             |               |
= ethnic_group             | 0             | 17            |               |
= ethnic_group2            | 2             |               |               | 17
= relat2                   | P             |               |               |
= relat3                   | C             |               |               |
= hhmemb                   | 3             | 6             | 2             | 2
= totadult                 | 2             | 1             | 2             | 2
= totchild                 | 1             | 2             | 0             |
= hhtype                   | 6             | 9             | 2             | 4
= soctenant                | 1             |               | 2             | 0
= frombeds                 | 2             | -             |               | 1
= pregyrha                 | 1             | 0             |               |
= pregla                   | 1             |               |               |
= pregother                | 0             |               |               |
= pregghb                  | 0             |               |               |
= exdate                   | 2022-09-09    |               | -             |
= exyear                   | 2022          |               |               |
= hoday                    | 10            |               |               |
= hoyear                   | 2020          |               |               |
= proplen_asked            | 1             |               |               | 1
= proplen                  | -             |               | 6             |
= mortgage                 | 90000         | 0             | 0             | -
= deposit                  | 10000         | 209000        | 60000         | 225000
= mscharge                 | 30.1          |               | 551           |
= has_mscharge             | 1             | 0             |               | 0
= managing_organisation_id | ORG7          | ORG7          |               |
= mrent                    | 250.25        | 0             | 10000         | 0
= details_known_3          | 1             |               |               |
= uprn_confirmed           |               | 1             |               |
= address_line1            |               | 8 Packer Row  |               |
= age1_known               |               | 1             |               |
= details_known_2          |               | 1             | 1             |
= details_known_5          |               | 1             |               |
= details_known_6          |               | 2             |               |
= ppcodenk                 |               | 1             |               |
= previous_la_known        |               | 1             |               |
= prevten                  |               | 0             |               |
= income1nk                |               | 1             |               |
= savingsnk                |               | 1             |               |
= ecstat3                  |               | -             |               |
= ecstat5                  |               | -             |               |
= pregblank                |               | 1             |               |
= hhregresstill            |               |               | 10            |
= lanomagr                 |               |               | 1             |
= resale                   |               |               | -             |
= stairbought              |               |               | 25            |
= prevtenbuy2              |               |               |               | 0
= staircasesale            |               |               |               | 1
= fromprop                 |               |               |               | 0
""",
        """
                      | right to buy  | acquire       | outright      | company
1 owner               | ORG42         | ORG7          | ORG7          | ORG7
2 user                | c@val.example | a@fen.example | a@fen.example | a@fen.example
3 sale: day           | 5             | 30            | 1             | 2
4 sale: month         | 6             | 6             | 8             | 12
5 sale: year          | 2023          | 2023          | 2023          | 2023
6 purchaser code      | RTB-5         | RTA-6         | OUT-7         | COM-8
7 scheme              | 2             | 2             | 3             | 3
9 type                | 14            | 8             |               |
10 type               |               |               | 10            | 12
11 other type         |               |               |               | Land swap
12 company            |               |               | 2             | 1
13 buyer lives in     |               |               | 1             | 2
14 joint              | 2             | 1             | 1             |
15 more than two      |               | 1             | 2             |
16 bedrooms           | 3             | 2             | 4             | 1
17 home               | 3             | 4             | 3             | 2
18 building           | 1             | 1             | 1             | 2
20 address line 1     | 40 Eyre St    | 5 Tennyson Cl | 77 Mare St    | 11 Moor Lane
22 town               | Leeds         | King's Lynn   | London        | Selby
24 postcode: out      | LS2           | PE30          | E8            | YO8
25 postcode: in       | 7HG           | 1LL           | 1EA           | 4QQ
26 authority          | E08000035     |               | E09000012     | E06000065
27 wheelchair std     | 2             | 2             | 2             | 3
28 interviewed        | 2             | 2             | 2             | 1
29 privacy notice     | 1             | 1             | 1             | 1
30 age 1              | 53            | 36            | 39            |
31 sex 1              | F             | M             | M             |
32 ethnic 1           | 12            | 18            | 9             |
33 nationality 1      | 18            | 18            | 12            |
35 work 1             | 1             | 7             | 1             |
36 lives in 1         | 1             | 1             | 1             |
37 relation 2         |               | P             | P             |
38 age 2              |               | 35            | 39            |
39 sex 2              |               | F             | F             |
40 ethnic 2           |               | 19            | 9             |
41 nationality 2      |               | 19            | 12            |
43 work 2             |               | 2             | 8             |
44 lives in 2         |               | 1             | 1             |
45 household          | 0             | 0             | 2             |
46 relation 3         |               |               | C             |
47 age 3              |               |               | 5             |
48 sex 3              |               |               | F             |
50 relation 4         |               |               | C             |
51 age 4              |               |               | 2             |
52 sex 4              |               |               | F             |
62 old tenure 1       | 1             | 2             | 3             | 9
63 old postcode       | 1             | 1             | 1             | 2
64 old post: out      | LS2           | PE30          | N1            |
65 old post: in       | 7HG           | 1LL           | 7AA           |
66 old authority      | E08000035     |               |               |
71 lived together     |               | 1             | 1             |
73 armed forces       | 7             | 7             | 7             | 8
75 forces spouse      | 5             | 5             | 5             | 7
76 disabled           | 2             | 2             | 1             | 3
77 wheelchair         | 2             | 2             | 2             | 3
78 income 1           | 25000         | 11000         | 120000        | R
79 counted 1          | 1             | 1             | 1             | 2
80 income 2           |               | 18000         | R             |
81 counted 2          |               | 1             | 2             |
82 benefits           | 1             | 3             | 1             | 4
83 savings            | 7500          | 8000          | 100000        | R
84 owned before       | 2             | 2             | 1             | 3
85 shared before      |               |               | 2             |
115 years lived in    | 25            | 0             |               |
116 price             | 160000        | 130000        |               |
117 grant             |               | 15000         |               |
118 discount          | 35            |               |               |
119 mortgage used     | 1             | 1             |               |
120 mortgage          | 94000         | 105000        |               |
121 lender            | 40            | 16            |               |
122 other lender      | Harrow BS     |               |               |
123 mortgage years    | 15            | 25            |               |
124 extra borrowed    | 2             | 1             |               |
125 deposit           | 10000         | 10000         |               |
126 charge            |               | 25            |               |
127 price             |               |               | 600000        | 95000
128 mortgage used     |               |               | 1             | 2
129 mortgage          |               |               | 500000        |
130 lender            |               |               | 22            |
132 mortgage years    |               |               | 25            |
133 extra borrowed    |               |               | 2             |
134 deposit           |               |               | 100000        |
135 charge            |               |               | 200           |
= la                  | E08000035     | E07000146     | E09000012     | E06000065
= prevloc             | E08000035     | E07000146     | E09000019     | -
= ppostcode_full      | LS2 7HG       |               |               |
= hhmemb              | 1             | 2             | 4             | -
= totadult            | 1             | 2             | 2             | 0
= hhtype              | 3             | 4             | 6             | 9
= discount            | 35            | -             |               |
= mortgage            | 94000         | 105000        | 500000        | 0
= mortgagelender      | 40            |               |               |
= mortgagelenderother | Harrow BS     |               |               |
= has_mscharge        | 0             |               | 1             |
= grant               | -             | 15000         |               |
= soctenant           | -             |               | -             |
= proplen             | 25            |               |               |
= mscharge            |               | 25            | 200           |
= proplen_asked       |               | 1             |               |
= ethnic_group2       |               | 4             |               |
= totchild            |               |               | 2             |
= buylivein           |               |               | 1             | -
= buy1livein          |               |               | 1             |
= deposit             |               |               | 100000        | 95000
= income2nk           |               |               | 1             |
= type                |               |               |               | 12
= othtype             |               |               |               | Land swap
= companybuy          |               |               |               | 1
= jointpur            |               |               |               | -
= noint               |               |               |               | -
= privacynotice       |               |               |               | -
= previous_la_known   |               |               |               | 0
""",
    ),
    2024: (
        """
                               | first share   | six people    | part stair
1 owner                        | ORG7          | ORG7          | ORG7
2 manager                      | ORG19         | ORG7          | ORG7
3 user                         | b@agt.example | a@fen.example | a@fen.example
4 sale: day                    | 3             | 30            | 31
5 sale: month                  | 6             | 11            | 3
6 sale: year                   | 24            | 2024          | 2025
7 purchaser code               | FS-1          | HO-2          | ST-3
8 scheme                       | 1             | 1             | 1
9 type                         | 30            | 16            | 2
15 joint                       | 1             | 2             | 1
16 more than two               | 3             |               | 2
17 interviewed                 | 2             | 1             | 2
18 privacy notice              | 1             | 1             | 1
19 bedrooms                    | 2             | 3             | 2
20 home                        | 1             | 4             | 3
21 building                    | 1             | 2             | 1
23 address line 1              | 3 Harrow Yard | 11 Moor Lane  | 14 Ferry Side
25 town                        | Leeds         | Selby         | King's Lynn
27 postcode: out               | LS2           | YO8           | PE30
28 postcode: in                | 7HG           | 4QQ           | 1LL
29 authority                   | E08000035     | E06000065     |
30 wheelchair std              | 1             | 3             | 2
31 age 1                       | 29            | 48            | 50
32 sex 1                       | F             | X             | M
33 ethnic 1                    | 20            | 17            | 3
34 nationality 1               | 642           | 0             | 616
35 work 1                      | 1             | 8             | 2
36 lives in 1                  | 1             | 1             | 1
37 relation 2                  | P             | R             | P
38 age 2                       | 31            | R             | R
39 sex 2                       | M             | R             | F
40 ethnic 2                    | 4             |               | 3
41 nationality 2               | 826           |               | 616
42 work 2                      | 1             | 10            | 0
43 lives in 2                  | 1             |               | 1
44 household                   | 2             | 5             | 1
45 relation 3                  | C             | C             | X
46 age 3                       | 16            | 17            | 19
47 sex 3                       | X             | F             | M
48 work 3                      | 7             | 7             | 1
49 relation 4                  | C             | C             |
50 age 4                       | 9             | 15            |
51 sex 4                       | F             | M             |
53 relation 5                  |               | C             |
54 age 5                       |               | R             |
55 sex 5                       |               | R             |
56 work 5                      |               | 9             |
61 old tenure 1                | 6             | 1             | 5
62 old postcode                | 1             | 2             | 1
63 old post: out               | S1            |               | PE30
64 old post: in                | 2HE           |               | 1LL
65 old authority               |               | W06000015     | E07000146
66 own waiting list            | 1             |               |
68 council's list              |               |               | 1
69 Help to Buy list            |               |               | 1
70 lived together              | 1             |               | 1
72 armed forces                | 1             | 3             | 7
73 still serving               | 5             |               |
74 forces spouse               | 5             | 6             | 5
75 disabled                    | 1             | 1             | 2
76 wheelchair                  | 2             | 1             | 2
77 income 1                    | 40000         | R             | 30000
78 counted 1                   | 1             | 2             | 1
79 income 2                    | 40000         |               | R
80 counted 2                   | 1             |               | 2
81 benefits                    | 2             | 4             | 1
82 savings                     | 20000         | R             | 4000
83 owned before                | 1             | 3             | 1
84 shared before               | 2             |               | 1
85 years lived in              | 0             | 80            | 5
86 staircasing                 | 2             | 3             | 1
87 share bought                |               |               | 10
88 share owned                 |               |               | 35
89 back to back                |               |               | 2
90 resale                      | 2             | 1             |
91 exchange: day               | 1             |               |
92 exchange: month             | 5             |               |
93 exchange: year              | 2024          |               |
94 handover: day               | 20            |               |
95 handover: month             | 3             |               |
96 handover: year              | 24            |               |
97 nominated                   | 1             | 3             |
98 old bedrooms                |               | 6             |
99 old home                    |               | 9             |
100 old rent                   |               | 3             |
101 price                      | 250000        | 200000        | 180000
102 first share                | 33.3          | 10            | 25
103 mortgage used              | 1             | 2             | 1
104 mortgage                   | 75000         |               | 15000
105 lender                     | 40            |               | 2
106 other lender               | Harrow BS     |               |
107 mortgage years             | 35            |               | 10
108 extra borrowed             | 2             |               | 1
109 deposit                    | 8250          | 20000         | 3000
111 rent                       | 510.01        | 400           | 280
112 charge                     | 45.5          |               | 100
= collection_year              | 2024          |               | 2024
= saledate                     | 2024-06-03    |               |
= la                           | E08000035     | E06000065     | E07000146
= prevloc                      | E08000019     | W06000015     | E07000146
= is_previous_la_inferred      | true          |               |
= ethnic_group                 | 0             | 17            |
= ethnic_group2                | 1             |               |
= nationality_all_group        | 12            |               |
= nationality_all_buyer2_group | 826           |               |
= pregyrha                     | 1             | 0             | 0
= pregother                    | 0             | 0             |
= pregla                       | 0             | 0             | 1
= pregghb                      | 0             | 0             | 1
= ecstat4                      | 9             | 9             |
= details_known_3              | 1             |               |
= details_known_4              | 1             |               |
= hhmemb                       | 4             | 6             | 3
= totadult                     | 2             | 1             | 2
= totchild                     | 2             | 2             | 0
= hhtype                       | 6             | 5             | 4
= soctenant                    | 2             | 1             | 2
= exdate                       | 2024-05-01    | -             |
= exday                        | 1             |               |
= exmonth                      | 5             |               |
= exyear                       | 2024          |               |
= hoday                        | 20            |               |
= homonth                      | 3             |               |
= hoyear                       | 2024          |               |
= proplen_asked                | 1             | 0             |
= mortgage                     | 75000         | 0             | 15000
= mortgagelender               | 40            | -             |
= mortgagelenderother          | Harrow BS     |               |
= deposit                      | 8250          |               | 3000
= has_mscharge                 | 1             | 0             |
= mscharge                     | 45.5          |               | 100
= lanomagr                     | 1             |               | -
= equity                       | 33.3          |               |
= mrent                        | 510.01        |               |
= nationality_all              |               | 0             |
= age2_known                   |               | 1             | 1
= ecstat5                      |               | 9             |
= age5_known                   |               | 1             |
= details_known_2              |               | 1             |
= details_known_5              |               | 1             |
= details_known_6              |               | 2             |
= ppcodenk                     |               | 1             |
= previous_la_known            |               | 1             |
= frombeds                     |               | 6             |
= income1nk                    |               | 1             |
= savingsnk                    |               | 1             |
= proplen                      |               | 80            | 5
= hodate                       |               | -             |
= pregblank                    |               | 1             |
= resale                       |               |               | -
= stairbought                  |               |               | 10
= stairowned                   |               |               | 35
= income2nk                    |               |               | 1
= staircasesale                |               |               | 2
""",
        """
                    | full stair    | right to buy  | acquire
1 owner             | ORG7          | ORG42         | ORG7
2 manager           | ORG7          | ORG42         | ORG7
3 user              | a@fen.example | c@val.example | a@fen.example
4 sale: day         | 5             | 11            | 20
5 sale: month       | 4             | 6             | 7
6 sale: year        | 2024          | 2024          | 2024
7 purchaser code    | ST-4          | RTB-5         | RTA-6
8 scheme            | 1             | 2             | 2
9 type              | 18            |               |
10 type             |               | 9             | 8
15 joint            | 2             | 2             | 1
16 more than two    |               |               | 2
17 interviewed      | 2             | 2             | 1
18 privacy notice   | 1             | 1             | 1
19 bedrooms         | 3             | 2             | 3
20 home             | 1             | 1             | 3
21 building         | 1             | 1             | 1
22 UPRN             | 10090990990   |               |
23 address line 1   |               | 77 Mare St    | 40 Eyre St
25 town             |               | London        | Leeds
27 postcode: out    |               | E8            | LS2
28 postcode: in     |               | 1EA           | 7HG
29 authority        |               | E09000012     |
30 wheelchair std   | 2             | 2             | 1
31 age 1            | 61            | 38            | 60
32 sex 1            | F             | F             | M
33 ethnic 1         | 8             | 11            | 1
34 nationality 1    | 356           | 826           | 826
35 work 1           | 1             | 1             | 5
36 lives in 1       | 1             | 1             | 1
37 relation 2       |               | C             | P
38 age 2            |               | 11            | 59
39 sex 2            |               | M             | F
40 ethnic 2         |               |               | 1
41 nationality 2    |               |               | 826
42 work 2           |               |               | 6
43 lives in 2       |               |               | 2
44 household        | 1             | 1             | 0
61 old tenure 1     | 2             | 1             | 2
62 old postcode     | 1             |               |
63 old post: out    | N1            |               |
64 old post: in     | 7AA           |               |
72 armed forces     | 7             | 7             | 8
74 forces spouse    | 5             | 5             | 7
75 disabled         | 2             | 2             | 3
76 wheelchair       | 2             | 2             | 3
77 income 1         | 90000         | 52000         | 2000
78 counted 1        | 1             | 1             | 2
79 income 2         |               |               | 0
80 counted 2        |               |               | 2
81 benefits         | 1             | 1             | 4
82 savings          | 50000         | 20000         | 115000
83 owned before     | 2             | 2             | 3
85 years lived in   | 9             |               |
86 staircasing      | 1             |               |
87 share bought     | 50            |               |
88 share owned      | 100           |               |
89 back to back     | 3             |               |
98 old bedrooms     | 3             |               |
99 old home         | 1             |               |
100 old rent        | 1             |               |
101 price           | 300000        |               |
102 first share     | 50            |               |
103 mortgage used   | 3             |               |
109 deposit         | 134000        |               |
110 cash discount   | 16000         |               |
112 charge          | 301           |               |
113 years lived in  |               | 16            |
114 price           |               | 350000        | 120000
115 grant           |               |               | 9000
116 discount        |               | 38.2          |
117 mortgage used   |               | 1             | 2
118 mortgage        |               | 196300        |
119 lender          |               | 41            |
121 mortgage years  |               | 25            |
122 extra borrowed  |               | 3             |
123 deposit         |               | 20000         | 111000
124 charge          |               | 12.34         |
= la                | E09000019     | E09000012     | E08000035
= uprn_known        | 1             |               |
= hhmemb            | 2             | 2             | 2
= totadult          | 1             | 1             | 2
= totchild          | 0             | 1             |
= hhtype            | 1             | 5             | 9
= details_known_2   | 2             |               |
= soctenant         | 1             | -             |
= mrent             | 0             |               |
= mortgage          | -             | 196300        | 0
= deposit           | 134000        |               | 111000
= cashdis           | 16000         |               |
= mscharge          | 301           | 12.34         |
= staircasesale     | 3             |               |
= prevloc           | E09000019     | E09000012     | E08000035
= ppostcode_full    |               | E8 1EA        |
= previous_la_known |               | 1             | 0
= ecstat2           |               | 9             |
= discount          |               | 38.2          |
= mortgagelender    |               | 41            |
= proplen           |               | 16            |
= staircase         |               | -             |
= grant             |               |               | 9000
= has_mscharge      |               |               | 0
= proplen_asked     |               |               | 1
= buy2living        |               |               | -
""",
        """
                    | outright      | company       | not living in
1 owner             | ORG7          | ORG7          | ORG7
2 manager           | ORG7          | ORG7          | ORG7
3 user              | a@fen.example | a@fen.example | a@fen.example
4 sale: day         | 1             | 2             | 2
5 sale: month       | 4             | 12            | 12
6 sale: year        | 2024          | 2024          | 2024
7 purchaser code    | OUT-7         | COM-8         | OUT-9
8 scheme            | 3             | 3             | 3
11 type             | 10            | 12            | 10
12 other type       |               | Land swap     |
13 company          | 2             | 1             | 2
14 buyer lives in   | 1             | 2             | 2
15 joint            | 2             |               | 1
16 more than two    |               |               | 2
17 interviewed      | 2             | 1             | 2
18 privacy notice   | 1             | 1             | 1
19 bedrooms         | 1             | 9             | 2
20 home             | 1             | 9             | 3
21 building         | 1             | 2             | 1
23 address line 1   | 5 Tennyson Cl | 11 Moor Lane  | 2 Packer Row
25 town             | King's Lynn   | Selby         | London
27 postcode: out    | PE30          | YO8           | N1
28 postcode: in     | 1LL           | 4QQ           | 7AA
29 authority        |               | E06000065     |
30 wheelchair std   | 2             | 3             | 1
31 age 1            | 27            |               | 66
32 sex 1            | M             |               | F
33 ethnic 1         | 1             |               | 2
34 nationality 1    | 826           |               | 372
35 work 1           | 1             |               | 2
37 relation 2       |               |               | X
38 age 2            |               |               | 19
39 sex 2            |               |               | F
40 ethnic 2         |               |               | 2
41 nationality 2    |               |               | 372
42 work 2           |               |               | 1
44 household        | 0             |               | 0
61 old tenure 1     | 3             | 9             | 5
62 old postcode     | 1             | 2             | 1
63 old post: out    | LS6           |               | N1
64 old post: in     | 3HN           |               | 7AA
67 other HA's list  | 1             |               |
72 armed forces     | 7             | 8             | 7
74 forces spouse    | 5             | 7             | 5
75 disabled         | 2             | 3             | 2
76 wheelchair       | 2             | 3             | 2
77 income 1         | 150000        | R             | 95000
78 counted 1        | 1             | 2             | 2
79 income 2         |               |               | 30000
80 counted 2        |               |               | 2
81 benefits         | 1             | 4             | 1
82 savings          | 60000         | R             | 0
83 owned before     | 2             | 3             | 1
84 shared before    |               |               | 2
125 price           | 200000        | 1095000       | 650000.25
126 mortgage used   | 1             | 2             | 3
127 mortgage        | 150000        |               |
128 mortgage years  | 20            |               |
129 extra borrowed  | 2             |               |
130 deposit         | 50000         |               |
131 charge          |               | 20.5          |
= buy1livein        | 1             | -             | 2
= hhmemb            | 1             | -             | 2
= totadult          | 1             | 0             | 2
= hhtype            | 3             | 9             | 9
= la                | E07000146     | E06000065     | E09000019
= prevloc           | E08000035     | -             |
= mortgage          | 150000        | 0             | -
= deposit           | 50000         | 1095000       | -
= has_mscharge      | 0             |               | 0
= soctenant         | -             |               |
= pregother         | 1             |               |
= pregla            | 0             |               |
= companybuy        | 2             | 1             |
= buylivein         | 1             | -             |
= mortgagelender    | -             |               |
= proplen_asked     | -             |               |
= type              |               | 12            |
= othtype           |               | Land swap     |
= jointpur          |               | -             |
= totchild          |               | 0             |
= ppcodenk          |               | 1             |
= previous_la_known |               | 0             |
= mscharge          |               | 20.5          |
= age1_known        |               | -             |
= buy2livein        |               |               | 2
= value             |               |               | 650000.25
= buy2living        |               |               | -
= savings           |               |               | 0
""",
    ),
    2025: (
        """
                                | first share   | homebuy       | six people    | full stair
1 sale: day                     | 12            | 30            | 1             | 2
2 sale: month                   | 6             | 9             | 4             | 3
3 sale: year                    | 2025          | 25            | 2025          | 2026
4 owner                         | ORG7          | ORG7          | ORG7          | ORG7
5 manager                       | ORG7          | ORG19         | ORG7          | ORG7
6 user                          | a@fen.example | b@agt.example | a@fen.example | a@fen.example
7 purchaser code                | FS-1          | SH-2          | R2B-3         | ST-4
8 scheme                        | 1             | 1             | 1             | 1
9 type                          | 2             | 18            | 28            | 24
10 staircasing                  | 2             | 2             | 2             | 1
12 joint                        | 1             | 2             | 2             | 1
13 more than two                | 2             |               |               | 2
14 interviewed                  | 2             | 2             | 1             | 1
15 privacy notice               | 1             | 1             | 1             | 1
16 UPRN                         |               | 10090990990   |               |
17 address line 1               | 3 Harrow Yard |               | 11 Moor Lane  | 14 Ferry Side
19 town                         | Sheffield     |               | Selby         | King's Lynn
21 postcode: out                | S1            |               | YO8           | PE30
22 postcode: in                 | 2HE           |               | 4QQ           | 1LL
23 authority                    | E08000039     | E09000019     | E06000065     |
24 home                         | 3             | 1             | 2             | 4
25 bedrooms                     | 3             | 4             |               | 2
26 building                     | 1             | 1             | 2             |
27 wheelchair std               | 1             | 3             | 3             |
28 age 1                        | 30            | 66            | R             | 78
29 sex 1                        | F             | M             | R             | M
30 ethnic 1                     | 20            | 10            | 17            |
31 nationality 1                | 642           | 826           | 0             |
32 work 1                       | 1             | 5             | 10            |
33 lives in 1                   | 1             | 1             | 1             |
34 relation 2                   | 1             |               | 3             | 1
35 age 2                        | 32            |               | R             | 76
36 sex 2                        | X             |               | R             | F
37 ethnic 2                     | 7             |               |               |
38 nationality 2                | 826           |               |               |
39 work 2                       | 4             |               | 9             |
40 lives in 2                   | 1             |               |               |
41 household                    | 2             | 0             | 5             |
42 relation 3                   | 2             |               | 1             |
43 age 3                        | 15            |               | 40            |
44 sex 3                        | M             |               | F             |
45 work 3                       |               |               | 6             |
46 relation 4                   | 3             |               | 2             |
47 age 4                        | R             |               | 16            |
48 sex 4                        | R             |               | M             |
49 work 4                       | 10            |               | 7             |
50 relation 5                   |               |               | 2             |
51 age 5                        |               |               | 0             |
52 sex 5                        |               |               | F             |
58 old tenure 1                 | 3             | 2             | R             |
59 old postcode                 | 1             | 1             | 2             |
60 old post: out                | LS6           | N1            |               |
61 old post: in                 | 3HN           | 7AA           |               |
62 old authority                |               |               | W06000015     |
63 lived together               | 2             |               |               |
64 old tenure 2                 | 1             |               |               |
65 armed forces                 | 7             | 8             | 3             |
67 forces spouse                | 5             | 7             | 6             |
68 disabled                     | 2             | 1             | 3             |
69 wheelchair                   | 2             | 3             | 3             |
70 income 1                     | 70000         | 520           | R             |
71 counted 1                    | 1             | 2             | 2             |
72 income 2                     | 10000         |               |               |
73 counted 2                    | 2             |               |               |
74 benefits                     | 1             | 3             | 4             |
75 savings                      | 12000         | 100000        | R             |
76 owned before                 | 2             | 1             | 3             |
77 shared before                |               | 1             |               |
78 resale                       | 2             | 1             | 1             |
79 years lived in               | 1             |               |               |
80 handover: day                | 13            |               |               |
81 handover: month              | 6             |               |               |
82 handover: year               | 2020          |               |               |
83 old bedrooms                 | 2             | 4             |               |
84 old home                     | 1             | 3             |               |
85 old rent                     | 2             | 1             |               |
86 price                        | 240000        | 300000        | 110000        |
87 first share                  | 25            | 34.5          | 10            |
88 mortgage used                | 1             | 2             | 2             |
89 mortgage                     | 54000         |               |               |
90 mortgage years               | 25            |               |               |
91 deposit                      | 6000          | 90500         | 11000         |
92 cash discount                |               | 13000         |               |
93 rent                         | 495.50        | 450           | 412           |
94 charge                       | 28            |               | 0             |
95 estate fee                   | 9.99          |               |               |
96 share bought                 |               |               |               | 25
97 share owned                  |               |               |               | 100
98 back to back                 |               |               |               | 2
99 first time                   |               |               |               | 2
100 first bought: day           |               |               |               | 1
101 first bought: month         |               |               |               | 1
102 first bought: year          |               |               |               | 1980
103 transactions                |               |               |               | 2
104 last bought: day            |               |               |               | 1
105 last bought: month          |               |               |               | 1
106 last bought: year           |               |               |               | 1980
107 price                       |               |               |               | 185000
108 first share                 |               |               |               | 74
109 mortgage used               |               |               |               | 3
110 rent before                 |               |               |               | 0
= collection_year               | 2025          |               |               | 2025
= la                            | E08000039     | E09000019     | E06000065     | E07000146
= is_la_inferred                | true          |               | false         |
= prevloc                       | E08000035     | E09000019     | W06000015     |
= manual_address_entry_selected | true          |               |               |
= ethnic_group                  | 0             |               | 17            |
= ethnic_group2                 | 1             |               |               |
= nationality_all_group         | 12            |               |               |
= nationality_all               | 642           |               | 0             |
= nationality_all_buyer2        | 826           |               |               |
= relat2                        | P             |               | R             | P
= relat3                        | X             |               | P             |
= relat4                        | R             |               | X             |
= age4_known                    | 1             |               |               |
= ecstat3                       | 9             |               |               |
= ecstat4                       | 10            |               | 7             |
= details_known_3               | 1             |               |               |
= details_known_4               | 1             |               |               |
= details_known_2               | -             |               | 1             |
= hhmemb                        | 4             | 1             | 6             | -
= totadult                      | 2             | 1             | 1             | 2
= totchild                      | 1             | 0             | 2             | 0
= hhtype                        | 6             | 1             | 5             | 2
= soctenant                     | 1             | 1             | 2             | -
= prevtenbuy2                   | 1             |               |               |
= frombeds                      | 2             |               |               |
= proplen_asked                 | 0             | -             |               |
= proplen                       | 1             | -             |               |
= hoday                         | 13            |               |               |
= homonth                       | 6             |               |               |
= hoyear                        | 2020          |               |               |
= mortgage                      | 54000         | 0             | 0             | -
= deposit                       | 6000          | 90500         | 11000         | -
= mortlen                       | 25            | -             |               |
= mrent                         | 495.5         |               |               | 0
= has_mscharge                  | 1             | 0             | 0             | -
= mscharge                      | 28            |               | -             | -
= has_management_fee            | 1             | 0             |               |
= management_fee                | 9.99          | -             |               |
= uprn_known                    |               | 1             |               |
= uprn                          |               | 10090990990   |               |
= prevshared                    |               | 1             |               |
= cashdis                       |               | 13000         |               |
= equity                        |               | 34.5          |               |
= hodate                        |               | -             |               |
= beds                          |               |               | 1             |
= age1_known                    |               |               | 1             |
= ethnic                        |               |               | 17            |
= age2_known                    |               |               | 1             |
= ecstat2                       |               |               | 9             |
= ecstat5                       |               |               | 9             |
= details_known_5               |               |               | 1             |
= details_known_6               |               |               | 2             |
= prevten                       |               |               | 0             |
= ppcodenk                      |               |               | 1             |
= ppostcode_full                |               |               | -             |
= previous_la_known             |               |               | 1             |
= income1nk                     |               |               | 1             |
= savingsnk                     |               |               | 1             |
= fromprop                      |               |               | -             |
= numstair                      |               |               |               | 2
= initialpurchase               |               |               |               | 1980-01-01
= lasttransaction               |               |               |               | 1980-01-01
= mrentprestaircasing           |               |               |               | 0
= staircasesale                 |               |               |               | 2
= builtype                      |               |               |               | -
= wchair                        |               |               |               | -
""",
        """
                        | part stair    | right to buy  | voluntary     | equity loan
1 sale: day             | 15            | 7             | 8             | 20
2 sale: month           | 10            | 4             | 11            | 8
3 sale: year            | 2025          | 2025          | 2025          | 2025
4 owner                 | ORG7          | ORG42         | ORG7          | ORG7
5 manager               | ORG7          | ORG42         | ORG19         | ORG7
6 user                  | a@fen.example | c@val.example | b@agt.example | a@fen.example
7 purchaser code        | ST-5          | RTB-6         | VRB-7         | EQ-8
8 scheme                | 1             | 2             | 2             | 2
9 type                  | 30            |               |               |
10 staircasing          | 1             |               |               |
11 type                 |               | 9             | 27            | 22
12 joint                | 2             | 1             | 2             | 2
13 more than two        |               | 1             |               |
14 interviewed          | 2             | 2             | 1             | 2
15 privacy notice       | 1             | 1             | 1             | 1
17 address line 1       | 40 Eyre St    | 77 Mare St    | 5 Tennyson Cl | 2 Packer Row
19 town                 | Leeds         | London        | King's Lynn   | London
21 postcode: out        | LS2           | E8            | PE30          | N1
22 postcode: in         | 7HG           | 1EA           | 1LL           | 7AA
23 authority            |               | E09000012     |               |
24 home                 | 1             | 3             | 2             | 1
25 bedrooms             | 2             | 3             |               | 1
26 building             |               | 1             | 1             | 1
27 wheelchair std       |               | 2             | 2             | 2
28 age 1                | 45            | 44            | 59            | 35
29 sex 1                | F             | M             | F             | R
30 ethnic 1             |               | 13            | 9             | 16
31 nationality 1        |               | 826           | 826           | 0
32 work 1               |               | 1             | 8             | 1
33 lives in 1           |               | 1             | 1             | 1
34 relation 2           |               | 1             |               |
35 age 2                |               | 43            |               |
36 sex 2                |               | F             |               |
37 ethnic 2             |               | 14            |               |
38 nationality 2        |               | 826           |               |
39 work 2               |               | 6             |               |
40 lives in 2           |               | 1             |               |
41 household            |               | 0             | 1             | 0
58 old tenure 1         |               | 1             | 2             | 2
63 lived together       |               | 1             |               |
65 armed forces         |               | 1             | 7             | 7
66 still serving        |               | 5             |               |
67 forces spouse        |               | 5             | 5             | 5
68 disabled             |               | 1             | 1             | 2
69 wheelchair           |               | 2             | 1             | 2
70 income 1             |               | 45000         | 15000         | 62000
71 counted 1            |               | 1             | 1             | 1
72 income 2             |               | 600           |               |
73 counted 2            |               | 2             |               |
74 benefits             |               | 2             | 2             | 1
75 savings              |               | 15760         | 6000          | 40000
76 owned before         |               | 2             | 2             | 2
96 share bought         | 5             |               |               |
97 share owned          | 46            |               |               |
99 first time           | 2             |               |               |
100 first bought: day   | 3             |               |               |
101 first bought: month | 3             |               |               |
102 first bought: year  | 2020          |               |               |
103 transactions        | 2             |               |               |
104 last bought: day    | 3             |               |               |
105 last bought: month  | 3             |               |               |
106 last bought: year   | 2024          |               |               |
107 price               | 210000        |               |               |
108 first share         | 40            |               |               |
109 mortgage used       | 1             |               |               |
110 rent before         | 300           |               |               |
111 rent                | 280.99        |               |               |
112 years lived in      |               | 23            | 14            | 0
113 price               |               | 340000.50     | 90000         | 405000
114 grant               |               |               |               | 80000
115 discount            |               | 35            | 50            |
116 mortgage used       |               | 1             | 1             | 1
117 mortgage            |               | 200000        | 40000         | 305000
118 mortgage years      |               | 20            | 60            | 35
119 extra borrowed      |               | 1             | 2             | 2
120 deposit             |               | 21001         | 5000          | 20000
121 charge              |               | 110.45        |               | 300
= la                    | E08000035     | E09000012     |               | E09000019
= hhmemb                | -             | 2             | 2             | 1
= totadult              | 1             | 2             | 1             | 1
= hhtype                | 3             | 4             | 3             | 3
= mortgage              | -             | 200000        | 40000         | 305000
= deposit               | -             | 21001         | 5000          |
= mrent                 | 280.99        |               |               |
= stairbought           | 5             |               |               |
= stairowned            | 46            |               |               |
= staircasesale         | -             |               |               |
= numstair              | 2             |               |               |
= equity                | 40            |               |               |
= prevloc               |               | E09000012     | E07000146     | E09000019
= ppostcode_full        |               | E8 1EA        |               |
= ppcodenk              |               | 0             |               |
= totchild              |               | 0             |               |
= value                 |               | 340000.5      |               |
= discount              |               | 35            |               | -
= proplen               |               | 23            |               |
= proplen_asked         |               | 0             |               | 1
= mscharge              |               | 110.45        |               | 300
= has_mscharge          |               | 1             | 0             |
= soctenant             |               | -             |               |
= hhregresstill         |               | 5             |               |
= ethnic_group          |               | 3             |               |
= ethnic_group2         |               | 3             |               |
= previous_la_known     |               | 1             |               |
= beds                  |               |               | 1             |
= details_known_2       |               |               | 2             |
= grant                 |               |               | -             | 80000
= mortlen               |               |               | 60            |
""",
    ),
    2026: (
        """
                                | first share   | homebuy       | older         | full stair
1 sale: day                     | 14            | 20            | 1             | 28
2 sale: month                   | 5             | 7             | 4             | 9
3 sale: year                    | 2026          | 26            | 2026          | 2026
4 owner                         | ORG7          | ORG7          | ORG42         | ORG7
5 manager                       | ORG7          | ORG19         | ORG42         | ORG7
6 user                          | a@fen.example | b@agt.example | c@val.example | a@fen.example
7 purchaser code                | FS-1          | SH-2          |               | ST-4
8 scheme                        | 1             | 1             | 1             | 1
9 type                          | 30            | 18            | 24            | 2
10 staircasing                  | 2             | 2             | 2             | 1
12 joint                        | 1             | 2             | 1             | 2
13 more than two                | 2             |               | 3             |
14 interviewed                  | 2             | 1             | 2             | 1
15 privacy notice               | 1             | 1             | 1             | 1
16 UPRN                         |               | 10090990990   |               |
17 address line 1               | 3 Harrow Yard |               | 11 Moor Lane  | 14 Ferry Side
18 address line 2               |               |               | Flat 2        |
19 town                         | Leeds         |               | Selby         | King's Lynn
20 county                       | Yorkshire     |               |               |
21 postcode: out                | LS2           |               | YO8           | PE30
22 postcode: in                 | 7HG           |               | 4QQ           | 1LL
23 authority                    |               | E09000019     | E06000065     |
24 home                         | 1             | 9             | 4             | 3
25 height                       | 2             | 3             |               |
26 bedrooms                     | 2             | 5             | 2             | 3
27 building                     | 1             | 2             | 1             |
28 wheelchair std               | 2             | 1             | 3             |
29 age 1                        | 34            | R             | 64            | 52
30 birth sex 1                  | F             | R             | M             | M
31 same gender 1                | 1             | 3             | 1             | 1
32 gender 1                     |               | not kept      |               |
33 ethnic 1                     | 1             | 17            | 19            |
34 nationality 1                | 826           | 0             | 826           |
35 work 1                       | 1             | 10            | 8             |
36 lives in 1                   | 1             | 1             | 1             |
37 relation 2                   | 1             | 3             | 2             |
38 age 2                        | 36            | R             | 71            |
39 birth sex 2                  | M             | R             | F             |
40 same gender 2                | 1             | 3             | 2             |
41 gender 2                     |               |               | woman         |
42 ethnic 2                     | 8             |               | 17            |
43 nationality 2                | 356           |               | 0             |
44 work 2                       | 2             | 10            | 5             |
45 lives in 2                   | 1             |               | 1             |
46 household                    | 3             | 6             | 2             |
47 relation 3                   | 2             | 2             |               |
48 age 3                        | 4             | 17            |               |
49 birth sex 3                  | F             | M             |               |
50 same gender 3                | 1             | 2             |               |
51 gender 3                     |               | trans girl    |               |
52 work 3                       |               | 7             |               |
53 relation 4                   |               | 2             |               |
54 age 4                        |               | 12            |               |
55 birth sex 4                  |               | F             |               |
56 same gender 4                |               | 1             |               |
58 work 4                       |               | 9             |               |
59 relation 5                   |               | 2             |               |
60 age 5                        |               | 0             |               |
61 birth sex 5                  |               | M             |               |
62 same gender 5                |               | 1             |               |
71 old tenure 1                 | 3             | 2             | 5             |
72 old postcode                 | 1             | 1             | 2             |
73 old post: out                | LS6           | N1            |               |
74 old post: in                 | 3HN           | 7AA           |               |
75 old authority                |               | E09000019     | W06000015     |
76 lived together               | 1             |               | 2             |
77 old tenure 2                 |               |               | 1             |
78 armed forces                 | 7             | 3             | 1             |
79 still serving                |               |               | 6             |
80 forces spouse                | 5             | 6             | 4             |
81 disabled                     | 2             | 1             | 1             |
82 wheelchair                   | 2             | 1             | 2             |
83 income 1                     | 32000         | R             | 11000         |
84 counted 1                    | 1             | 1             | 2             |
85 income 2                     | 14500         |               | 10000         |
86 counted 2                    | 1             |               | 2             |
87 benefits                     | 1             | 4             | 4             |
88 savings                      | 24000         | R             | 200000        |
89 owned before                 | 2             | 3             | 1             |
90 shared before                |               |               | 2             |
91 resale                       | 2             | 2             | 1             |
92 years lived in               |               | 4             |               |
93 handover: day                | 20            | 15            |               |
94 handover: month              | 2             | 8             |               |
95 handover: year               | 2026          | 21            |               |
96 old bedrooms                 |               | 3             | 1             |
97 old home                     |               | 1             | 2             |
98 old rent                     |               | 1             | 10            |
99 price                        | 260000        | 420000        | 240000        |
100 first share                 | 40            | 50            | 75            |
101 mortgage used               | 1             | 1             | 2             |
102 mortgage                    | 93600         | 150000        |               |
103 mortgage years              | 30            | R             |               |
104 deposit                     | 10400         | 44000         | 180000        |
105 cash discount               |               | 16000         |               |
106 rent                        | 357.50        | 481.25        | 0             |
107 charge                      | 92.16         | R             | 540           |
108 estate fee                  |               | 12.5          | 45            |
109 share bought                |               |               |               | 50
110 share owned                 |               |               |               | 100
111 back to back                |               |               |               | 1
112 first time                  |               |               |               | 2
113 first bought: day           |               |               |               | 1
114 first bought: month         |               |               |               | 4
115 first bought: year          |               |               |               | 2005
116 transactions                |               |               |               | 3
117 last bought: day            |               |               |               | 9
118 last bought: month          |               |               |               | 9
119 last bought: year           |               |               |               | 16
120 price                       |               |               |               | 310000
121 first share                 |               |               |               | 25
122 mortgage used               |               |               |               | 3
123 rent before                 |               |               |               | 318.07
125 charge                      |               |               |               | 88.40
126 new charge                  |               |               |               | R
= collection_year               | 2026          |               |               |
= saledate                      | 2026-05-14    | 2026-07-20    | 2026-04-01    |
= purchid                       | FS-1          |               | -             |
= type                          | 30            |               |               |
= staircase                     | 2             |               |               | 1
= pcodenk                       | 0             | 0             | 0             |
= postcode_full                 | LS2 7HG       | N1 7AA        |               |
= pcode1                        | LS2           |               |               |
= pcode2                        | 7HG           |               |               |
= la                            | E08000035     | E09000019     | E06000065     | E07000146
= is_la_inferred                | true          | true          | false         |
= uprn_known                    | 0             | 1             |               |
= manual_address_entry_selected | true          | false         | true          |
= ppcodenk                      | 0             |               | 1             |
= ppostcode_full                | LS6 3HN       |               | -             |
= ppostc1                       | LS6           |               |               |
= ppostc2                       | 3HN           |               |               |
= prevloc                       | E08000035     | E09000019     | W06000015     |
= is_previous_la_inferred       | true          |               | false         |
= age1                          | 34            | -             | 64            |
= age1_known                    | 0             | 1             |               |
= age2                          | 36            | -             | 71            |
= age2_known                    | 0             | 1             |               |
= age3                          | 4             |               |               |
= ethnic_group                  | 0             | 17            | 4             | -
= ethnic_group2                 | 2             |               | 17            |
= nationality_all_group         | 826           | 0             |               |
= nationality_all               | 826           | 0             |               |
= nationality_all_buyer2_group  | 12            |               | 0             |
= nationality_all_buyer2        | 356           |               | 0             |
= relat2                        | P             | R             | X             |
= relat3                        | X             |               |               |
= details_known_2               | -             | 1             |               |
= details_known_3               | 1             |               |               |
= details_known_4               | -             |               |               |
= ecstat3                       | 9             |               |               |
= hhmemb                        | 3             | 6             | 2             | -
= totadult                      | 2             | 0             | 2             | 1
= totchild                      | 1             | 3             | 0             | 0
= hhtype                        | 6             | 9             | 2             | 3
= soctenant                     | 2             | 1             | 1             | -
= prevtenbuy2                   | -             |               | 1             |
= frombeds                      | -             | 3             | 1             |
= income1nk                     | 0             | 1             |               | -
= income2nk                     | 0             |               |               |
= savingsnk                     | 0             | 1             |               | -
= proplen_asked                 | 1             | 0             | -             | -
= proplen                       | -             | 4             |               |
= hoday                         | 20            |               |               |
= homonth                       | 2             |               |               |
= hoyear                        | 2026          | 2021          |               |
= mortgage                      | 93600         |               | 0             | -
= deposit                       | 10400         |               | 180000        | -
= mortlen                       | 30            | -             | -             |
= mortlen_known                 | -             | 1             |               |
= mrent                         | 357.5         |               | 0             | 0
= has_mscharge                  | 1             | 0             | 1             | 1
= mscharge                      | 92.16         | -             |               | 88.4
= has_management_fee            | 0             | 1             | 1             | -
= discount                      | -             |               |               |
= uprn                          |               | 10090990990   |               |
= uprn_confirmed                |               | 1             |               |
= address_line1                 |               | 8 Packer Row  |               |
= town_or_city                  |               | London        |               |
= ethnic                        |               | 17            |               |
= gender_description1           |               | -             |               |
= gender_description3           |               | trans girl    |               |
= details_known_5               |               | 1             |               |
= details_known_6               |               | 2             |               |
= age5                          |               | 0             |               |
= age5_known                    |               | 0             |               |
= ecstat4                       |               | 9             |               |
= ecstat5                       |               | 9             |               |
= fromprop                      |               | 1             | 2             |
= socprevten                    |               | 1             |               |
= income1                       |               | -             |               |
= savings                       |               | -             |               |
= previous_la_known             |               | 1             | 1             |
= management_fee                |               | 12.5          | 45            |
= cashdis                       |               | 16000         |               |
= gender_description2           |               |               | woman         |
= hhregresstill                 |               |               | 6             |
= prevshared                    |               |               | 2             |
= hodate                        |               |               | -             |
= value                         |               |               |               | 310000
= equity                        |               |               |               | 25
= mortgageused                  |               |               |               | 3
= mrentprestaircasing           |               |               |               | 318.07
= numstair                      |               |               |               | 3
= initialpurchase               |               |               |               | 2005-04-01
= lasttransaction               |               |               |               | 2016-09-09
= staircasesale                 |               |               |               | 1
= hasservicechargeschanged      |               |               |               | 2
= newservicecharges             |               |               |               | -
= prevten                       |               |               |               | -
= builtype                      |               |               |               | -
= resale                        |               |               |               | -
""",
        """
                           | part stair    | right to buy  | acquire       | rent to buy
1 sale: day                | 30            | 3             | 31            | 9
2 sale: month              | 6             | 8             | 8             | 6
3 sale: year               | 26            | 2026          | 2026          | 2026
4 owner                    | ORG7          | ORG42         | ORG7          | ORG7
5 manager                  | ORG19         | ORG42         | ORG7          | ORG7
6 user                     | b@agt.example | c@val.example | a@fen.example | a@fen.example
7 purchaser code           | ST-5          | RTB-6         | RTA-7         | R2B-8
8 scheme                   | 1             | 2             | 2             | 2
9 type                     | 31            |               |               |
10 staircasing             | 1             |               |               |
11 type                    |               | 9             | 8             | 29
12 joint                   | 1             | 2             | 2             | 1
13 more than two           | 1             |               |               | 2
14 interviewed             | 2             | 2             | 2             | 1
15 privacy notice          | 1             | 1             | 1             | 1
17 address line 1          | 2 Packer Row  | 40 Eyre St    | 5 Tennyson Cl | 77 Mare St
19 town                    | London        | Leeds         | King's Lynn   | London
21 postcode: out           | N1            | LS2           | PE30          | E8
22 postcode: in            | 7AA           | 7HG           | 1LL           | 1EA
23 authority               |               | E08000035     |               |
24 home                    | 1             | 1             | 4             | 2
25 height                  | 1             | 3             |               | 2
26 bedrooms                | 1             | 2             | 1             |
27 building                |               | 1             | 1             | 2
28 wheelchair std          |               | 2             | 2             | 3
29 age 1                   | 33            | 47            | 68            | 28
30 birth sex 1             | F             | F             | M             | M
31 same gender 1           | 1             | 1             | 1             | 1
33 ethnic 1                |               | 12            | 2             | 5
34 nationality 1           |               | 826           | 372           | 826
35 work 1                  |               | 2             | 5             | 1
36 lives in 1              |               | 1             | 1             | 1
37 relation 2              | 1             | 2             |               | 3
38 age 2                   | 61            | 19            |               | R
39 birth sex 2             | F             | M             |               | F
40 same gender 2           | 1             | 1             |               | 3
42 ethnic 2                |               |               |               | 15
43 nationality 2           |               |               |               | 616
44 work 2                  |               | 1             |               | 0
45 lives in 2              |               |               |               | 1
46 household               |               | 2             | 1             | 3
71 old tenure 1            |               | 1             | 2             | 2
76 lived together          |               |               |               | 3
78 armed forces            |               | 8             | 7             | 1
79 still serving           |               |               |               | 4
80 forces spouse           |               | 7             | 5             | 5
81 disabled                |               | 3             | 2             | 2
82 wheelchair              |               | 3             | 2             | 2
83 income 1                |               | 21000         | 9800          | 41000
84 counted 1               |               | 1             | 2             | 1
85 income 2                |               |               |               | R
86 counted 2               |               |               |               | 2
87 benefits                |               | 3             | 2             | 1
88 savings                 |               | 9750          | 90000         | 20010
89 owned before            |               | 2             | 2             | 3
109 share bought           | 1             |               |               |
110 share owned            | 41.5          |               |               |
112 first time             | 1             |               |               |
113 first bought: day      | 29            |               |               |
114 first bought: month    | 2             |               |               |
115 first bought: year     | 2024          |               |               |
120 price                  | 375000        |               |               |
121 first share            | 40.5          |               |               |
122 mortgage used          | 1             |               |               |
123 rent before            | 412.5         |               |               |
124 rent                   | 405.62        |               |               |
125 charge                 | 64.22         |               |               |
126 new charge             | 70.1          |               |               |
127 years lived in         |               | 11            | 0             | 5
128 price                  |               | 180000        | 96000         | 225000
129 grant                  |               |               | 12000         |
130 discount               |               | 40            |               |
131 mortgage used          |               | 1             | 2             | 1
132 mortgage               |               | 95000         |               | 200000
133 mortgage years         |               | 25            |               | 30
134 extra borrowed         |               | 2             |               | 3
135 deposit                |               | 13000         | 84000         | 25000
136 charge                 |               | R             | 45            | 150.5
= la                       | E09000019     | E08000035     | E07000146     | E09000012
= hhmemb                   | -             | 2             | 1             | 3
= totadult                 | 2             | 2             | 1             | 1
= totchild                 | 0             | 0             | 0             | 0
= hhtype                   | 9             | 4             | 1             | 3
= mortgage                 | -             | 95000         | 0             | 200000
= mortlen                  | -             | 25            | -             | 30
= initialpurchase          | 2024-02-29    |               |               |
= numstair                 | -             |               |               |
= lasttransaction          | -             |               |               |
= mrent                    | 405.62        |               |               |
= staircasesale            | -             |               |               |
= mscharge                 | 64.22         | -             | 45            | 150.5
= hasservicechargeschanged | 1             |               |               |
= newservicecharges        | 70.1          |               |               |
= relat2                   | P             |               |               | R
= stairbought              | 1             |               |               |
= stairowned               | 41.5          |               |               |
= equity                   | 40.5          |               |               |
= ecstat2                  | -             |               |               |
= buildheightclass         | 1             |               |               |
= ppcodenk                 |               | 0             |               |
= ppostcode_full           |               | LS2 7HG       |               |
= prevloc                  |               | E08000035     | E07000146     |
= previous_la_known        |               | 1             | 0             |
= is_previous_la_inferred  |               | true          |               |
= ppostc1                  |               | LS2           |               |
= ethnic_group             |               | 3             |               | 1
= soctenant                |               | -             |               |
= proplen_asked            |               | 0             | 1             |
= proplen                  |               | 11            | -             |
= discount                 |               | 40            | -             | -
= grant                    |               | -             | 12000         | -
= deposit                  |               | 13000         | 84000         |
= mortlen_known            |               | -             |               | 0
= has_mscharge             |               | 0             | 1             |
= extrabor                 |               | 2             | -             |
= staircase                |               | -             |               |
= details_known_2          |               | 1             | -             |
= nationality_all_group    |               |               | 12            |
= nationality_all          |               |               | 372           |
= beds                     |               |               |               | 1
= age2_known               |               |               |               | 1
= income2nk                |               |               |               | 1
= income2                  |               |               |               | -
= details_known_3          |               |               |               | 2
= prevtenbuy2              |               |               |               | -
= hhregresstill            |               |               |               | 4
= ethnic_group2            |               |               |               | 2
= buy2living               |               |               |               | 3
""",
    ),
}
# What is unusual about valid sales, to be confirmed.
UNUSUAL: dict[tuple[int, str], tuple[str, ...]] = {
    (2023, "homebuy"): ("buyer1_not_living_in",),
    (2023, "part stair"): ("monthly_charge_high",),
    (2024, "full stair"): ("monthly_charge_high",),
    (2024, "acquire"): (
        "buyer2_not_living_in",
        "person_retired_young",
        "savings_high",
    ),
    (2025, "full stair"): ("older_persons_share_over_75",),
    (2025, "equity loan"): ("grant_unusual",),
}
# One column of a valid sale at a time: the sale, what is written, what is told of each column.
ONE_BY_ONE = {
    2023: """
first share  | 99    | answer_not_offered          | 7 8 14 15 17 18 27 28 29 31 32 33 35 36 37 39
first share  | 99    | answer_not_offered          | 40 41 43 44 46 48 49 62 63 67 69 71 73 75 76 77
first share  | 99    | answer_not_offered          | 79 81 82 84 87 91 98 99 101 102 105 107 110
first share  | blank | missing                     | 7 8 14 15 16 17 18 20 22 27 28 29 30 31 32 33
first share  | blank | missing                     | 35 36 37 38 39 40 41 43 44 45 46 47 48 49 62 71
first share  | blank | missing                     | 73 75 76 77 78 79 80 81 82 83 84 87 91 98 99
first share  | blank | missing                     | 100 101 102 103 104 105 106 107 109 110 111 113
outright     | 99    | answer_not_offered          | 10 12 13 128 130 133
outright     | blank | missing                     | 10 12 13 127 128 129 130 132 133 134
first share  | abc   | beds_not_a_number           | 16
first share  | E99   | answer_not_offered          | 26
first share  | abc   | age1_not_a_number           | 30
first share  | abc   | age2_not_a_number           | 38
first share  | abc   | hholdcount_not_a_number     | 45
first share  | abc   | age_of_others_not_a_number  | 47
homebuy      | 99    | answer_not_offered          | 50 52 53 54 56
homebuy      | blank | missing                     | 50 51 52 53 54 56 112
homebuy      | abc   | age_of_others_not_a_number  | 51
homebuy      | E99   | answer_not_offered          | 66
full stair   | 99    | answer_not_offered          | 72
full stair   | blank | missing                     | 72
part stair   | 99    | answer_not_offered          | 74 85 90
part stair   | blank | missing                     | 74 85 88 89 90
first share  | abc   | income_not_a_number         | 78 80
first share  | abc   | savings_not_a_number        | 83
first share  | abc   | proplen_not_a_number        | 86
part stair   | abc   | stairbought_not_a_number    | 88
part stair   | abc   | stairowned_not_a_number     | 89
first share  | abc   | frombeds_not_a_number       | 100
first share  | abc   | value_not_a_number          | 103
first share  | abc   | equity_not_a_number         | 104
first share  | abc   | mortgage_not_a_number       | 106
first share  | abc   | mortlen_not_a_number        | 109
first share  | abc   | deposit_not_a_number        | 111
homebuy      | abc   | cashdis_not_a_number        | 112
first share  | abc   | mrent_not_a_number          | 113
first share  | abc   | mscharge_not_a_number       | 114
right to buy | abc   | proplen_not_a_number        | 115
right to buy | abc   | value_not_a_number          | 116
right to buy | blank | missing                     | 116 118 119 120 121 122 123 124 125
acquire      | abc   | grant_not_a_number          | 117
acquire      | blank | missing                     | 117
right to buy | abc   | discount_not_a_number       | 118
right to buy | 99    | answer_not_offered          | 119 121 124
right to buy | abc   | mortgage_not_a_number       | 120
right to buy | abc   | mortlen_not_a_number        | 123
right to buy | abc   | deposit_not_a_number        | 125
acquire      | abc   | mscharge_not_a_number       | 126
outright     | abc   | value_not_a_number          | 127
outright     | abc   | mortgage_not_a_number       | 129
outright     | abc   | mortlen_not_a_number        | 132
outright     | abc   | deposit_not_a_number        | 134
outright     | abc   | mscharge_not_a_number       | 135
""",
    2024: """
first share  | 99    | answer_not_offered          | 8 9 15 16 17 18 20 21 30 32 33 35 36 37 39 40
first share  | 99    | answer_not_offered          | 42 43 45 47 48 49 51 61 62 66 70 72 73 74 75 76
first share  | 99    | answer_not_offered          | 78 80 81 83 84 86 90 97 103 105 108
first share  | blank | missing                     | 8 9 15 16 17 18 19 20 21 23 25 30 31 32 33 34
first share  | blank | missing                     | 35 36 37 38 39 40 41 42 43 44 45 46 47 48 49 51
first share  | blank | missing                     | 61 70 72 73 74 75 76 77 78 79 80 81 82 83 84 86
first share  | blank | missing                     | 90 97 101 102 103 104 105 106 107 108 109 111
outright     | 99    | answer_not_offered          | 11 13 14 67 126 129
outright     | blank | missing                     | 11 13 14 125 126 127 128 129 130
first share  | abc   | beds_not_a_number           | 19
first share  | E99   | answer_not_offered          | 29 34 41
first share  | abc   | age1_not_a_number           | 31
first share  | abc   | age2_not_a_number           | 38
first share  | abc   | hholdcount_not_a_number     | 44
first share  | abc   | age_of_others_not_a_number  | 46
six people   | 99    | answer_not_offered          | 53 55 56 99 100
six people   | blank | missing                     | 53 54 55 56 98 99 100
six people   | abc   | age_of_others_not_a_number  | 54
six people   | E99   | answer_not_offered          | 65
part stair   | 99    | answer_not_offered          | 68 69 89
first share  | abc   | income_not_a_number         | 77 79
first share  | abc   | savings_not_a_number        | 82
first share  | abc   | proplen_not_a_number        | 85
part stair   | abc   | stairbought_not_a_number    | 87
part stair   | blank | missing                     | 87 88 89
part stair   | abc   | stairowned_not_a_number     | 88
six people   | abc   | frombeds_not_a_number       | 98
first share  | abc   | value_not_a_number          | 101
first share  | abc   | equity_not_a_number         | 102
first share  | abc   | mortgage_not_a_number       | 104
first share  | abc   | mortlen_not_a_number        | 107
first share  | abc   | deposit_not_a_number        | 109
full stair   | abc   | cashdis_not_a_number        | 110
full stair   | blank | missing                     | 110
first share  | abc   | mrent_not_a_number          | 111
first share  | abc   | mscharge_not_a_number       | 112
right to buy | abc   | proplen_not_a_number        | 113
right to buy | abc   | value_not_a_number          | 114
right to buy | blank | missing                     | 114 116 117 118 119 121 122 123
acquire      | abc   | grant_not_a_number          | 115
acquire      | blank | missing                     | 115
right to buy | abc   | discount_not_a_number       | 116
right to buy | 99    | answer_not_offered          | 117 119 122
right to buy | abc   | mortgage_not_a_number       | 118
right to buy | abc   | mortlen_not_a_number        | 121
right to buy | abc   | deposit_not_a_number        | 123
right to buy | abc   | mscharge_not_a_number       | 124
outright     | abc   | value_not_a_number          | 125
outright     | abc   | mortgage_not_a_number       | 127
outright     | abc   | mortlen_not_a_number        | 128
outright     | abc   | deposit_not_a_number        | 130
company      | abc   | mscharge_not_a_number       | 131
""",
    2025: """
first share  | 99    | answer_not_offered          | 8 9 10 12 13 14 15 24 26 27 29 30 32 33 34 36
first share  | 99    | answer_not_offered          | 37 39 40 42 44 46 48 49 58 59 63 64 65 67 68 69
first share  | 99    | answer_not_offered          | 71 73 74 76 78 84 85 88
first share  | blank | missing                     | 8 9 10 12 13 14 15 17 19 24 25 26 27 28 29 30
first share  | blank | missing                     | 31 32 33 34 35 36 37 38 39 40 41 42 44 46 47 48
first share  | blank | missing                     | 49 58 63 64 65 67 68 69 70 71 72 73 74 75 76 78
first share  | blank | missing                     | 83 84 85 86 87 88 89 90 91 93
first share  | E99   | answer_not_offered          | 23 31 38
first share  | abc   | beds_not_a_number           | 25
first share  | abc   | age1_not_a_number           | 28
first share  | abc   | age2_not_a_number           | 35
first share  | abc   | hholdcount_not_a_number     | 41
six people   | 99    | answer_not_offered          | 45 50 52
six people   | blank | missing                     | 45 50 52
first share  | abc   | age_of_others_not_a_number  | 47
six people   | E99   | answer_not_offered          | 62
right to buy | 99    | answer_not_offered          | 66 116 119
right to buy | blank | missing                     | 66 113 115 116 117 118 119 120
first share  | abc   | income_not_a_number         | 70 72
first share  | abc   | savings_not_a_number        | 75
homebuy      | 99    | answer_not_offered          | 77
homebuy      | blank | missing                     | 77 92
first share  | abc   | proplen_not_a_number        | 79
first share  | abc   | frombeds_not_a_number       | 83
first share  | abc   | value_not_a_number          | 86
first share  | abc   | equity_not_a_number         | 87
first share  | abc   | mortgage_not_a_number       | 89
first share  | abc   | mortlen_not_a_number        | 90
first share  | abc   | deposit_not_a_number        | 91
homebuy      | abc   | cashdis_not_a_number        | 92
first share  | abc   | mrent_not_a_number          | 93
first share  | abc   | mscharge_not_a_number       | 94
first share  | abc   | management_fee_not_a_number | 95
full stair   | abc   | stairbought_not_a_number    | 96
full stair   | blank | missing                     | 96 98 99 103 107 108 109 110
full stair   | 99    | answer_not_offered          | 98 99 109
full stair   | abc   | numstair_not_a_number       | 103
full stair   | abc   | value_not_a_number          | 107
full stair   | abc   | equity_not_a_number         | 108
full stair   | abc   | mrentprestaircasing_not_a_number | 110
part stair   | abc   | mrent_not_a_number          | 111
part stair   | blank | missing                     | 111
right to buy | abc   | proplen_not_a_number        | 112
right to buy | abc   | value_not_a_number          | 113
equity loan  | abc   | grant_not_a_number          | 114
equity loan  | blank | missing                     | 114
right to buy | abc   | discount_not_a_number       | 115
right to buy | abc   | mortgage_not_a_number       | 117
right to buy | abc   | mortlen_not_a_number        | 118
right to buy | abc   | deposit_not_a_number        | 120
right to buy | abc   | mscharge_not_a_number       | 121
""",
    2026: """
first share  | 99    | answer_not_offered          | 8 9 10 12 13 14 15 24 25 27 28 30 31 33 35 36
first share  | 99    | answer_not_offered          | 37 39 40 42 44 45 47 49 50 71 72 76 78 80 81 82
first share  | 99    | answer_not_offered          | 84 86 87 89 91 101
first share  | blank | missing                     | 8 9 10 12 13 14 15 17 19 24 25 26 27 28 29 30
first share  | blank | missing                     | 31 33 34 35 36 37 38 39 40 42 43 44 45 46 47 49
first share  | blank | missing                     | 50 71 76 78 80 81 82 83 84 85 86 87 88 89 91 99
first share  | blank | missing                     | 100 101 102 103 104 106 107
homebuy      | E99   | answer_not_offered          | 23 75
first share  | abc   | beds_not_a_number           | 26
first share  | abc   | age1_not_a_number           | 29
first share  | E99   | answer_not_offered          | 34 43
first share  | abc   | age2_not_a_number           | 38
older        | blank | missing                     | 41 77 79 90
first share  | abc   | hholdcount_not_a_number     | 46
homebuy      | blank | missing                     | 51 52 53 54 55 56 59 61 62 96 97 98 105
homebuy      | 99    | answer_not_offered          | 52 53 55 56 58 59 61 62 97 98
homebuy      | abc   | age_of_others_not_a_number  | 54
older        | 99    | answer_not_offered          | 77 79 90
first share  | abc   | income_not_a_number         | 83 85
first share  | abc   | savings_not_a_number        | 88
homebuy      | abc   | proplen_not_a_number        | 92
homebuy      | abc   | frombeds_not_a_number       | 96
first share  | abc   | value_not_a_number          | 99
first share  | abc   | equity_not_a_number         | 100
first share  | abc   | mortgage_not_a_number       | 102
first share  | abc   | mortlen_not_a_number        | 103
first share  | abc   | deposit_not_a_number        | 104
homebuy      | abc   | cashdis_not_a_number        | 105
first share  | abc   | mrent_not_a_number          | 106
first share  | abc   | mscharge_not_a_number       | 107
homebuy      | abc   | management_fee_not_a_number | 108
full stair   | abc   | stairbought_not_a_number    | 109
full stair   | blank | missing                     | 109 111 112 116 120 121 122 123 125 126
full stair   | 99    | answer_not_offered          | 111 112 122
full stair   | abc   | numstair_not_a_number       | 116
full stair   | abc   | value_not_a_number          | 120
full stair   | abc   | equity_not_a_number         | 121
full stair   | abc   | mrentprestaircasing_not_a_number | 123
part stair   | abc   | mrent_not_a_number          | 124
part stair   | blank | missing                     | 124
full stair   | abc   | mscharge_not_a_number       | 125
full stair   | abc   | newservicecharges_not_a_number | 126
right to buy | abc   | proplen_not_a_number        | 127
right to buy | abc   | value_not_a_number          | 128
right to buy | blank | missing                     | 128 130 131 132 133 134 135 136
acquire      | abc   | grant_not_a_number          | 129
acquire      | blank | missing                     | 129
right to buy | abc   | discount_not_a_number       | 130
right to buy | 99    | answer_not_offered          | 131 134
right to buy | abc   | mortgage_not_a_number       | 132
right to buy | abc   | mortlen_not_a_number        | 133
right to buy | abc   | deposit_not_a_number        | 135
right to buy | abc   | mscharge_not_a_number       | 136
""",
}
# Columns of a valid sale changed together ("=" alone: left empty), and each rule that is to be told
# with a column that it is to name. "-": nothing, however close to a limit.
TOGETHER = {
    2023: """
first share | 111 = 10001 | shared_funds_do_not_match_share_soft@111
first share | 103 = 200001 | -
first share | 103 = 200002 | shared_funds_do_not_match_share_soft@103
homebuy | 112 = 15999 | shared_funds_do_not_match_share_soft@112
right to buy | 116 = 160000.01 | \
    discounted_funds_below_price@116 discounted_funds_do_not_match_price_soft@116
right to buy | 125 = 10001; 83 = 7510 | \
    discounted_funds_do_not_match_price_soft@125 extra_borrowing_not_reported@124
right to buy | 125 = 10001; 83 = 7510; 124 = 1 | discounted_funds_do_not_match_price_soft@125
right to buy | 118 = 100; 120 = 1; 125 = 0 | \
    discount_high_for_property@118 discounted_funds_do_not_match_price_soft@125 \
    extra_borrowing_not_reported@124
right to buy | 118 = 100.1 | \
    discount_high_for_property@118 discount_range_2023@118 \
    discounted_funds_do_not_match_price_soft@125 extra_borrowing_not_reported@124
right to buy | 64 = LS6; 65 = 3HN; 66 = | discounted_previous_postcode_differs@64
right to buy | 62 = 3 | -
right to buy | 122 = | missing@122
right to buy | 121 = 41 | answer_not_offered@121
right to buy | 119 = 3; 120 =; 121 =; 122 =; 123 =; 124 = | \
    discounted_funds_do_not_match_price_soft@119 mortgage_unknown_discounted@119
acquire | 117 = 8999; 125 = 10000; 120 = 111001 | grant_unusual_2023@117
acquire | 125 = 10001 | discounted_funds_do_not_match_price_soft@125
acquire | 126 = 0.5 | mscharge_range_2023@126
acquire | 126 = abc | mscharge_not_a_number@126
outright | 129 = 499999 | -
outright | 128 = 3; 129 =; 130 =; 132 =; 133 =; 134 = | mortgage_unknown_outright@128
outright | 128 = 2; 129 =; 130 =; 132 =; 133 =; 134 = | -
outright | 130 = 40; 131 = Harrow BS | -
outright | 130 = 40 | missing@131
outright | 36 = 2; 44 = 2 | nobody_lives_in_although_buyers_do@36
outright | 13 = 2; 36 =; 44 =; 71 = | -
outright | 12 = | missing@12
outright | 13 = | missing@13
outright | 14 = | missing@14
outright | 10 = 11 | answer_not_offered@10
outright | 10 = 12 | other_sale_not_described@11
company | 11 = | other_sale_not_described@11
company | 128 = | missing@128
first share | 93 = 8 | exchange_a_year_before_sale@93
first share | 92 = 10; 94 = 2023 | exchange_after_sale@92
first share | 95 = 9; 97 = 2020 | handover_3_years_before_sale@95
first share | 95 = 31; 96 = 6 | handover_not_real@95
first share | 92 = 31; 93 = 6 | answer_not_a_date@92
first share | 47 = 20 | child_aged_20_or_over@47 student_child_not_16_to_19@47
first share | 49 = 1 | child_16_to_19_not_student@49
first share | 47 = 15; 49 = | -
first share | 30 = 30 | child_less_than_12_years_younger@30
first share | 30 = 31 | -
first share | 37 = P; 46 = P; 49 = 7 | \
    more_than_one_partner@37 more_than_one_partner@46 person_student_not_child@46
first share | 46 = X | person_student_not_child@46
homebuy | 50 = P; 51 = 15; 53 = | under_16_is_partner@51
homebuy | 47 = 3; 49 = 1 | -
homebuy | 54 = X; 55 = 16; 57 = 7 | person_student_not_child@54
homebuy | 105 = 3 | mortgage_unknown_first_share@105
homebuy | 104 = 75.1; 111 = 209300 | -
homebuy | 91 = 2; 92 = 1; 93 = 4; 94 = 2023; 95 = 1; 96 = 4; 97 = 2023; 104 = 76; 111 = 212000 | \
    first_share_above_maximum_2023@104
homebuy | 104 = 24; 111 = 56000 | first_share_below_minimum_2023@104
part stair | 88 = 75 | bought_over_half@88
part stair | 88 = 76 | bought_more_than_owned@89 bought_over_half@88
part stair | 88 = 9 | bought_below_10_percent@88
part stair | 89 = 76 | older_persons_share_over_75@89
part stair | 105 = 3 | mortgage_unknown_part_owned@105
part stair | 78 = 4999 | buyer_income_unusual_for_work@78
part stair | 30 = 60 | older_persons_buyers_young@30
full stair | 80 = 45001 | shared_joint_income_over_cap_london@80
full stair | 99 = 3 | answer_not_offered@99
full stair | 99 = 2; 100 =; 101 =; 102 = | -
full stair | 100 = | missing@100
full stair | 33 = 826 | answer_not_offered@33
full stair | 32 = 20 | answer_not_offered@32
full stair | 72 = X | answer_not_offered@72
full stair | 16 = 10 | beds_range@16
full stair | 17 = 2; 16 = 1 | -
full stair | 17 = 2 | bedsit_has_one_bedroom@16
full stair | 37 = Q | answer_not_offered@37
full stair | 39 = Q | answer_not_offered@39
full stair | 83 = 15 | savings_step@83
full stair | 114 = -2 | mscharge_not_a_number@114 mscharge_range_2023@114
full stair | 86 = 4 | -
full stair | 86 = x | proplen_not_a_number@86
full stair | 28 = | missing@28
full stair | 29 = | missing@29
full stair | 24 = | postcode_format@24
full stair | 1 = ORG31 | assigned_to_unknown@2
full stair | 1 = ORG99 | owning_organisation_unknown@1
full stair | 34 = Martian; 42 = Venusian | -
company | 29 = 2 | answer_not_offered@29
homebuy | 58 = X; 59 = 70; 60 = M; 61 = 5 | -
homebuy | 58 = Y; 59 = 70; 60 = M; 61 = 5 | answer_not_offered@58
homebuy | 58 = X; 59 = x; 60 = M; 61 = 5 | age_of_others_not_a_number@59
homebuy | 58 = X; 59 = 70; 60 = B; 61 = 5 | answer_not_offered@60
homebuy | 58 = X; 59 = 70; 60 = M; 61 = 11 | answer_not_offered@61
homebuy | 55 = 20; 57 = 99 | answer_not_offered@57
first share | 68 = 2 | answer_not_offered@68
first share | 70 = 2 | answer_not_offered@70
first share | 107 = 40 | missing@108
first share | 3 = 31 | saledate_not_real@3
first share | 4 = 13 | saledate_not_real@4
first share | 5 = x | saledate_not_real@5
first share | 94 = x | answer_not_a_date@94
first share | 96 = 13 | handover_not_real@96
first share | 97 = x | handover_not_real@97
homebuy | 19 = | missing@20 missing@22 missing@24
homebuy | 19 = 12A | uprn_format@19
first share | 25 = | postcode_format@25
first share | 65 = | previous_postcode_format@65
first share | 2 = c@val.example | assigned_to_unknown@2
first share | 2 = z@fen.example | assigned_to_unknown@2
first share | 12 = 1; 13 = 1; 10 = 12 | -
right to buy | 87 = 1; 12 = 1; 103 = 5; 127 = 5 | -
homebuy | 92 = 1; 93 = 2; 94 = 2020; 95 = 1; 96 = 2; 97 = 2020; 88 = 5; 89 = 50 | -
right to buy | 9 = 99; 118 =; 117 = 56000 | answer_not_offered@9
""",
    2024: """
first share | 109 = 8251 | initial_share_funds_mortgage_2024@109
first share | 101 = 250002 | -
first share | 101 = 250003 | -
first share | 101 = 250004 | initial_share_funds_mortgage_2024@101
six people | 109 = 20001 | initial_share_funds_no_mortgage_2024@109
part stair | 109 = 3001 | staircase_funds_mortgage@109
part stair | 109 = 3000; 103 = 2; 104 =; 105 =; 107 =; 108 = | staircase_funds_no_mortgage@109
full stair | 110 = 16001 | staircase_funds_homebuy_no_mortgage@110
full stair | 109 = | -
full stair | 103 = 1; 104 = 84000; 105 = 1; 107 = 9; 108 = 2; 109 = 50000 | -
full stair | 103 = 1; 104 = 84000; 105 = 1; 107 = 9; 108 = 2; 109 = 50001 | \
    staircase_funds_homebuy_mortgage@104
right to buy | 114 = 350283.40 | discounted_funds_below_price@114
right to buy | 114 = 350283.41 | \
    discounted_funds_below_price@114 discounted_funds_do_not_match_price_2024@114
right to buy | 114 = 349717.06 | -
right to buy | 114 = 349717.05 | discounted_funds_do_not_match_price_2024@114
right to buy | 116 = 39.3; 118 = 192450 | discount_amount_over_cap_london@116
right to buy | 116 = 70.1; 118 = 84650 | \
    discount_amount_over_cap_london@116 discount_high_for_property@116 discount_range@116
right to buy | 117 = 3; 118 =; 119 =; 121 =; 122 = | mortgage_unknown_discounted@117
right to buy | 61 = 6 | discounted_buyer1_not_social_tenant@61
right to buy | 38 = 16 | missing@42
right to buy | 37 = P | person_partner_under_16@37
right to buy | 119 = 40 | missing@120
right to buy | 119 = 40; 120 = Kent Reliance | -
right to buy | 119 = 0 | -
right to buy | 119 = 42 | answer_not_offered@119
acquire | 115 = 8999; 123 = 111001 | grant_outside_range@115
acquire | 115 = 16000; 123 = 104000 | -
acquire | 114 = 120000.99 | -
acquire | 114 = 120001 | discounted_funds_do_not_match_price_no_discount@114
outright | 125 = 200000.99 | -
outright | 125 = 200001 | outright_funds_do_not_match_price@125
outright | 126 = 2; 127 =; 128 =; 129 =; 130 = | -
outright | 126 = 3; 127 =; 128 =; 129 =; 130 = | -
outright | 126 = | missing@126
outright | 127 = 0 | \
    mortgage_amount_is_zero@127 mortgage_range_2023@127 outright_funds_do_not_match_price@127
outright | 128 = 61 | mortlen_range@128
outright | 129 = | missing@129
outright | 131 = 0.5 | mscharge_range_2023@131
outright | 13 = 3 | answer_not_offered@13
outright | 13 = | missing@13
outright | 14 = | missing@14
outright | 15 = | missing@15
outright | 11 = | missing@11
outright | 11 = 12 | other_sale_not_described@12
outright | 11 = 12; 12 = Exchange | -
not living in | 16 = | missing@16
company | 12 = | other_sale_not_described@12
company | 17 = | missing@17
company | 18 = | missing@18
company | 126 = 1; 127 = 95000; 128 = 5; 129 = 2; 130 = 1000000 | deposit_range@130
six people | 86 = 2; 90 = 2; 91 = 1; 92 = 12; 93 = 2023; 94 = 1; 95 = 12; 96 = 2021 | -
first share | 91 = 3; 92 = 6 | -
first share | 91 = 4; 92 = 6 | exchange_after_sale@91
first share | 91 = 4; 92 = 6; 93 = 2023 | -
first share | 91 = 3; 92 = 6; 93 = 2023 | exchange_a_year_before_sale@93
first share | 91 = 31; 92 = 4 | answer_not_a_date@91
first share | 91 = | answer_not_a_date@91
first share | 91 =; 92 =; 93 = | missing@91
first share | 94 = 4; 95 = 6 | handover_after_sale@94
first share | 94 = 4; 95 = 6; 96 = 21 | -
first share | 94 = 3; 95 = 6; 96 = 21 | \
    handover_3_years_before_sale@96 handover_3_years_before_sale_soft@94
first share | 94 = 30; 95 = 2 | handover_not_real@94
first share | 90 = 1 | -
first share | 103 = 3; 104 =; 105 =; 106 =; 107 =; 108 = | mortgage_unknown_first_share@103
part stair | 103 = 3; 104 =; 105 =; 107 =; 108 =; 109 = 18000 | mortgage_unknown_part_owned@103
part stair | 87 = 9.9; 88 = 34.9 | bought_below_10_percent@87 staircase_funds_mortgage@87
part stair | 88 = 34.9 | shares_exceed_total_owned@88
part stair | 87 = 75.1; 88 = 100; 104 = 132180; 102 = 25; 89 = 1 | \
    bought_above_type_maximum@87 bought_over_half@87 shares_exceed_total_owned@87
part stair | 87 = 10.05; 88 = 35.05; 109 = 3090 | stairbought_step@87 stairowned_step@88
part stair | 88 = 10; 102 = 0 | bought_equals_owned@88 first_share_below_minimum@102
full stair | 111 = 12.5 | -
full stair | 102 = 24.9 | first_share_below_minimum@102
full stair | 102 = 25 | -
full stair | 77 = 90001 | shared_buyer_income_over_cap_london@77
first share | 79 = 40001 | shared_joint_income_over_cap_elsewhere@79
six people | 102 = 9.9; 109 = 19800 | first_share_below_minimum@102
six people | 102 = 75.1; 109 = 150200 | -
six people | 45 = X | person_student_not_child@45
six people | 56 = 7 | -
six people | 53 = A | answer_not_offered@53
six people | 85 = 81 | proplen_range_2023@85
six people | 85 = -1 | proplen_not_a_number@85 proplen_range_2023@85
six people | 98 = 0 | frombeds_range@98
six people | 99 = 0 | -
six people | 99 = 2 | previous_bedsit_has_one_bedroom@98
six people | 20 = 2; 19 = 1 | -
six people | 20 = 2; 19 = 2 | bedsit_has_one_bedroom@19
six people | 81 = 5 | answer_not_offered@81
six people | 76 = 1; 75 = 2 | wheelchair_but_not_disabled@76
six people | 62 = | missing@62
six people | 31 = 47; 35 = 5 | person_retired_young@35
first share | 40 = 20; 33 = 18 | -
first share | 66 = 2 | answer_not_offered@66
first share | 67 = 1; 68 = 1; 69 = 1 | -
first share | 106 = | missing@106
first share | 105 = 0; 106 = | -
first share | 107 = | missing@107
first share | 108 = 3 | -
first share | 112 = -1 | mscharge_not_a_number@112 mscharge_range_2023@112
first share | 112 = 300.01 | monthly_charge_high@112
first share | 82 = 20005 | savings_step@82
first share | 82 = 6180 | deposit_high_for_savings@82
first share | 64 = 2 | previous_postcode_format@64
first share | 77 = 4999 | buyer_income_unusual_for_work@77
first share | 2 = ORG7 | assigned_to_unknown@3
first share | 2 = ORG42 | assigned_to_unknown@3 managing_organisation_unknown@2
first share | 4 = 31 | saledate_not_real@4
first share | 4 = 31; 5 = 3; 6 = 24; 91 = 1; 92 = 3 | \
    date_outside_file_year@4 saledate_year_not_open_for_new@4
six people | 57 = X; 58 = 70; 59 = M; 60 = 5 | -
six people | 57 = Y; 58 = 70; 59 = M; 60 = 5 | answer_not_offered@57
six people | 57 = X; 58 = x; 59 = M; 60 = 5 | age_of_others_not_a_number@58
six people | 57 = X; 58 = 70; 59 = B; 60 = 5 | answer_not_offered@59
six people | 57 = X; 58 = 70; 59 = M; 60 = 11 | answer_not_offered@60
first share | 50 = 17; 52 = 99 | answer_not_offered@52
first share | 70 = 2 | missing@71
first share | 70 = 2; 71 = 8 | answer_not_offered@71
first share | 70 = 2; 71 = R | -
first share | 5 = 13 | saledate_not_real@5
first share | 6 = x | saledate_not_real@6
first share | 92 = 13 | answer_not_a_date@92
first share | 93 = x | answer_not_a_date@93
first share | 95 = 13 | handover_not_real@95
first share | 96 = x | handover_not_real@96
full stair | 22 = | missing@23 missing@25 missing@27
full stair | 22 = 12A | uprn_format@22
first share | 27 = | postcode_format@27
first share | 28 = | postcode_format@28
first share | 13 = 1; 14 = 1; 11 = 12 | -
right to buy | 62 = 2; 63 = LS6; 64 = 3HN; 65 = W06000015; 86 = 1; 13 = 1; 101 = 5 | -
six people | 91 = 1; 92 = 2; 93 = 2020; 94 = 1; 95 = 2; 96 = 2020; 87 = 5; 88 = 50 | -
right to buy | 10 = 99; 116 =; 115 = 133700 | answer_not_offered@10
first share | 1 = ORG99 | owning_organisation_unknown@1
first share | 63 = | previous_postcode_format@63
""",
    2025: """
first share | 91 = 6001 | initial_share_funds_mortgage_2024@91
first share | 91 = 5999 | initial_share_funds_mortgage_2024@91
homebuy | 92 = 13001 | initial_share_funds_homebuy_no_mortgage_2024@92
six people | 91 = 11001 | initial_share_funds_no_mortgage_2024@91
first share | 86 = 240003 | -
first share | 86 = 240004 | initial_share_funds_mortgage_2024@86
homebuy | 88 = 1; 89 = 2600; 90 = 20; 91 = 87900; 71 = 1 | -
first share | 88 = 3; 89 =; 90 = | mortgage_unknown_first_share@88
right to buy | 116 = 3; 117 =; 118 =; 119 = | mortgage_unknown_discounted@116
part stair | 109 = 3 | mortgage_unknown_part_owned@109
right to buy | 117 = 200168; 118 = 20 | -
right to buy | 117 = 200170 | discounted_funds_do_not_match_price_2024@117
right to buy | 113 = 340001.53 | -
right to buy | 113 = 340001.54 | discounted_funds_below_price@113
right to buy | 117 = 200169 | -
right to buy | 113 = 340000.505 | value_step_other_2023@113
equity loan | 113 = 405000.99 | -
equity loan | 113 = 405001 | discounted_funds_do_not_match_price_no_discount@113
equity loan | 113 = 404999.01 | -
equity loan | 113 = 404999 | discounted_funds_do_not_match_price_no_discount@113
equity loan | 114 = 16000; 117 = 369000 | mortgage_over_five_times_income@117
first share | 79 = 0 | -
first share | 79 = 80 | -
first share | 79 = 81 | proplen_range_2023@79
first share | 79 = -5 | proplen_not_a_number@79 proplen_range_2023@79
first share | 80 = 12 | handover_5_years_before_sale@80
first share | 80 = 12; 82 = 2025 | -
first share | 82 = 2025 | handover_after_sale@80
full stair | 106 = 1979 | last_purchase_before_1980@106 last_purchase_before_first@104
full stair | 102 = 1981; 106 = 1981 | -
full stair | 104 = 2; 105 = 3; 106 = 2026 | -
full stair | 104 = 3; 105 = 3; 106 = 2026 | last_purchase_after_sale@104
part stair | 100 = 15; 101 = 10; 102 = 2025; 104 = 15; 105 = 10; 106 = 2025 | -
part stair | 100 = 16; 101 = 10; 102 = 2025; 104 = 16; 105 = 10; 106 = 2025 | \
    first_purchase_after_sale@100 last_purchase_after_sale@104
full stair | 96 = 50; 108 = 49 | -
full stair | 96 = 51; 108 = 48 | bought_above_type_maximum@96 bought_over_half@96
full stair | 108 = 74.1 | no_room_for_earlier_purchases@103
full stair | 98 = | missing@98
full stair | 98 = 4 | answer_not_offered@98
first share | 70 = 70001 | shared_joint_income_over_cap_elsewhere@70
right to buy | 70 = 90001 | \
    discounted_buyer_income_high_london@70 discounted_joint_income_high_london@70
right to buy | 70 = 89401 | discounted_joint_income_high_london@72
right to buy | 115 = 35.1; 117 = 199660 | discount_high_for_property@115
right to buy | 115 = 71; 117 = 77600 | \
    discount_range@115 discount_high_for_property@115 discount_amount_over_cap_london@115
voluntary | 115 = 50.5; 117 = 39550 | discount_high_for_property@115
voluntary | 114 = 4 | -
first share | 86 = 999999; 87 = 10; 89 = 94000 | first_share_below_minimum@87
six people | 86 = 1000000; 91 = 100000 | value_range_2025@86
six people | 87 = 9.9; 91 = 10890 | first_share_below_minimum@87
six people | 87 = 75.1; 91 = 82610 | -
six people | 87 = 75.1; 91 = 82610; 78 = 2; 80 = 1; 81 = 4; 82 = 2025 | first_share_above_maximum@87
six people | 49 = 9 | missing@49
six people | 48 = Z | answer_not_offered@48
first share | 34 = P | answer_not_offered@34
first share | 34 = 4 | answer_not_offered@34
first share | 47 = 12; 49 = 10 | -
first share | 35 = 15 | age2_range_buyer2@35 person_partner_under_16@34
first share | 36 = U | answer_not_offered@36
first share | 23 = E08000019; 22 = 9XX | answer_not_offered@23
first share | 23 = E08000039; 22 = 9XX | -
six people | 58 = 8 | answer_not_offered@58
six people | 59 = 0 | answer_not_offered@59
six people | 62 = E06000999 | answer_not_offered@62
six people | 62 = | -
first share | 31 = 900 | answer_not_offered@31
first share | 64 = R | -
first share | 65 = 1; 66 = 10 | -
first share | 65 = 1 | missing@66
first share | 66 = 5 | -
homebuy | 70 = 519 | buyer_income_unusual_for_work@70
homebuy | 70 = 80000; 75 = 100010 | savings_high_by_type@75
homebuy | 28 = 65 | person_retired_young@28
homebuy | 32 = 1; 28 = 67; 70 = 20000 | person_not_retired_old@28
homebuy | 32 = 9 | buyer_is_a_child@32
homebuy | 92 = | missing@92
right to buy | 58 = 5 | discounted_buyer1_not_social_tenant@58
right to buy | 11 = 10; 115 =; 114 = 119000 | answer_not_offered@11
right to buy | 118 = 61 | mortlen_range@118
right to buy | 118 = R | mortlen_not_a_number@118
right to buy | 121 = 0 | -
right to buy | 121 = 0.99 | mscharge_range_discounted@121
right to buy | 121 = abc | mscharge_not_a_number@121
right to buy | 121 = 10000.00 | monthly_charge_high@121
first share | 94 = 9999.99 | monthly_charge_high@94
first share | 94 = 10000 | monthly_charge_high@94 mscharge_range_shared@94
first share | 95 = 9999.01 | management_fee_range@95
first share | 93 = 495.505 | mrent_step@93
part stair | 107 = 301000 | price_outside_local_range@107
part stair | 111 = | missing@111
part stair | 111 = 9999.50 | monthly_rent_too_high@111
right to buy | 1 = 31; 2 = 3 | date_outside_file_year@1 saledate_year_not_open_for_new@1
first share | 1 = 25; 2 = 4; 3 = 2026; 80 = 26; 81 = 4; 82 = 2021 | saledate_over_14_days_ahead@1
six people | 54 = 2; 55 = 70; 56 = M; 57 = 5 | -
six people | 54 = 4; 55 = 70; 56 = M; 57 = 5 | answer_not_offered@54
six people | 54 = 2; 55 = x; 56 = M; 57 = 5 | age_of_others_not_a_number@55
six people | 54 = 2; 55 = 70; 56 = B; 57 = 5 | answer_not_offered@56
six people | 54 = 2; 55 = 70; 56 = M; 57 = 11 | answer_not_offered@57
six people | 51 = 18; 53 = 99 | answer_not_offered@53
first share | 1 = 32 | saledate_not_real@1
first share | 2 = 13 | saledate_not_real@2
first share | 3 = x | saledate_not_real@3
first share | 81 = 13 | handover_not_real@81
first share | 82 = x | handover_not_real@82
full stair | 100 = 32 | answer_not_a_date@100
full stair | 101 = 13 | answer_not_a_date@101
full stair | 105 = 13 | answer_not_a_date@105
full stair | 104 = 0 | answer_not_a_date@104
homebuy | 16 =; 23 = | missing@17 missing@19 missing@21 missing@23
first share | 21 = | postcode_format@21
first share | 61 = | previous_postcode_format@60
first share | 5 = ORG42 | managing_organisation_unknown@5
first share | 6 = c@val.example | assigned_to_unknown@6
right to buy | 59 = 2; 60 = LS6; 61 = 3HN; 62 = W06000015; 10 = 1; 79 = 5; 86 = 5; 87 = 5 | -
full stair | 30 = 1; 31 = 826; 32 = 1; 41 = 3; 58 = 3; 70 = 20000; 75 = 500; 94 = 10; 91 = 5 | -
homebuy | 79 = 3; 80 = 1; 81 = 2; 82 = 2024; 96 = 5; 97 = 50; 98 = 1; 99 = 1; 103 = 3 | -
first share | 4 = ORG99 | owning_organisation_unknown@4
first share | 43 = 111; 45 = 5 | age_of_others_range@43
part stair | 97 = 46.05 | stairowned_step@97
""",
    2026: """
first share | 99 = 260651 | -
first share | 99 = 260652 | initial_share_funds_mortgage@99
first share | 99 = 259352 | -
first share | 99 = 259351 | initial_share_funds_mortgage@102
first share | 104 = 10660 | -
first share | 104 = 10661 | initial_share_funds_mortgage@104
first share | 104 = 10400.01 | deposit_step@104
homebuy | 105 = 15580 | -
homebuy | 105 = 15579 | initial_share_funds_homebuy_mortgage@105
homebuy | 101 = 2; 102 =; 103 =; 104 = 194000 | -
homebuy | 101 = 2; 102 =; 103 =; 104 = 193579 | initial_share_funds_homebuy_no_mortgage@104
homebuy | 101 = 3; 102 =; 103 = | -
older | 104 = 179760 | -
older | 104 = 179759 | initial_share_funds_no_mortgage@104
right to buy | 132 = 95180 | -
right to buy | 132 = 95181 | discounted_funds_do_not_match_price@132
right to buy | 128 = 180300 | -
right to buy | 128 = 180301 | discounted_funds_do_not_match_price@128
right to buy | 128 = 258500; 132 = 142100; 83 = 30000 | -
right to buy | 128 = 258502; 132 = 142101; 83 = 30000 | discount_amount_over_cap_elsewhere@130
right to buy | 130 = 40.05 | discount_step@130
right to buy | 128 = 180000.50 | value_step_discounted@128
acquire | 129 = 9000; 135 = 87000 | -
acquire | 129 = 8999; 135 = 87001 | grant_outside_range@129
acquire | 129 = 16001; 135 = 79999 | grant_outside_range@129
acquire | 135 = 84001 | discounted_funds_do_not_match_price_no_discount@135
rent to buy | 135 = 25001 | discounted_funds_do_not_match_price_no_discount@135
rent to buy | 131 = 3; 132 =; 133 =; 134 = | -
first share | 83 = 65500 | -
first share | 83 = 65501 | shared_joint_income_over_cap_elsewhere@83
first share | 83 = 80001 | \
    shared_buyer_income_over_cap_elsewhere@83 shared_joint_income_over_cap_elsewhere@85
homebuy | 83 = 90000 | -
homebuy | 83 = 90001 | shared_buyer_income_over_cap_london@83
full stair | 121 = 24.9 | first_share_below_minimum@121
part stair | 121 = 9.9 | first_share_below_minimum@121
full stair | 109 = 10 | -
full stair | 109 = 9.9 | bought_below_10_percent@109
part stair | 109 = 0.9 | bought_below_1_percent@109
part stair | 109 = 1.1 | shares_exceed_total_owned@109
full stair | 116 = 10 | -
full stair | 116 = 11 | numstair_range@116
full stair | 116 = 1 | missing@116
full stair | 109 = 73; 116 = 3 | bought_over_half@109
full stair | 109 = 73; 116 = 4 | bought_over_half@109 no_room_for_earlier_purchases@116
full stair | 111 =; 110 = 99; 124 = 12 | -
part stair | 113 = 29; 114 = 6; 115 = 2026 | -
part stair | 113 = 30; 114 = 6; 115 = 2026 | first_purchase_not_before_sale@113
part stair | 113 = 31; 114 = 12; 115 = 1979 | first_purchase_before_1980@115
part stair | 113 = 29; 114 = 2; 115 = 2023 | answer_not_a_date@113
full stair | 117 = 1; 118 = 4; 119 = 2005 | last_purchase_not_after_first@117
full stair | 117 = 28; 118 = 9; 119 = 2026 | last_purchase_not_before_sale@117
full stair | 117 = 31; 118 = 6 | answer_not_a_date@117
full stair | 126 = 88.40 | new_service_charge_unchanged@126
full stair | 125 = R; 126 = 88.40 | -
full stair | 120 = 14999 | value_range@120
full stair | 120 = 999999 | -
full stair | 120 = 1000000 | value_range@120
full stair | 123 = 10000 | mrentprestaircasing_range@123
first share | 93 = 14; 94 = 5 | -
first share | 93 = 15; 94 = 5 | handover_after_sale@93
first share | 93 = 15; 94 = 5; 95 = 2021 | -
first share | 93 = 14; 94 = 5; 95 = 2021 | handover_5_years_before_sale@95
first share | 93 = 31; 94 = 4 | handover_not_real@93
first share | 95 = | handover_not_real@95
first share | 91 = 1 | -
first share | 1 = 12; 2 = 10 | -
first share | 1 = 13; 2 = 10 | saledate_over_14_days_ahead@1
first share | 1 = 31; 2 = 3; 93 = 1; 94 = 3 | \
    date_outside_file_year@1 saledate_year_not_open_for_new@1
first share | 1 = 31; 2 = 6 | saledate_not_real@1
first share | 3 = | saledate_not_real@3
first share | 1 =; 2 =; 3 = | missing@1
first share | 29 = 15 | age1_range@29
first share | 29 = 110 | person_not_retired_old@29
first share | 29 = 111 | age1_range@29 person_not_retired_old@29
first share | 38 = 15; 37 = 2 | age2_range_buyer2@38
right to buy | 38 = 111; 44 = 5 | age2_range_person2@38
homebuy | 48 = 111; 52 = 5 | age_of_others_range@48
first share | 46 = 15 | -
first share | 46 = 16 | hholdcount_range@46
first share | 46 = 0 | hholdcount_range@46
first share | 46 = 2.5 | hholdcount_step@46
first share | 26 = 10 | beds_range@26
first share | 26 = 0 | beds_range@26
homebuy | 96 = 7 | frombeds_range@96
older | 96 = 2 | previous_bedsit_has_one_bedroom@96
first share | 88 = 24005 | savings_step@88
first share | 88 = 7800 | -
first share | 88 = 7790 | deposit_high_for_savings@88
first share | 88 = 100010 | savings_high_by_type@88
older | 88 = 200010 | savings_high_by_type@88
first share | 83 = 32000.50 | income_step@83
first share | 83 = 13399 | buyer_income_unusual_for_work@83
first share | 84 = 2 | mortgage_over_five_times_income@84
first share | 99 = 260000.5 | value_step_shared@99
first share | 103 = 60 | -
first share | 103 = 61 | mortlen_range@103
first share | 103 = R | mortlen_not_a_number@103
homebuy | 103 = 0 | -
first share | 106 = 9999.01 | monthly_rent_too_high@106
first share | 106 = 357.505 | mrent_step@106
first share | 107 = 0 | monthly_charge_is_zero@107 mscharge_range_shared@107
first share | 107 = 300.01 | monthly_charge_high@107
first share | 107 = 10000 | monthly_charge_high@107 mscharge_range_shared@107
first share | 107 = -5 | mscharge_not_a_number@107 mscharge_range_shared@107
first share | 108 = 10000 | management_fee_range@108
first share | 108 = -5 | management_fee_not_a_number@108
right to buy | 136 = 0.5 | mscharge_range_discounted@136
right to buy | 127 = 81 | proplen_range@127
right to buy | 127 = 0.5 | proplen_range@127 proplen_step@127
right to buy | 127 = -5 | proplen_not_a_number@127 proplen_range@127
right to buy | 71 = 3 | discounted_buyer1_not_social_tenant@71
right to buy | 71 = R | discounted_buyer1_not_social_tenant@71
first share | 81 = 2; 82 = 1 | wheelchair_but_not_disabled@82
first share | 36 = 2 | buyer1_not_living_in@36
first share | 35 = 9 | buyer_is_a_child@35
first share | 44 = 9; 85 = R; 86 = 2; 83 = 20000 | \
    buyer_is_a_child@44 buyer2_cannot_be_child@44 child_working_status_too_old@44
homebuy | 37 = 1; 47 = 1 | several_partners@37
homebuy | 53 = 1 | person_partner_under_16@53
older | 29 = 63; 38 = 63; 44 = 8 | older_persons_buyers_young@29
older | 38 = 65 | person_retired_young@38
homebuy | 16 = 1234567890123 | uprn_format@16
homebuy | 16 = 12A | uprn_format@16
first share | 22 = 7H | missing@23 postcode_format@21
first share | 73 = QQQ | previous_postcode_format@73
older | 23 = W06000015 | answer_not_offered@23 la_not_in_england@23
older | 23 = E08000016 | answer_not_offered@23
older | 23 = | missing@23
first share | 30 = X | answer_not_offered@30
older | 79 = 10 | answer_not_offered@79
right to buy | 11 = 27; 130 =; 129 = 72000 | answer_not_offered@11
first share | 9 = 9 | missing@9
first share | 8 = 3 | answer_not_offered@8
first share | 10 = 3 | answer_not_offered@10
first share | 15 = 2 | answer_not_offered@15
first share | 15 = 0 | answer_not_offered@15
first share | 4 = ORG31 | managing_organisation_unknown@5
first share | 4 = ORG42 | managing_organisation_unknown@5
first share | 4 = ORG19; 5 = ORG19; 6 = b@agt.example | owning_organisation_unknown@4
first share | 5 = ORG42 | managing_organisation_unknown@5
first share | 6 = z@fen.example | assigned_to_unknown@6
first share | 6 = c@val.example | assigned_to_unknown@6
first share | 6 = b@agt.example | assigned_to_unknown@6
first share | 32 = anything | -
homebuy | 51 = | missing@51
first share | 99 = 300001; 102 = 109601 | price_outside_local_range@99
first share | 102 = 0 | \
    initial_share_funds_mortgage@102 mortgage_amount_is_zero@102 mortgage_range@102
first share | 102 = 1e5 | mortgage_not_a_number@102
first share | 102 = 93600% | mortgage_not_a_number@102
first share | 100 = 40.05 | equity_step@100
first share | 42 = 20; 33 = 20 | -
homebuy | 65 = 2; 66 = 17; 67 = F; 68 = 1; 70 = 7 | -
homebuy | 65 = 9; 66 = 17; 67 = F; 68 = 1; 70 = 7 | answer_not_offered@65
homebuy | 65 = 2; 66 = x; 67 = F; 68 = 1; 70 = 7 | age_of_others_not_a_number@66
homebuy | 65 = 2; 66 = 17; 67 = X; 68 = 1; 70 = 7 | answer_not_offered@67
homebuy | 65 = 2; 66 = 17; 67 = F; 68 = 4; 70 = 7 | answer_not_offered@68
homebuy | 65 = 2; 66 = 17; 67 = F; 68 = 2; 70 = 7 | missing@69
homebuy | 65 = 2; 66 = 17; 67 = F; 68 = 1; 70 = 11 | answer_not_offered@70
homebuy | 56 = 2 | missing@57
homebuy | 62 = 2 | missing@63
homebuy | 60 = 18; 64 = 11 | answer_not_offered@64
homebuy | 16 =; 17 = 8 Packer Row; 19 = London; 21 = N1; 22 = 7AA | -
homebuy | 16 = | missing@17 missing@19 missing@21
homebuy | 94 = 13 | handover_not_real@94
homebuy | 95 = x | handover_not_real@95
first share | 1 = 32 | saledate_not_real@1
first share | 2 = 13 | saledate_not_real@2
first share | 3 = x | saledate_not_real@3
full stair | 114 = 13 | answer_not_a_date@114
full stair | 115 = x | answer_not_a_date@115
full stair | 118 = 0 | answer_not_a_date@118
full stair | 119 = x | answer_not_a_date@119
first share | 21 = YO11; 22 = | postcode_incomplete@21 missing@23
first share | 22 = | postcode_format@22 missing@23
first share | 73 = | previous_postcode_format@73
first share | 74 = | previous_postcode_format@74
first share | 20 =; 18 = Rear | -
first share | 7 = | -
right to buy | 72 = 2; 73 = LS6; 74 = 3HN; 75 = W06000015; 10 = 1; 92 = 5; 99 = 5; 100 = 5 | -
full stair | 33 = 1; 34 = 826; 35 = 1; 46 = 3; 71 = 3; 83 = 20000; 88 = 500; 99 = 1; 102 = 5 | -
older | 92 = 3; 93 = 1; 94 = 2; 95 = 2026; 109 = 5; 110 = 50; 111 = 1; 112 = 1; 116 = 3 | -
part stair | 110 = 41.55 | stairowned_step@110
""",
}
UPRN = {"address_line1": "8 Packer Row", "town_or_city": "London", "postcode": "N1 7AA"}


@dataclass
class Sale:
    """A valid sale: its columns by number, and what variables become (None: no answer)."""

    columns: dict[str, str] = field(default_factory=dict)
    becomes: dict[str, str | None] = field(default_factory=dict)


@cache
def sales(year: int) -> dict[str, Sale]:
    """The valid sales of a year by their headings."""
    found: dict[str, Sale] = {}
    for table in VALID[year]:
        heading, *lines = ([c.strip() for c in line.split("|")] for line in _lines(table))
        names = heading[1:]
        found |= {name: Sale() for name in names}
        for label, *cells in lines:
            for name, cell in zip(names, cells, strict=False):
                if cell and label.startswith("= "):
                    found[name].becomes[label[2:]] = None if cell == "-" else cell
                elif cell:
                    found[name].columns[label.split()[0]] = cell
    return found


def _lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip()]


@cache
def context() -> dict[str, Any]:
    """What the vendor's customers are, and where their homes lie."""

    def institution(code: str, kind: str, owns: bool) -> dict[str, Any]:
        return {"code": code, "name": code, "provider_type": kind, "holds_own_stock": owns}

    def person(email: str, organisation: str) -> dict[str, str]:
        return {"email": email, "role": "data_provider", "organisation": organisation}

    registry = {
        "institutions": [
            institution("ORG7", "PRP", True),
            institution("ORG19", "PRP", False),
            institution("ORG31", "PRP", True),
            institution("ORG42", "LA", True),
        ],
        "relationships": [{"stock_owner": "ORG7", "managing_agent": "ORG19"}],
        "users": [
            person("a@fen.example", "ORG7"),
            person("b@agt.example", "ORG19"),
            person("c@val.example", "ORG42"),
        ],
    }
    # The directory still has Sheffield's old code.
    postcodes = {
        **{"LS2 7HG": "E08000035", "LS6 3HN": "E08000035", "S1 2HE": "E08000019"},
        **{"N1 7AA": "E09000019", "E8 1EA": "E09000012", "PE30 1LL": "E07000146"},
    }
    usual = {"E08000035": (80000, 300000), "E09000019": (250000, 900000)}
    ranges = [
        {"la": la, "bedrooms": bedrooms, "soft_min": least, "soft_max": most}
        for la, (least, most) in usual.items()
        for bedrooms in range(1, 5)
    ]
    return {"registry": registry, "postcodes": postcodes, "sale_ranges": ranges}


@dataclass
class Wrong:
    """A valid sale with something else in it: `told` has a rule and the column that it names.

    What was `unusual` before may be so no longer.
    """

    name: str
    columns: dict[str, str]
    told: list[tuple[str, int]]
    unusual: tuple[str, ...]


@cache
def wrong(year: int) -> list[Wrong]:
    """Every change of a valid sale that is told, or that is to pass."""
    found = []
    for line in _lines(ONE_BY_ONE[year]):
        name, given, rule, numbers = (cell.strip() for cell in line.split("|"))
        for number in numbers.split():
            changed = {number: "" if given == "blank" else given}
            found.append(_changed(year, name, changed, [(rule, int(number))]))
    for line in _lines(TOGETHER[year]):
        name, changes, told = (cell.strip() for cell in line.split("|"))
        parts = [change.partition("=") for change in changes.split("; ")]
        changed = {number.strip(): value.strip() for number, _, value in parts}
        wanted = [each.split("@") for each in told.split() if each != "-"]
        found.append(_changed(year, name, changed, [(rule, int(at)) for rule, at in wanted]))
    return found


def _changed(year: int, name: str, changes: dict[str, str], told: list[tuple[str, int]]) -> Wrong:
    columns = {**sales(year)[name].columns, **changes}
    shown = "; ".join(f"{number} = {value}" for number, value in changes.items())
    return Wrong(f"{name}: {shown}", columns, told, UNUSUAL.get((year, name), ()))


# What a spreadsheet, or another program, makes of a right value.
Change = Callable[[UploadColumn, str], str]
WORDS = re.compile("purchid|address|town|county|othtype|lenderother|gender_description")
MONEY = re.compile(
    "value|mortgage$|deposit|cashdis|grant|income.$|savings|mrent|mscharge|newservice|management_fee"
)
OWNERS = frozenset(["owning_organisation_id", "managing_organisation_id"])


def _pounds(column: UploadColumn, value: str) -> str:
    is_money = MONEY.match(column.variables[0]) and value.replace(".", "").isdecimal()
    return f"£{Decimal(value):,.2f}" if is_money else value


def _years(column: UploadColumn, value: str) -> str:
    if column.part != "year":
        return value
    return f"20{value}" if len(value) == 2 else value.removeprefix("20")


MANGLED: dict[str, Change] = {
    "1.00 for 1": lambda column, value: f"{value}.00" if value.isdecimal() else value,
    "£1,200.50": _pounds,
    "small letters": lambda column, value: value.lower(),
    "capitals": lambda column, value: value.upper(),
    "stray spaces": lambda column, value: f" {value}\t",
    "hard spaces": lambda column, value: f"\u00a0{value}\u00a0",
    "years of two or four digits": _years,
    "leading zeros": lambda column, value: f"0{value}" if re.fullmatch("[0-9]", value) else value,
    "codes without ORG": lambda column, value: (
        value.removeprefix("ORG") if column.variables[0] in OWNERS else value
    ),
    "codes with zeros": lambda column, value: (
        value.replace("ORG", "org 00") if column.variables[0] in OWNERS else value
    ),
}


@cache
def _columns(year: int) -> dict[str, UploadColumn]:
    return {str(column.field): column for column in load("sales", year).upload_columns}


@cache
def mangled(year: int) -> dict[tuple[str, str], dict[str, str]]:
    """Valid sales as somebody else writes them, by heading and what was done."""
    found = {}
    for name, sale in sales(year).items():
        for what, change in MANGLED.items():
            found[name, what] = {
                number: change(_columns(year)[number], value)
                if not WORDS.search(_columns(year)[number].variables[0])
                else value
                for number, value in sale.columns.items()
            }
        found[name, "postcode in its first column"] = _joined(year, sale.columns, False)
        found[name, "postcode in its second column"] = _joined(year, sale.columns, True)
        found[name, "date in its first column"] = _in_one_cell(year, sale.columns)
    return found


def _joined(year: int, columns: dict[str, str], second: bool) -> dict[str, str]:
    joined = dict(columns)
    for name in ("postcode_full", "ppostcode_full"):
        places = [n for n, c in _columns(year).items() if c.variables[:1] == (name,)]
        if all(place in columns for place in places):
            texts = [joined.pop(place) for place in places]
            joined[places[second]] = "".join(texts)
    return joined


def _in_one_cell(year: int, columns: dict[str, str]) -> dict[str, str]:
    joined = dict(columns)
    for day, column in _columns(year).items():
        places = [str(int(day) + after) for after in range(3)]
        if column.part == "day" and all(place in columns for place in places):
            joined[day] = "/".join(joined.pop(place) for place in places)
    return joined


@cache
def checked(year: int) -> dict[Any, dict[str, Any]]:
    """What is found in all rows of a year, checked in one go."""
    rows: dict[Any, dict[str, str]] = {name: sale.columns for name, sale in sales(year).items()}
    rows |= mangled(year)
    rows |= {case.name: case.columns for case in wrong(year)}
    requests = [
        Request.read(
            {
                **{"collection": "sales", "year": year, "today": TODAYS[year]},
                **{"columns": columns, "context": {**context(), "address_of_uprn": UPRN}},
            }
        )
        for columns in rows.values()
    ]
    return dict(zip(rows, check_requests(requests), strict=True))


def _same(found: Any, wanted: str | None) -> bool:
    if found is None or wanted is None:
        return found is wanted
    if isinstance(found, bool):
        return str(found).lower() == wanted
    try:
        return Decimal(str(found)) == Decimal(wanted)
    except InvalidOperation:
        return str(found) == wanted


def _are_told(findings: list[dict[str, Any]], told: list[tuple[str, int]]) -> bool:
    """Whether these rules are told, each naming its column, and no others."""
    return Counter(f["rule"] for f in findings) == Counter(rule for rule, _ in told) and all(
        any(f["rule"] == rule and column in f["columns"] for f in findings) for rule, column in told
    )


@pytest.mark.parametrize("year", YEARS)
def test_valid_sales_pass_with_nothing_to_mend(year: int) -> None:
    results = {name: checked(year)[name]["findings"] for name in sales(year)}
    told = {
        (year, name): tuple(sorted(finding["rule"] for finding in found))
        for name, found in results.items()
        if found
    }
    assert told == {key: rules for key, rules in UNUSUAL.items() if key[0] == year}
    severities = {finding["severity"] for found in results.values() for finding in found}
    assert severities <= {"soft"}


@pytest.mark.parametrize("year", YEARS)
def test_valid_sales_become_what_was_worked_out_by_hand(year: int) -> None:
    different = {}
    for name, sale in sales(year).items():
        values = {**checked(year)[name]["log"], **checked(year)[name]["derived"]}
        for variable, wanted in sale.becomes.items():
            if not _same(values[variable], wanted):
                different[name, variable] = (values[variable], wanted)
    assert different == {}


@pytest.mark.parametrize("year", YEARS)
def test_what_is_wrong_is_told_where_it_is_and_nothing_else_is(year: int) -> None:
    missed = {}
    for case in wrong(year):
        found = [f for f in checked(year)[case.name]["findings"] if f["rule"] not in case.unusual]
        if not _are_told(found, case.told):
            missed[case.name] = [(f["rule"], f["columns"]) for f in found]
    assert missed == {}


@pytest.mark.parametrize("year", YEARS)
def test_right_values_are_read_however_a_spreadsheet_writes_them(year: int) -> None:
    different = {}
    for (name, what), columns in mangled(year).items():
        result, plain = checked(year)[name, what], checked(year)[name]
        told = [finding["rule"] for finding in result["findings"]]
        if result["log"] != plain["log"] or told != [f["rule"] for f in plain["findings"]]:
            different[name, what] = (columns, told)
    assert different == {}


@pytest.mark.parametrize("year", YEARS)
@pytest.mark.parametrize("order", ["as in the template", "backwards"])
def test_a_whole_file_comes_to_the_same(year: int, order: str) -> None:
    numbers = list(_columns(year))
    if order == "backwards":
        numbers.reverse()
    # Nothing is known of addresses here, so the sale that is found by its number is left out.
    by_number = next(n for n, c in _columns(year).items() if c.variables[0] == "uprn")
    names = [name for name, sale in sales(year).items() if by_number not in sale.columns]
    rows = [sales(year)[name].columns for name in names]
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["Question", *("What is it?" for _ in numbers)])
    writer.writerow(["Field number", *numbers])
    writer.writerows([["", *(row.get(number, "") for number in numbers)] for row in rows])
    table = read_upload(out.getvalue().encode("utf-8-sig"), "sales.csv")
    found = check_file(table, context(), date.fromisoformat(TODAYS[year]))
    assert (table.collection, table.year, found.file_findings) == ("sales", year, [])
    told = [tuple(sorted(finding.rule for finding in row.findings)) for row in found.rows]
    assert told == [UNUSUAL.get((year, name), ()) for name in names]
    assert [row.log for row in found.rows] == [checked(year)[name]["log"] for name in names]


@pytest.mark.parametrize("year", YEARS)
def test_a_row_given_twice_is_told_of_both(year: int) -> None:
    first = next(iter(sales(year).values())).columns
    numbers = list(_columns(year))
    row = ["", *(first.get(number, "") for number in numbers)]
    out = io.StringIO()
    csv.writer(out).writerows([["Field number", *numbers], row, row])
    table = read_upload(out.getvalue().encode(), "sales.csv")
    found = check_file(table, context(), date.fromisoformat(TODAYS[year]))
    rules = [[finding.rule for finding in row.findings] for row in found.rows]
    assert rules == [["row_repeated"], ["row_repeated"]]
