"""A vendor's lettings files in the official layouts: right ones pass, wrong ones are told.

Written from the collection's own description of its columns, codes, rules and derived values, and
independently of the code that reads files: a letting stands below each heading, with what its
columns hold and, after "=", what it is to become ("-" for no answer). Money, dates and people were
worked out by hand. Columns that no letting of a table fills are left out.
"""

import csv
import io
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

TODAYS = {2023: "2023-12-05", 2024: "2024-12-05", 2025: "2025-12-01", 2026: "2026-11-24"}
# By letting: its columns by number and, for the reader, name.
VALID = {
    2023: """
                             | council house  | family of eight | first let        | rent to buy
1 owner                      | ORG301         | ORG412          | ORG412           | ORG412
2 manager                    | ORG301         | ORG412          | ORG412           | ORG412
3 user                       | jo@riv.example | ali@ash.example | ali@ash.example  | ali@ash.example
4 needs type                 | 1              | 1               | 1                | 1
5 letting type               | 3              | 1               | 5                | 9
6 renewal                    | 2              | 2               | 2                | 2
7 start: day                 | 1              | 14              | 3                | 20
8 start: month               | 6              | 9               | 8                | 4
9 start: year                | 23             | 23              | 23               | 2023
10 affordable                |                |                 | 1                |
11 intermediate              |                |                 |                  | 1
13 tenancy code              | T-2301         | T-2302          | T-2303           | T-2304
14 property code             | P-301          | P-302           |                  | P-304
18 UPRN                      |                |                 |                  | 100050000123
19 address line 1            | 12 Bole Hill   | 4 Castle Road   | 3 Marram House   |
20 address line 2            |                | Old Town        |                  |
21 town                      | Sheffield      | Scarborough     | London           |
23 postcode: out             | S6             | YO11            | W2               |
24 postcode: in              | 5DE            | 1XB             | 6ES              |
25 authority                 | E08000019      |                 | E09000033        | E06000065
26 was let as                | 1              | 1               |                  | 6
27 vacancy reason            | 5              | 13              | 15               | 8
28 times offered             | 2              | 0               | 0                | 1
29 unit type                 | 7              | 7               | 1                | 2
30 building                  | 1              | 1               | 1                | 2
31 wheelchair standard       | 2              | 2               | 1                | 2
32 bedrooms                  | 2              | 5               | 1                | 1
33 void: day                 | 2              | 1               | 3                | 16
34 void: month               | 5              | 7               | 8                | 3
35 void: year                | 23             | 23              | 23               | 2023
36 repairs: day              | 20             |                 |                  |
37 repairs: month            | 5              |                 |                  |
38 repairs: year             | 23             |                 |                  |
39 joint                     | 2              | 2               | 1                | 2
40 starter                   | 1              | 2               | 1                | 2
41 tenancy                   | 7              | 2               | 4                | 4
43 length                    |                |                 | 5                | 1
45 privacy notice            | 1              | 1               | 1                | 1
46 age 1                     | 34             | 39              | 29               | 24
47 sex 1                     | M              | F               | X                | M
48 ethnic                    | 1              | 13              | 7                | 17
49 nationality               | 18             | 12              | 13               | 19
50 work 1                    | 1              | 2               | 1                | 1
51 relationship 2            |                | P               | P                |
52 age 2                     |                | 41              | 31               |
53 sex 2                     |                | M               | F                |
54 work 2                    |                | 1               | 1                |
55 relationship 3            |                | R               |                  |
56 age 3                     |                | R               |                  |
57 sex 3                     |                | R               |                  |
58 work 3                    |                | 10              |                  |
59 relationship 4            |                | C               |                  |
60 age 4                     |                | 17              |                  |
61 sex 4                     |                | F               |                  |
62 work 4                    |                | 7               |                  |
63 relationship 5            |                | C               |                  |
64 age 5                     |                | 14              |                  |
65 sex 5                     |                | F               |                  |
67 relationship 6            |                | C               |                  |
68 age 6                     |                | 9               |                  |
69 sex 6                     |                | M               |                  |
70 work 6                    |                | 9               |                  |
71 relationship 7            |                | C               |                  |
72 age 7                     |                | 6               |                  |
73 sex 7                     |                | M               |                  |
74 work 7                    |                | 9               |                  |
75 relationship 8            |                | X               |                  |
76 age 8                     |                | 1               |                  |
77 sex 8                     |                | F               |                  |
79 armed forces              | 2              | 3               | 2                | 2
82 pregnant                  | 2              | 1               | 3                | 2
85 level access              |                | 1               |                  |
87 no access needs           | 1              |                 |                  | 1
88 needs not known           |                |                 | 1                |
89 illness                   | 2              | 1               | 3                | 2
94 mental health             |                | 1               |                  |
95 mobility                  |                | 1               |                  |
100 years in area            | 5              | 6               | 7                | 2
101 years waiting            | 5              | 10              | 8                | 6
102 leaving reason           | 12             | 28              | 20               | 17
103 other reason             |                |                 | Share house sold |
104 previous home            | 3              | 33              | 28               | 26
105 homeless                 | 1              | 11              | 1                | 1
106 old postcode known       | 1              | 1               | 2                | 2
107 old postcode: out        | S5             | YO8             |                  |
108 old postcode: in         | 7AU            | 4QX             |                  |
109 old authority            |                |                 | E09000012        |
110 preference               | 1              | 1               | 3                | 2
111 homeless                 |                | 1               |                  |
112 overcrowded              | 1              | 1               |                  |
116 choice based             | 1              | 2               | 2                | 2
117 common policy            | 2              | 2               | 2                | 2
118 common register          | 2              | 1               | 2                | 2
119 referral                 | 2              | 1               | 3                | 16
120 income known             | 1              | 3               | 1                | 1
121 income frequency         | 2              |                 | 3                | 1
122 income                   | 1900           |                 | 52000            | 520
123 housing benefit          | 9              | 6               | 9                | 9
124 from benefits            | 3              | 2               | 3                | 3
126 rent period              | 1              | 4               | 4                | 4
128 rent                     | 98.50          | 520.00          | 780.00           | 650
129 service charge           | 0              | 12.00           | 45.50            | 0
130 personal service         | 0              | 0               | 0                | 0
131 support                  | 0              | 0               | 0                | 0
132 total                    | 98.50          | 532.00          | 825.50           | 650
133 still to pay             |                | 2               |                  |
= lettype                    | 3              | 1               | 5                | 9
= rent_type                  | 0              | 0               | 2                | 3
= renttype                   | 1              | 1               | 2                | 3
= lar                        | -              | -               | 1                | -
= irproduct                  | -              | -               | -                | 1
= startdate                  | 2023-06-01     | 2023-09-14      | 2023-08-03       | 2023-04-20
= newprop                    | 2              | 2               | 1                | 2
= la                         | E08000019      | E06000065       | E09000033        | E06000065
= postcode_full              | S6 5DE         | YO11 1XB        | W2 6ES           | -
= uprn_known                 | 0              | 0               | 0                | 1
= offered                    | 2              | 0               | 0                | 1
= beds                       | 2              | 5               | 1                | 1
= vacdays                    | 12             | 75              | 0                | 35
= hhmemb                     | 1              | 8               | 2                | 1
= totadult                   | 1              | 2               | 2                | 1
= totchild                   | 0              | 4               | 0                | 0
= totelder                   | 0              | 0               | 0                | 0
= hhtype                     | 3              | 6               | 4                | 3
= refused                    | 0              | 1               | 0                | 0
= ethnic_group               | 0              | 3               | 1                | 17
= ecstat5                    | -              | 9               | -                | -
= housingneeds_c             | 0              | 1               | 0                | 0
= new_old                    | 1              | 2               | 1                | 1
= prevloc                    | E08000019      | E06000065       | E09000012        | -
= letting_allocation_unknown | 0              | 0               | 1                | 1
= incref                     | 0              | 1               | 0                | 0
= weekly_net_income          | 438            | -               | 1000             | 520
= tcharge                    | 98.50          | 532.00          | 825.50           | 650.00
= wrent                      | 98.50          | 120.00          | 180.00           | 150.00
= wscharge                   | 0.00           | 2.77            | 10.50            | 0.00
= wtcharge                   | 98.50          | 122.77          | 190.50           | 150.00
= has_benefits               | 0              | 1               | 0                | 0

                       | pensioner       | renewal        | care home       | from abroad
1 owner                | ORG412          | ORG301         | ORG412          | ORG412
2 manager              | ORG77           | ORG301         | ORG77           | ORG412
3 user                 | sam@bea.example | jo@riv.example | sam@bea.example | ali@ash.example
4 needs type           | 2               | 1              | 2               | 1
5 letting type         | 2               | 3              | 2               | 9
6 renewal              | 2               | 1              | 2               | 2
7 start: day           | 5               | 1              | 17              | 9
8 start: month         | 10              | 7              | 11              | 12
9 start: year          | 23              | 23             | 23              | 23
11 intermediate        |                 |                |                 | 3
12 other product       |                 |                |                 | Key worker rent
13 tenancy code        | T-2305          | T-2306         | T-2307          | T-2308
14 property code       | P-305           | P-306          | P-307           | P-308
15 old group           | 0417            |                |                 |
16 scheme              | 0091            |                | S18             |
17 location            |                 |                | 1               |
18 UPRN                |                 | 10023456789    |                 | 100050000124
25 authority           |                 | E08000019      |                 | E06000065
26 was let as          | 1               |                | 3               | 8
27 vacancy reason      | 18              |                | 20              | 11
28 times offered       | 1               |                | 0               | 3
29 unit type           |                 | 1              |                 | 10
30 building            |                 | 1              |                 | 1
31 wheelchair standard |                 | 2              |                 | 2
32 bedrooms            |                 | 1              |                 | 2
33 void: day           | 7               |                | 6               | 2
34 void: month         | 9               |                | 10              | 12
35 void: year          | 23              |                | 23              | 23
39 joint               | 2               | 3              | 3               | 2
40 starter             | 2               | 2              | 2               | 2
41 tenancy             | 3               | 6              | 5               | 6
42 other tenancy       | Almshouse       |                |                 |
43 length              |                 | 5              |                 | 1
44 older people        | 1               |                | 6               |
45 privacy notice      | 1               | 1              | 1               | 1
46 age 1               | 78              | 45             | 66              | 33
47 sex 1               | F               | M              | R               | F
48 ethnic              | 1               | 8              | 3               | 16
49 nationality         | 18              | 12             | 17              | 21
50 work 1              | 5               | 6              | 8               | 0
51 relationship 2      |                 | P              |                 |
52 age 2               |                 | 43             |                 |
53 sex 2               |                 | F              |                 |
54 work 2              |                 | 2              |                 |
79 armed forces        | 5               | 6              | 1               | 4
80 still serving       |                 |                | 5               |
81 injured             |                 |                | 1               | 2
82 pregnant            | 2               | 2              | 2               | 2
83 full wheelchair     | 1               |                |                 |
84 essential rooms     |                 |                | 1               |
86 other access needs  | 1               |                |                 |
87 no access needs     |                 | 1              |                 | 1
89 illness             | 1               | 2              | 1               | 2
93 memory              |                 |                | 1               |
95 mobility            | 1               |                |                 |
97 stamina             | 1               |                |                 |
99 other effect        |                 |                | 1               |
100 years in area      | 5               | 10             | 1               | 1
101 years waiting      | 2               |                | 6               | 2
102 leaving reason     | 13              | 42             | 46              | 2
104 previous home      | 34              |                | 10              | 37
105 homeless           | 1               | 1              | 1               | 11
106 old postcode known | 1               |                | 2               | 2
107 old postcode: out  | LS6             |                |                 |
108 old postcode: in   | 2AB             |                |                 |
109 old authority      |                 |                | W06000015       | 9300000XX
110 preference         | 1               | 2              | 1               | 2
113 medical            | 1               |                | 1               |
114 hardship           |                 |                | 1               |
116 choice based       | 2               | 2              | 2               | 1
117 common policy      | 1               | 2              | 2               | 1
118 common register    | 2               | 2              | 2               | 2
119 referral           | 4               |                | 12              | 10
120 income known       | 1               | 2              | 1               | 1
121 income frequency   | 1               |                | 2               | 3
122 income             | 228.45          |                | 1300            | 30000
123 housing benefit    | 1               | 3              | 6               | 10
124 from benefits      | 1               | 4              | 4               | 2
125 charges payable    | 0               |                | 0               |
126 rent period        | 3               | 2              | 4               | 10
127 care home charge   |                 |                | 3900.00         |
128 rent               | 400.00          | 150.00         |                 | 95.40
129 service charge     | 220.00          | 0              |                 | 5.30
130 personal service   | 36.00           | 0              |                 | 0
131 support            | 80.00           | 0              |                 | 0
132 total              | 736.00          | 150.00         |                 | 100.70
133 still to pay       | 1               |                | 1               |
134 amount to pay      | 84.20           |                | 1300            |
= lettype              | 2               | 3              | 2               | 9
= rent_type            | 0               | 0              | 0               | 5
= renttype             | 1               | 1              | 1               | 3
= irproduct            | -               | -              | -               | 3
= newprop              | 2               | 2              | 2               | 2
= rsnvac               | 18              | 14             | 20              | 11
= unitletas            | 1               | 1              | 3               | 8
= offered              | 1               | 0              | 0               | 3
= la_in_use            | E06000065       | E08000019      | E06000065       | E06000065
= postcode_in_use      | YO21 3PX        | -              | YO21 3PT        | -
= wchair               | 1               | 2              | 2               | 2
= vacdays              | 28              | 0              | 42              | 7
= hhmemb               | 1               | 2              | 1               | 1
= totadult             | 0               | 2              | 0               | 1
= totelder             | 1               | 0              | 1               | 0
= hhtype               | 1               | 4              | 1               | 3
= refused              | 0               | 0              | 1               | 0
= reservist            | -               | -              | 1               | 2
= housingneeds_a       | 1               | 0              | 0               | 0
= housingneeds_b       | 0               | 0              | 1               | 0
= housingneeds_f       | 1               | 0              | 0               | 0
= waityear             | 2               | 2              | 6               | 2
= prevten              | 34              | 30             | 10              | 37
= new_old              | 2               | 2              | 1               | 2
= ppostcode_full       | LS6 2AB         | -              | -               | -
= ppcodenk             | 0               | 1              | 1               | 1
= prevloc              | E08000035       | E08000019      | W06000015       | 9300000XX
= referral             | 4               | 1              | 12              | 10
= earnings             | 228             | -              | 1300            | 30000
= weekly_net_income    | 228             | -              | 300             | 577
= nocharge             | 0               | -              | 0               | -
= is_carehome          | 0               | -              | 1               | -
= wchchrg              | -               | -              | 900.00          | -
= tcharge              | 736.00          | 150.00         | -               | 100.70
= wrent                | 100.00          | 75.00          | -               | 97.23
= wscharge             | 55.00           | 0.00           | -               | 5.40
= wtcharge             | 184.00          | 75.00          | -               | 102.64
= wtshortfall          | 21.05           | -              | 300.00          | -
""",
    2024: """
                             | couple of 70   | family of eight | leased home      | London Living
1 owner                      | ORG301         | ORG412          | ORG412           | ORG412
2 manager                    | ORG301         | ORG412          | ORG412           | ORG412
3 user                       | jo@riv.example | ali@ash.example | ali@ash.example  | ali@ash.example
4 needs type                 | 1              | 1               | 1                | 1
7 renewal                    | 2              | 2               | 2                | 2
8 start: day                 | 6              | 14              | 4                | 20
9 start: month               | 5              | 9               | 11               | 4
10 start: year               | 24             | 24              | 24               | 2024
11 rent type                 | 1              | 1               | 2                | 5
13 tenancy code              | T-2401         | T-2402          | T-2403           | T-2404
14 property code             | P-201          | P-202           |                  | P-204
15 privacy notice            | 1              | 1               | 1                | 1
16 UPRN                      |                |                 |                  | 10033521042
17 address line 1            | 9 Parson Road  | 4 Castle Road   | 1 Old Chapel     |
18 address line 2            |                |                 | Brook Street     |
19 town                      | Sheffield      | Scarborough     | Selby            |
21 postcode: out             | S5             | YO11            | YO8              |
22 postcode: in              | 7AU            | 1XB             | 4QX              |
23 authority                 | E08000019      |                 | E06000065        | E09000033
24 vacancy reason            | 20             | 13              | 17               | 8
25 was let as                | 1              | 1               |                  | 7
26 unit type                 | 8              | 7               | 1                | 2
27 building                  | 1              | 1               | 2                | 2
28 wheelchair standard       | 1              | 2               | 1                | 2
29 bedrooms                  | 1              | 5               | 1                |
30 void: day                 | 1              | 1               | 1                | 16
31 void: month               | 4              | 7               | 11               | 3
32 void: year                | 24             | 24              | 24               | 2024
33 repairs: day              | 29             |                 |                  |
34 repairs: month            | 4              |                 |                  |
35 repairs: year             | 24             |                 |                  |
36 joint                     | 1              | 2               | 1                | 2
37 starter                   | 2              | 2               | 1                | 2
38 tenancy                   | 7              | 2               | 4                | 8
40 length                    |                |                 | 2                |
42 age 1                     | 70             | 39              | 29               | 24
43 sex 1                     | F              | F               | X                | M
44 ethnic                    | 20             | 13              | 7                | 17
45 nationality               | 642            | 566             | 0                | 616
46 work 1                    | 5              | 2               | 1                | 1
47 relationship 2            | P              | P               | P                |
48 age 2                     | 68             | 41              | 31               |
49 sex 2                     | M              | M               | F                |
50 work 2                    | 5              | 1               | 2                |
51 relationship 3            |                | R               |                  |
52 age 3                     |                | R               |                  |
53 sex 3                     |                | R               |                  |
54 work 3                    |                | 10              |                  |
55 relationship 4            |                | C               |                  |
56 age 4                     |                | 17              |                  |
57 sex 4                     |                | F               |                  |
58 work 4                    |                | 7               |                  |
59 relationship 5            |                | C               |                  |
60 age 5                     |                | 14              |                  |
61 sex 5                     |                | F               |                  |
63 relationship 6            |                | C               |                  |
64 age 6                     |                | 9               |                  |
65 sex 6                     |                | M               |                  |
66 work 6                    |                | 9               |                  |
67 relationship 7            |                | C               |                  |
68 age 7                     |                | 6               |                  |
69 sex 7                     |                | M               |                  |
70 work 7                    |                | 9               |                  |
71 relationship 8            |                | X               |                  |
72 age 8                     |                | 1               |                  |
73 sex 8                     |                | F               |                  |
75 armed forces              | 2              | 3               | 2                | 2
78 pregnant                  | 2              | 1               | 3                | 2
81 level access              |                | 1               |                  |
83 no access needs           | 1              |                 |                  | 1
84 needs not known           |                |                 | 1                |
85 illness                   | 2              | 1               | 3                | 2
90 mental health             |                | 1               |                  |
91 mobility                  |                | 1               |                  |
96 years in area             | 12             | 6               | 7                | 2
97 years waiting             | 11             | 12              | 8                | 6
98 leaving reason            | 29             | 28              | 20               | 17
99 other reason              |                |                 | Share house sold |
100 previous home            | 31             | 33              | 28               | 26
101 homeless                 | 1              | 11              | 1                | 1
102 old postcode known       | 1              | 1               | 2                | 2
103 old postcode: out        | DN1            | YO8             |                  |
104 old postcode: in         | 3HR            | 4QX             |                  |
105 old authority            |                |                 | E09000012        |
106 preference               | 2              | 1               | 3                | 2
107 homeless                 |                | 1               |                  |
108 overcrowded              |                | 1               |                  |
112 choice based             | 1              | 2               | 2                | 2
113 common policy            | 2              | 2               | 2                | 2
114 common register          | 2              | 1               | 2                | 2
115 accessible register      | 2              | 2               | 2                | 2
116 referral                 | 8              | 1               | 2                | 16
117 income known             | 1              | 3               | 1                | 1
118 income frequency         | 1              |                 | 3                | 3
119 income                   | 400            |                 | 36400            | 27000
120 housing benefit          | 1              | 6               | 9                | 9
121 from benefits            | 1              | 2               | 3                | 3
123 rent period              | 7              | 4               | 4                | 4
125 rent                     | 91.00          | 612.30          | 520.00           | 845
126 service charge           | 6.50           | 12.00           | 26.00            | 0
127 personal service         | 0              | 0               | 13.00            | 0
128 support                  | 0              | 0               | 0                | 0
129 still to pay             | 3              | 2               |                  |
= lettype                    | 3              | 1               | 5                | 9
= rent_type                  | 0              | 0               | 1                | 4
= renttype                   | 1              | 1               | 2                | 3
= lar                        | -              | -               | 2                | -
= irproduct                  | -              | -               | -                | 2
= startdate                  | 2024-05-06     | 2024-09-14      | 2024-11-04       | 2024-04-20
= newprop                    | 2              | 2               | 1                | 2
= la                         | E08000019      | E06000065       | E06000065        | E09000033
= postcode_full              | S5 7AU         | YO11 1XB        | YO8 4QX          | -
= beds                       | 1              | 5               | 1                | 1
= vacdays                    | 7              | 75              | 3                | 35
= hhmemb                     | 2              | 8               | 2                | 1
= totadult                   | 0              | 2               | 2                | 1
= totchild                   | 0              | 4               | 0                | 0
= totelder                   | 2              | 0               | 0                | 0
= hhtype                     | 2              | 6               | 4                | 3
= refused                    | 0              | 1               | 0                | 0
= ethnic_group               | 0              | 3               | 1                | 17
= nationality_all_group      | 12             | 12              | 0                | 12
= ecstat5                    | -              | 9               | -                | -
= housingneeds_c             | 0              | 1               | 0                | 0
= new_old                    | 2              | 2               | 1                | 1
= prevloc                    | E08000017      | E06000065       | E09000012        | -
= letting_allocation_unknown | 0              | 0               | 1                | 1
= referral                   | 8              | 1               | 2                | 16
= incref                     | 0              | 1               | 0                | 0
= weekly_net_income          | 400            | -               | 700              | 519
= tcharge                    | 97.50          | 624.30          | 559.00           | 845.00
= wrent                      | 84.00          | 141.30          | 120.00           | 195.00
= wscharge                   | 6.00           | 2.77            | 6.00             | 0.00
= wpschrge                   | 0.00           | 0.00            | 3.00             | 0.00
= wtcharge                   | 90.00          | 144.07          | 129.00           | 195.00
= has_benefits               | 1              | 1               | 0                | 0

                        | pensioner       | renewal         | care home      | from abroad
1 owner                 | ORG412          | ORG412          | ORG301         | ORG412
2 manager               | ORG77           | ORG412          | ORG301         | ORG412
3 user                  | sam@bea.example | ali@ash.example | jo@riv.example | ali@ash.example
4 needs type            | 2               | 1               | 2              | 1
5 scheme                | S18             |                 | S5             |
6 location              | 2               |                 | 1              |
7 renewal               | 2               | 1               | 2              | 2
8 start: day            | 5               | 1               | 17             | 9
9 start: month          | 10              | 7               | 11             | 12
10 start: year          | 24              | 24              | 24             | 24
11 rent type            | 2               | 1               | 1              | 4
13 tenancy code         | T-2405          | T-2406          | T-2407         | T-2408
14 property code        | P-205           | P-206           | P-207          | P-208
15 privacy notice       | 1               | 1               | 1              | 1
16 UPRN                 |                 | 100050000321    |                | 100050000124
17 address line 1       |                 | 3 Friars Gate   |                | 8 Gowthorpe
19 town                 |                 | Scarborough     |                | Selby
21 postcode: out        |                 | YO11            |                | YO8
22 postcode: in         |                 | 1XB             |                | 4QX
23 authority            |                 |                 |                |
24 vacancy reason       | 18              |                 | 21             | 22
25 was let as           | 2               |                 | 1              | 6
26 unit type            |                 | 7               |                | 10
27 building             |                 | 1               |                | 1
28 wheelchair standard  |                 | 2               |                | 2
29 bedrooms             |                 | 2               |                | 2
30 void: day            | 7               |                 | 6              | 2
31 void: month          | 9               |                 | 10             | 12
32 void: year           | 24              |                 | 24             | 24
36 joint                | 2               | 3               | 3              | 2
37 starter              | 2               | 2               | 2              | 2
38 tenancy              | 3               | 4               | 5              | 6
39 other tenancy        | Almshouse       |                 |                |
40 length               |                 | 5               |                | 1
41 older people         | 1               |                 | 2              |
42 age 1                | 78              | 45              | 88             | 33
43 sex 1                | F               | M               | R              | F
44 ethnic               | 1               | 8               | 3              | 16
45 nationality          | 826             | 356             | 826            | 804
46 work 1               | 5               | 6               | 5              | 0
47 relationship 2       |                 | P               |                |
48 age 2                |                 | 43              |                |
49 sex 2                |                 | F               |                |
50 work 2               |                 | 2               |                |
75 armed forces         | 5               | 6               | 1              | 4
76 still serving        |                 |                 | 5              |
77 injured              |                 |                 | 3              | 2
78 pregnant             | 2               | 2               | 2              | 2
79 full wheelchair      | 1               |                 |                |
80 essential rooms      |                 |                 | 1              |
82 other access needs   | 1               |                 |                |
83 no access needs      |                 | 1               |                | 1
85 illness              | 1               | 2               | 1              | 2
89 memory               |                 |                 | 1              |
91 mobility             | 1               |                 |                |
93 stamina              | 1               |                 |                |
95 other effect         |                 |                 | 1              |
96 years in area        | 12              | 10              | 1              | 1
97 years waiting        | 2               |                 | 6              | 2
98 leaving reason       | 13              | 50              | 46             | 2
100 previous home       | 34              |                 | 10             | 37
101 homeless            | 1               | 1               | 1              | 11
102 old postcode known  | 1               |                 | 2              | 2
103 old postcode: out   | LS6             |                 |                |
104 old postcode: in    | 2AB             |                 |                |
105 old authority       |                 |                 | W06000015      | 9300000XX
106 preference          | 1               | 2               | 1              | 2
109 medical             | 1               |                 | 1              |
110 hardship            |                 |                 | 1              |
112 choice based        | 2               | 2               | 2              | 1
113 common policy       | 1               | 2               | 2              | 1
114 common register     | 2               | 2               | 2              | 2
115 accessible register | 1               | 2               | 2              | 2
116 referral            | 4               |                 | 17             | 10
117 income known        | 1               | 2               | 1              | 1
118 income frequency    | 1               |                 | 2              | 1
119 income              | 228.45          |                 | 1300           | 415
120 housing benefit     | 1               | 3               | 6              | 10
121 from benefits       | 1               | 4               | 4              | 2
122 charges payable     | 0               |                 | 0              |
123 rent period         | 3               | 10              | 4              | 2
124 care home charge    |                 |                 | 3900.00        |
125 rent                | 400.00          | 95.40           |                | 240.00
126 service charge      | 220.00          | 5.30            |                | 21.67
127 personal service    | 36.00           | 0               |                | 0
128 support             | 80.00           | 0               |                | 0
129 still to pay        | 1               |                 | 1              |
130 amount to pay       | 84.20           |                 | 1300           |
= lettype               | 6               | 1               | 4              | 9
= rent_type             | 1               | 0               | 0              | 3
= renttype              | 2               | 1               | 1              | 3
= lar                   | 2               | -               | -              | -
= irproduct             | -               | -               | -              | 1
= newprop               | 2               | 2               | 2              | 2
= rsnvac                | 18              | 14              | 21             | 22
= unitletas             | 2               | 1               | 1              | 6
= la_in_use             | E06000065       | E06000065       | E08000019      | E06000065
= postcode_in_use       | YO21 3PU        | YO11 1XB        | S2 2SX         | YO8 4QX
= wchair                | 1               | 2               | 2              | 2
= vacdays               | 28              | 0               | 42             | 7
= hhmemb                | 1               | 2               | 1              | 1
= totadult              | 0               | 2               | 0              | 1
= totelder              | 1               | 0               | 1              | 0
= hhtype                | 1               | 4               | 1              | 3
= refused               | 0               | 0               | 1              | 0
= reservist             | -               | -               | 3              | 2
= housingneeds_a        | 1               | 0               | 0              | 0
= housingneeds_b        | 0               | 0               | 1              | 0
= housingneeds_f        | 1               | 0               | 0              | 0
= waityear              | 2               | 2               | 6              | 2
= prevten               | 34              | 32              | 10             | 37
= new_old               | 2               | 2               | 1              | 2
= ppostcode_full        | LS6 2AB         | YO11 1XB        | -              | -
= prevloc               | E08000035       | E06000065       | W06000015      | 9300000XX
= referral              | 4               | 1               | 17             | 10
= earnings              | 228             | -               | 1300           | 415
= weekly_net_income     | 228             | -               | 300            | 415
= nocharge              | 0               | -               | 0              | -
= is_carehome           | 0               | -               | 1              | -
= chcharge              | -               | -               | 3900.00        | -
= wchchrg               | -               | -               | 900.00         | -
= tcharge               | 736.00          | 100.70          | -              | 261.67
= wrent                 | 100.00          | 97.23           | -              | 120.00
= wscharge              | 55.00           | 5.40            | -              | 10.84
= wtcharge              | 184.00          | 102.64          | -              | 130.84
= wtshortfall           | 21.05           | -               | 300.00         | -
""",
    2025: """
                             | lone mother    | family of eight | converted home   | rent to buy
1 owner                      | ORG301         | ORG412          | ORG412           | ORG412
2 manager                    | ORG301         | ORG412          | ORG412           | ORG412
3 user                       | jo@riv.example | ali@ash.example | ali@ash.example  | ali@ash.example
4 needs type                 | 1              | 1               | 1                | 1
7 renewal                    | 2              | 2               | 2                | 2
8 start: day                 | 6              | 14              | 3                | 20
9 start: month               | 5              | 9               | 11               | 4
10 start: year               | 25             | 25              | 25               | 2025
11 rent type                 | 1              | 1               | 2                | 4
13 tenancy code              | T-2501         | T-2502          | T-2503           | T-2504
14 property code             | P-101          | P-102           |                  | P-104
15 privacy notice            | 1              | 1               | 1                | 1
16 vacancy reason            | 6              | 13              | 16               | 8
17 was let as                | 1              | 1               |                  | 6
18 UPRN                      |                |                 |                  | 100050000123
19 address line 1            | 9 Parson Road  | 4 Castle Road   | 1 Old Chapel     |
21 town                      | Sheffield      | Scarborough     | Selby            |
23 postcode: out             | S5             | YO11            | YO8              |
24 postcode: in              | 7AU            | 1XB             | 4QX              |
25 authority                 | E08000039      |                 | E06000065        | E06000065
26 unit type                 | 7              | 7               | 1                | 2
27 building                  | 1              | 1               | 2                | 2
28 wheelchair standard       | 2              | 2               | 1                | 2
29 bedrooms                  | 3              | 5               | 1                |
30 void: day                 | 1              | 1               | 1                | 16
31 void: month               | 4              | 7               | 11               | 3
32 void: year                | 25             | 25              | 25               | 2025
33 repairs: day              | 29             |                 |                  |
34 repairs: month            | 4              |                 |                  |
35 repairs: year             | 25             |                 |                  |
37 joint                     | 2              | 2               | 1                | 2
38 starter                   | 1              | 2               | 1                | 2
39 tenancy                   | 7              | 2               | 4                | 4
41 length                    |                |                 | 2                | 1
42 age 1                     | 27             | 39              | 29               | 24
43 sex 1                     | F              | F               | X                | M
44 ethnic                    | 4              | 13              | 7                | 17
45 nationality               | 388            | 566             | 0                | 616
46 work 1                    | 6              | 2               | 1                | 1
47 partner 2                 | 2              | 1               | 1                |
48 age 2                     | 7              | 41              | 31               |
49 sex 2                     | F              | M               | F                |
50 work 2                    | 9              | 1               | 2                |
51 partner 3                 | 2              | 3               |                  |
52 age 3                     | 1              | R               |                  |
53 sex 3                     | M              | R               |                  |
54 work 3                    |                | 10              |                  |
55 partner 4                 |                | 2               |                  |
56 age 4                     |                | 17              |                  |
57 sex 4                     |                | F               |                  |
58 work 4                    |                | 7               |                  |
59 partner 5                 |                | 2               |                  |
60 age 5                     |                | 14              |                  |
61 sex 5                     |                | F               |                  |
63 partner 6                 |                | 2               |                  |
64 age 6                     |                | 9               |                  |
65 sex 6                     |                | M               |                  |
66 work 6                    |                | 9               |                  |
67 partner 7                 |                | 2               |                  |
68 age 7                     |                | 6               |                  |
69 sex 7                     |                | M               |                  |
70 work 7                    |                | 9               |                  |
71 partner 8                 |                | 2               |                  |
72 age 8                     |                | 1               |                  |
73 sex 8                     |                | F               |                  |
75 armed forces              | 2              | 3               | 2                | 2
78 pregnant                  | 1              | 1               | 3                | 2
81 level access              |                | 1               |                  |
83 no access needs           | 1              |                 |                  | 1
84 needs not known           |                |                 | 1                |
85 illness                   | 2              | 1               | 3                | 2
90 mental health             |                | 1               |                  |
91 mobility                  |                | 1               |                  |
96 years in area             | 12             | 6               | 7                | 2
97 years waiting             | 10             | 13              | 8                | 13
98 leaving reason            | 48             | 28              | 20               | 17
99 other reason              |                |                 | Share house sold |
100 previous home            | 21             | 33              | 39               | 26
101 homeless                 | 11             | 11              | 1                | 1
102 old postcode known       | 1              | 1               | 2                | 2
103 old postcode: out        | DN1            | YO8             |                  |
104 old postcode: in         | 3HR            | 4QX             |                  |
105 old authority            |                |                 | E09000012        |
106 preference               | 1              | 1               | 3                | 2
107 homeless                 | 1              | 1               |                  |
108 overcrowded              |                | 1               |                  |
112 choice based             | 1              | 2               | 2                | 2
113 common policy            | 2              | 2               | 2                | 2
114 common register          | 2              | 1               | 2                | 2
115 accessible register      | 2              | 2               | 2                | 2
116 referral                 | 21             | 1               | 2                | 16
117 income known             | 1              | 3               | 1                | 1
118 income frequency         | 1              |                 | 3                | 3
119 income                   | 310            |                 | 36400            | 27000
120 housing benefit          | 6              | 6               | 9                | 9
121 from benefits            | 1              | 2               | 3                | 3
123 rent period              | 5              | 4               | 4                | 4
124 rent                     | 95.00          | 612.30          | 520.00           | 650
125 service charge           | 2.50           | 12.00           | 26.00            | 0
126 personal service         | 0              | 0               | 13.00            | 0
127 support                  | 0              | 0               | 0                | 0
128 still to pay             | 1              | 2               |                  |
129 amount to pay            | 20.80          |                 |                  |
= lettype                    | 3              | 1               | 5                | 9
= rent_type                  | 0              | 0               | 1                | 3
= renttype                   | 1              | 1               | 2                | 3
= lar                        | -              | -               | 2                | -
= irproduct                  | -              | -               | -                | 1
= startdate                  | 2025-05-06     | 2025-09-14      | 2025-11-03       | 2025-04-20
= newprop                    | 2              | 2               | 1                | 2
= la                         | E08000039      | E06000065       | E06000065        | E06000065
= postcode_full              | S5 7AU         | YO11 1XB        | YO8 4QX          | -
= beds                       | 3              | 5               | 1                | 1
= vacdays                    | 7              | 75              | 2                | 35
= majorrepairs               | 1              | 0               | -                | 0
= hhmemb                     | 3              | 8               | 2                | 1
= totadult                   | 1              | 3               | 2                | 1
= totchild                   | 2              | 4               | 0                | 0
= totelder                   | 0              | 0               | 0                | 0
= hhtype                     | 5              | 6               | 4                | 3
= refused                    | 0              | 1               | 0                | 0
= ethnic_group               | 1              | 3               | 1                | 17
= nationality_all_group      | 12             | 12              | 0                | 12
= relat2                     | X              | P               | P                | -
= ecstat3                    | 9              | 10              | -                | -
= ecstat5                    | -              | 9               | -                | -
= housingneeds               | 2              | 1               | 3                | 2
= housingneeds_c             | 0              | 1               | 0                | 0
= housingneeds_h             | 0              | 0               | 1                | 0
= new_old                    | 1              | 2               | 1                | 1
= ppostcode_full             | DN1 3HR        | YO8 4QX         | -                | -
= prevloc                    | E08000017      | E06000065       | E09000012        | -
= letting_allocation_unknown | 0              | 0               | 1                | 1
= referral_type              | 2              | 3               | 1                | 7
= referral                   | 21             | 1               | 2                | 16
= incref                     | 0              | 1               | 0                | 0
= weekly_net_income          | 310            | -               | 700              | 519
= tcharge                    | 97.50          | 624.30          | 559.00           | 650.00
= wrent                      | 91.35          | 141.30          | 120.00           | 150.00
= wscharge                   | 2.40           | 2.77            | 6.00             | 0.00
= wpschrge                   | 0.00           | 0.00            | 3.00             | 0.00
= wsupchrg                   | 0.00           | 0.00            | 0.00             | 0.00
= wtcharge                   | 93.75          | 144.07          | 129.00           | 150.00
= wtshortfall                | 20.00          | -               | -                | -
= has_benefits               | 1              | 1               | 0                | 0

                             | pensioner       | renewal        | veteran         | from abroad
1 owner                      | ORG412          | ORG301         | ORG412          | ORG301
2 manager                    | ORG77           | ORG301         | ORG412          | ORG301
3 user                       | sam@bea.example | jo@riv.example | ali@ash.example | jo@riv.example
4 needs type                 | 2               | 2              | 1               | 1
5 scheme                     | S18             | S5             |                 |
6 location                   | 1               | 1              |                 |
7 renewal                    | 2               | 1              | 2               | 2
8 start: day                 | 5               | 1              | 17              | 8
9 start: month               | 10              | 7              | 11              | 12
10 start: year               | 25              | 25             | 25              | 25
11 rent type                 | 1               | 7              | 3               | 6
12 other product             |                 |                |                 | Key worker rent
13 tenancy code              | T-2505          | T-2506         | T-2507          | T-2508
14 property code             | P-105           | P-106          | P-107           | P-108
15 privacy notice            | 1               | 1              | 1               | 1
16 vacancy reason            | 18              |                | 21              | 22
17 was let as                | 1               |                | 5               | 3
18 UPRN                      |                 |                |                 | 10033521042
19 address line 1            | 1 Harbour Court |                | 40 Elgin Avenue |
21 town                      | Whitby          |                | London          |
23 postcode: out             | YO21            |                | W9              |
24 postcode: in              | 3PU             |                | 3RP             |
25 authority                 |                 |                |                 | E08000039
26 unit type                 |                 |                | 2               | 1
27 building                  |                 |                | 2               | 1
28 wheelchair standard       |                 |                | 2               | 2
29 bedrooms                  |                 |                |                 | 2
30 void: day                 | 7               |                | 6               | 1
31 void: month               | 9               |                | 10              | 12
32 void: year                | 25              |                | 25              | 25
36 older people              | 2               | 8              |                 |
37 joint                     | 2               | 3              | 3               | 2
38 starter                   | 2               | 2              | 2               | 2
39 tenancy                   | 3               | 5              | 8               | 6
40 other tenancy             | Almshouse       |                |                 |
41 length                    |                 |                | 3               | 1
42 age 1                     | 78              | 45             | 67              | 33
43 sex 1                     | F               | M              | M               | F
44 ethnic                    | 1               | 8              | 3               | 16
45 nationality               | 826             | 356            | 826             | 804
46 work 1                    | 5               | 8              | 5               | 0
47 partner 2                 |                 |                | 3               |
48 age 2                     |                 |                | R               |
49 sex 2                     |                 |                | R               |
50 work 2                    |                 |                | 10              |
75 armed forces              | 5               | 6              | 1               | 4
76 still serving             |                 |                | 4               |
77 injured                   |                 |                | 3               | 2
78 pregnant                  | 2               | 2              | 2               | 2
79 full wheelchair           | 1               |                |                 |
82 other access needs        | 1               |                | 1               |
83 no access needs           |                 | 1              |                 | 1
85 illness                   | 1               | 2              | 1               | 2
90 mental health             |                 |                | 1               |
91 mobility                  | 1               |                |                 |
93 stamina                   | 1               |                |                 |
95 other effect              |                 |                | 1               |
96 years in area             | 12              | 10             | 1               | 1
97 years waiting             | 2               |                | 6               | 2
98 leaving reason            | 13              | 50             | 45              | 2
100 previous home            | 27              | 38             | 29              | 37
101 homeless                 | 1               | 1              | 11              | 11
102 old postcode known       | 1               |                | 2               | 2
103 old postcode: out        | LS6             |                |                 |
104 old postcode: in         | 2AB             |                |                 |
105 old authority            |                 |                | W06000015       | 9300000XX
106 preference               | 1               | 2              | 1               | 2
109 medical                  | 1               |                |                 |
111 not known                |                 |                | 1               |
112 choice based             | 2               | 2              | 2               | 1
113 common policy            | 1               | 2              | 2               | 1
114 common register          | 2               | 2              | 2               | 2
115 accessible register      | 1               | 2              | 2               | 2
116 referral                 | 24              |                | 18              | 22
117 income known             | 1               | 2              | 1               | 1
118 income frequency         | 1               |                | 2               | 1
119 income                   | 228.45          |                | 1300            | 415
120 housing benefit          | 1               | 1              | 3               | 10
121 from benefits            | 1               | 1              | 4               | 2
122 charges payable          | 0               | 0              |                 |
123 rent period              | 3               | 1              | 10              | 4
124 rent                     | 400.00          | 150.00         | 180.20          | 455.00
125 service charge           | 220.00          | 60.00          | 26.00           | 21.67
126 personal service         | 36.00           | 0              | 0               | 0
127 support                  | 80.00           | 40.00          | 0               | 0
128 still to pay             | 1               | 2              |                 |
129 amount to pay            | 84.20           |                |                 |
= lettype                    | 2               | 16             | 5               | 11
= rent_type                  | 0               | 6              | 2               | 5
= renttype                   | 1               | 4              | 2               | 3
= lar                        | -               | -              | 1               | -
= irproduct                  | -               | -              | -               | 3
= newprop                    | 2               | 2              | 2               | 2
= rsnvac                     | 18              | 14             | 21              | 22
= unitletas                  | 1               | 9              | 5               | 3
= address_line1              | -               | -              | 40 Elgin Avenue |
= la_in_use                  | E06000065       | E08000039      | E09000033       | E08000039
= postcode_in_use            | YO21 3PT        | S2 2SX         | W9 3RP          | -
= wchair                     | 2               | 2              | 2               | 2
= beds                       | -               | -              | 1               | 2
= vacdays                    | 28              | 0              | 42              | 7
= hhmemb                     | 1               | 1              | 2               | 1
= totadult                   | 0               | 1              | 0               | 1
= totchild                   | 0               | 0              | 0               | 0
= totelder                   | 1               | 0              | 1               | 0
= hhtype                     | 1               | 3              | 1               | 3
= refused                    | 0               | 0              | 1               | 0
= leftreg                    | -               | -              | 4               | -
= reservist                  | -               | -              | 3               | 2
= housingneeds_type          | 0               | -              | 3               | -
= housingneeds_a             | 1               | 0              | 0               | 0
= housingneeds_f             | 1               | 0              | 1               | 0
= waityear                   | 2               | 2              | 6               | 2
= prevten                    | 27              | 38             | 29              | 37
= new_old                    | 1               | 2              | 1               | 1
= ppostcode_full             | LS6 2AB         | S2 2SX         | -               | -
= prevloc                    | E08000035       | E08000039      | W06000015       | 9300000XX
= letting_allocation_unknown | 0               | 1              | 1               | 0
= referral_type              | 4               | 3              | 5               | 2
= referral                   | 24              | 1              | 18              | 22
= incref                     | 0               | 2              | 0               | 0
= earnings                   | 228             | -              | 1300            | 415
= weekly_net_income          | 228             | -              | 300             | 415
= nocharge                   | 0               | 0              | -               | -
= tcharge                    | 736.00          | 250.00         | 206.20          | 476.67
= wrent                      | 100.00          | 150.00         | 183.67          | 105.00
= wscharge                   | 55.00           | 60.00          | 26.50           | 5.00
= wpschrge                   | 9.00            | 0.00           | 0.00            | 0.00
= wsupchrg                   | 20.00           | 40.00          | 0.00            | 0.00
= wtcharge                   | 184.00          | 250.00         | 210.17          | 110.00
= wtshortfall                | 21.05           | -              | -               | -
""",
    2026: """
                             | council house  | family of eight | first let        | intermediate
1 owner                      | ORG301         | ORG412          | ORG412           | ORG412
2 manager                    | ORG301         | ORG412          | ORG412           | ORG412
3 user                       | jo@riv.example | ali@ash.example | ali@ash.example  | ali@ash.example
4 needs type                 | 1              | 1               | 1                | 1
7 renewal                    | 2              | 2               | 2                | 2
8 start: day                 | 1              | 14              | 3                | 20
9 start: month               | 6              | 9               | 8                | 4
10 start: year               | 26             | 26              | 26               | 2026
11 rent type                 | 1              | 1               | 3                | 6
12 other product             |                |                 |                  | Discount market
13 tenancy code              | T-2601         | T-2602          | T-2603           | T-2604
14 property code             | P-001          | P-002           |                  | P-004
15 privacy notice            | 1              | 1               | 1                | 1
16 vacancy reason            | 5              | 13              | 15               | 8
17 was let as                | 1              | 1               |                  | 8
18 UPRN                      |                |                 |                  | 100050000123
19 address line 1            | 12 Bole Hill   | 4 Castle Road   | 3 Marram House   |
20 address line 2            |                | Old Town        |                  |
21 town                      | Sheffield      | Scarborough     | London           |
23 postcode: out             | S6             | YO11            | W2               |
24 postcode: in              | 5DE            | 1XB             | 6ES              |
25 authority                 | E08000039      |                 | E09000033        | E06000065
26 unit type                 | 7              | 7               | 1                | 2
27 wheelchair standard       | 2              | 2               | 1                | 2
28 bedrooms                  | 2              | 5               | 1                |
29 void: day                 | 2              | 1               | 3                | 16
30 void: month               | 5              | 7               | 8                | 3
31 void: year                | 26             | 26              | 26               | 2026
32 repairs: day              | 20             |                 |                  |
33 repairs: month            | 5              |                 |                  |
34 repairs: year             | 26             |                 |                  |
36 joint                     | 2              | 2               | 1                | 2
37 starter                   | 1              | 2               | 1                | 2
38 tenancy                   | 7              | 2               | 4                | 4
40 length                    |                |                 | 5                | 1
41 age 1                     | 34             | 39              | 29               | 24
42 sex 1                     | M              | F               | F                | M
43 gender same 1             | 1              | 1               | 2                | 1
44 gender 1                  |                |                 | Non-binary       |
45 ethnic                    | 1              | 13              | 7                | 17
46 nationality               | 826            | 566             | 0                | 616
47 work 1                    | 1              | 2               | 1                | 1
48 age 2                     |                | 41              | 31               |
49 partner 2                 |                | 1               | 1                |
50 sex 2                     |                | M               | F                |
51 gender same 2             |                | 1               | 1                |
53 work 2                    |                | 1               | 1                |
54 age 3                     |                | R               |                  |
55 partner 3                 |                | 3               |                  |
56 sex 3                     |                | R               |                  |
57 gender same 3             |                | 3               |                  |
59 work 3                    |                | 10              |                  |
60 age 4                     |                | 17              |                  |
61 partner 4                 |                | 2               |                  |
62 sex 4                     |                | F               |                  |
63 gender same 4             |                | 1               |                  |
65 work 4                    |                | 7               |                  |
66 age 5                     |                | 14              |                  |
68 sex 5                     |                | F               |                  |
69 gender same 5             |                | 1               |                  |
72 age 6                     |                | 9               |                  |
73 partner 6                 |                | 2               |                  |
74 sex 6                     |                | M               |                  |
75 gender same 6             |                | 1               |                  |
77 work 6                    |                | 9               |                  |
78 age 7                     |                | 6               |                  |
79 partner 7                 |                | 2               |                  |
80 sex 7                     |                | M               |                  |
81 gender same 7             |                | 1               |                  |
83 work 7                    |                | 9               |                  |
84 age 8                     |                | 1               |                  |
86 sex 8                     |                | F               |                  |
87 gender same 8             |                | 1               |                  |
90 armed forces              | 2              | 3               | 2                | 2
93 pregnant                  | 2              | 1               | 3                | 2
96 level access              |                | 1               |                  |
98 no access needs           | 1              |                 |                  | 1
99 needs not known           |                |                 | 1                |
100 illness                  | 2              | 1               | 3                | 2
105 mental health            |                | 1               |                  |
106 mobility                 |                | 1               |                  |
111 years in area            | 12             | 6               | 7                | 2
112 years waiting            | 11             | 13              | 8                | 13
113 leaving reason           | 12             | 28              | 20               | 17
114 other reason             |                |                 | Share house sold |
115 previous home            | 3              | 33              | 28               | 26
116 homeless                 | 1              | 11              | 1                | 1
117 old postcode known       | 1              | 1               | 2                | 2
118 old postcode: out        | S5             | YO8             |                  |
119 old postcode: in         | 7AU            | 4QX             |                  |
120 old authority            |                |                 | E09000012        |
121 preference               | 1              | 1               | 3                | 2
122 homeless                 |                | 1               |                  |
123 overcrowded              | 1              | 1               |                  |
127 choice based             | 1              | 2               | 2                | 2
128 common policy            | 2              | 2               | 2                | 2
129 common register          | 2              | 1               | 2                | 2
130 accessible register      | 2              | 2               | 2                | 2
131 referral, council        | 3              |                 |                  |
132 referral, PRP            |                | 6               | 6                | 8
133 nomination               |                | 3               | 1                |
134 referring body           |                |                 | 9                |
135 income known             | 1              | 3               | 1                | 1
136 income frequency         | 2              |                 | 3                | 1
137 income                   | 1900           |                 | 52000            | 520
138 housing benefit          | 9              | 6               | 9                | 9
139 from benefits            | 3              | 2               | 3                | 3
141 rent period              | 1              | 4               | 4                | 4
142 rent                     | 98.50          | 612.30          | 780.00           | 650
143 service charge           | 0              | 12.00           | 45.50            | 0
144 personal service         | 0              | 0               | 0                | 0
145 support                  | 0              | 0               | 0                | 0
146 still to pay             |                | 2               |                  |
= lettype                    | 3              | 1               | 5                | 9
= rent_type                  | 0              | 0               | 2                | 5
= renttype                   | 1              | 1               | 2                | 3
= lar                        | -              | -               | 1                | -
= irproduct                  | -              | -               | -                | 3
= startdate                  | 2026-06-01     | 2026-09-14      | 2026-08-03       | 2026-04-20
= renewal                    | 0              | 0               | 0                | 0
= newprop                    | 2              | 2               | 1                | 2
= la                         | E08000039      | E06000065       | E09000033        | E06000065
= postcode_full              | S6 5DE         | YO11 1XB        | W2 6ES           | -
= postcode_known             | 1              | 1               | 1                | 0
= beds                       | 2              | 5               | 1                | 1
= vacdays                    | 12             | 75              | 0                | 35
= majorrepairs               | 1              | 0               | -                | 0
= hhmemb                     | 1              | 8               | 2                | 1
= totadult                   | 1              | 3               | 2                | 1
= totchild                   | 0              | 4               | 0                | 0
= totelder                   | 0              | 0               | 0                | 0
= hhtype                     | 3              | 6               | 4                | 3
= refused                    | 0              | 1               | 0                | 0
= ethnic_group               | 0              | 3               | 1                | 17
= nationality_all_group      | 826            | 12              | 0                | 12
= relat2                     | -              | P               | P                | -
= age3_known                 | -              | 1               | -                | -
= relat5                     | -              | X               | -                | -
= ecstat5                    | -              | 9               | -                | -
= ecstat6                    | -              | 9               | -                | -
= relat8                     | -              | X               | -                | -
= details_known_8            | -              | 0               | -                | -
= housingneeds               | 2              | 1               | 3                | 2
= housingneeds_type          | -              | 2               | -                | -
= housingneeds_c             | 0              | 1               | 0                | 0
= housingneeds_g             | 1              | 0               | 0                | 1
= illness_type_3             | -              | 1               | -                | -
= illness_type_1             | -              | 0               | -                | -
= new_old                    | 1              | 2               | 1                | 1
= ppcodenk                   | 0              | 0               | 1                | 1
= ppostcode_full             | S5 7AU         | YO8 4QX         | -                | -
= prevloc                    | E08000039      | E06000065       | E09000012        | -
= previous_la_known          |                |                 | 1                | 0
= letting_allocation_unknown | 0              | 0               | 1                | 1
= referral_register          | 3              | 6               | 6                | 8
= net_income_known           | 0              | 2               | 0                | 0
= incref                     | 0              | 1               | 0                | 0
= earnings                   | 1900           | -               | 52000            | 520
= weekly_net_income          | 438            | -               | 1000             | 520
= tcharge                    | 98.50          | 624.30          | 825.50           | 650.00
= wrent                      | 98.50          | 141.30          | 180.00           | 150.00
= wscharge                   | 0.00           | 2.77            | 10.50            | 0.00
= wpschrge                   | 0.00           | 0.00            | 0.00             | 0.00
= wsupchrg                   | 0.00           | 0.00            | 0.00             | 0.00
= wtcharge                   | 98.50          | 144.07          | 190.50           | 150.00
= has_benefits               | 0              | 1               | 0                | 0
= tshortfall                 | -              | -               | -                | -

                             | pensioner       | renewal         | veteran        | from abroad
1 owner                      | ORG412          | ORG301          | ORG301         | ORG412
2 manager                    | ORG77           | ORG301          | ORG301         | ORG412
3 user                       | sam@bea.example | jo@riv.example  | jo@riv.example | ali@ash.example
4 needs type                 | 2               | 1               | 2              | 1
5 scheme                     | S18             |                 | S5             |
6 location                   | 2               |                 | 1              |
7 renewal                    | 2               | 1               | 2              | 2
8 start: day                 | 5               | 1               | 12             | 30
9 start: month               | 10              | 7               | 11             | 11
10 start: year               | 26              | 26              | 26             | 26
11 rent type                 | 1               | 2               | 7              | 5
13 tenancy code              | T-2605          | T-2606          | T-2607         | T-2608
14 property code             | P-005           | P-006           | P-007          | P-008
15 privacy notice            | 1               | 1               | 1              | 1
16 vacancy reason            | 18              |                 | 6              | 22
17 was let as                | 1               |                 | 9              | 7
18 UPRN                      |                 | 10023456789     |                | 10033521042
19 address line 1            | 2 Harbour Court | 27 Wadsley Lane | 3 Norfolk Road | 40 Elgin Avenue
21 town                      | Whitby          | Sheffield       | Sheffield      | London
22 county                    | North Yorkshire |                 |                |
23 postcode: out             | YO21            | S6              | S2             | W9
24 postcode: in              | 3PU             | 4EA             | 2SX            | 3RP
25 authority                 |                 |                 |                | E09000033
26 unit type                 |                 | 1               |                | 1
27 wheelchair standard       |                 | 2               |                | 2
28 bedrooms                  |                 | 1               |                | 2
29 void: day                 | 7               |                 | 1              | 2
30 void: month               | 9               |                 | 10             | 11
31 void: year                | 26              |                 | 26             | 26
32 repairs: day              |                 |                 |                | 21
33 repairs: month            |                 |                 |                | 11
34 repairs: year             |                 |                 |                | 26
35 older people              | 7               |                 | 3              |
36 joint                     | 2               | 3               | 2              | 2
37 starter                   | 2               | 2               | 2              | 2
38 tenancy                   | 3               | 6               | 5              | 8
39 other tenancy             | Almshouse       |                 |                |
40 length                    |                 | 5               |                |
41 age 1                     | 78              | 45              | 52             | 60
42 sex 1                     | F               | M               | M              | F
43 gender same 1             | 1               | 1               | 1              | 1
45 ethnic                    | 1               | 8               | 3              | 16
46 nationality               | 826             | 356             | 826            | 804
47 work 1                    | 5               | 6               | 8              | 0
48 age 2                     |                 | 43              |                | 66
49 partner 2                 |                 | 1               |                | 2
50 sex 2                     |                 | F               |                | M
51 gender same 2             |                 | 1               |                | 1
53 work 2                    |                 | 2               |                | 5
54 age 3                     |                 | 12              |                |
56 sex 3                     |                 | M               |                |
57 gender same 3             |                 | 1               |                |
90 armed forces              | 5               | 6               | 1              | 4
91 still serving             |                 |                 | 5              |
92 injured                   |                 |                 | 1              | 2
93 pregnant                  | 2               | 2               | 2              | 2
94 full wheelchair           | 1               |                 |                |
97 other access needs        | 1               |                 | 1              |
98 no access needs           |                 | 1               |                | 1
100 illness                  | 1               | 2               | 1              | 2
105 mental health            |                 |                 | 1              |
106 mobility                 | 1               |                 |                |
108 stamina                  | 1               |                 |                |
110 other effect             |                 |                 | 1              |
111 years in area            | 12              | 10              | 1              | 1
112 years waiting            | 2               |                 | 6              | 2
113 leaving reason           | 13              | 50              | 46             | 2
115 previous home            | 27              |                 | 10             | 37
116 homeless                 | 1               | 1               | 11             | 11
117 old postcode known       | 1               |                 | 2              | 2
118 old postcode: out        | LS6             |                 |                |
119 old postcode: in         | 2AB             |                 |                |
120 old authority            |                 |                 | W06000015      | 9300000XX
121 preference               | 1               | 2               | 1              | 2
124 medical                  | 1               |                 |                |
126 not known                |                 |                 | 1              |
127 choice based             | 2               | 2               | 2              | 1
128 common policy            | 1               | 2               | 2              | 1
129 common register          | 2               | 2               | 2              | 2
130 accessible register      | 1               | 2               | 2              | 2
131 referral, council        |                 |                 | 4              |
132 referral, PRP            | 7               |                 |                | 9
133 nomination               | 7               |                 |                |
134 referring body           | 14              |                 |                |
135 income known             | 1               | 1               | 2              | 1
136 income frequency         | 1               | 2               |                | 3
137 income                   | 228.45          | 1950            |                | 30000
138 housing benefit          | 1               | 3               | 1              | 10
139 from benefits            | 1               | 4               | 1              | 2
140 charges payable          | 0               |                 | 1              |
141 rent period              | 3               | 2               |                | 10
142 rent                     | 400.00          | 190.00          |                | 235.10
143 service charge           | 220.00          | 0               |                | 18.20
144 personal service         | 36.00           | 0               |                | 0
145 support                  | 80.00           | 0               |                | 0
146 still to pay             | 1               |                 |                |
147 amount to pay            | 84.20           |                 |                |
= lettype                    | 2               | 7               | 16             | 9
= rent_type                  | 0               | 1               | 6              | 4
= renttype                   | 1               | 2               | 4              | 3
= lar                        | -               | 2               | -              | -
= irproduct                  | -               | -               | -              | 2
= renewal                    | 0               | 1               | 0              | 0
= newprop                    | 2               | 2               | 2              | 2
= rsnvac                     | 18              | 14              | 6              | 22
= unitletas                  | 1               | 2               | 9              | 7
= la_in_use                  | E06000065       | E08000039       | E08000039      | E09000033
= postcode_in_use            | YO21 3PU        | S6 4EA          | S2 2SX         | W9 3RP
= wchair                     | 1               | 2               | 2              | 2
= voiddate                   | 2026-09-07      | 2026-07-01      | 2026-10-01     | 2026-11-02
= vacdays                    | 28              | 0               | 42             | 9
= hhmemb                     | 1               | 3               | 1              | 2
= totadult                   | 0               | 2               | 1              | 0
= totchild                   | 0               | 1               | 0              | 0
= totelder                   | 1               | 0               | 0              | 2
= hhtype                     | 1               | 6               | 3              | 2
= refused                    | 0               | 0               | 0              | 0
= ecstat3                    | -               | 9               | -              | -
= leftreg                    | -               | -               | 5              | -
= reservist                  | -               | -               | 1              | 2
= housingneeds               | 1               | 2               | 1              | 2
= housingneeds_type          | 0               | -               | 3              | -
= housingneeds_other         | 1               | -               | 1              | -
= housingneeds_a             | 1               | 0               | 0              | 0
= housingneeds_f             | 1               | 0               | 1              | 0
= waityear                   | 2               | 2               | 6              | 2
= prevten                    | 27              | 30              | 10             | 37
= new_old                    | 1               |                 | 1              | 1
= ppcodenk                   | 0               | 0               | 1              | 1
= ppostcode_full             | LS6 2AB         | S6 4EA          | -              | -
= prevloc                    | E08000035       | E08000039       | W06000015      | 9300000XX
= rp_homeless                | 0               | -               | 0              | -
= letting_allocation_unknown | 0               | 1               | 1              | 0
= referral_register          | 7               | 1               | 4              | 9
= incref                     | 0               | 0               | 2              | 0
= earnings                   | 228             | 1950            | -              | 30000
= weekly_net_income          | 228             | 450             | -              | 577
= nocharge                   | 0               | -               | 1              | -
= tcharge                    | 736.00          | 190.00          | -              | 253.30
= wrent                      | 100.00          | 95.00           | -              | 239.62
= wscharge                   | 55.00           | 0.00            | -              | 18.55
= wpschrge                   | 9.00            | 0.00            | -              | 0.00
= wsupchrg                   | 20.00           | 0.00            | -              | 0.00
= wtcharge                   | 184.00          | 95.00           | -              | 258.17
= has_benefits               | 1               | 0               | 1              | 0
= tshortfall_known           | 0               | -               | -              | -
= wtshortfall                | 21.05           | -               | -              | -
""",
}
# By letting: what is changed in it, and the fields that are told with the rule; "-" for none.
WRONG = {
    2023: """
first let       | 7=31, 8=6            | 7 start_date_not_a_date
family of eight | 34=                  | 34 void_date_not_a_date
rent to buy     | 18=10A3              | 18 uprn_format
family of eight | 24=                  | 24 postcode_incomplete; 25 missing
family of eight | 19=, 21=, 23=, 24=   | 19 21 23 25 missing
family of eight | 108=                 | 108 previous_postcode_format
first let       | 43=1                 | 43 tenancy_length_social_or_affordable_fixed_term
family of eight | 41=3                 | 41 tenancy_other_not_described; 42 missing
rent to buy     | 39=1                 | 39 joint_tenancy_with_one_person
rent to buy     | 46=15                | 46 age1_out_of_range
family of eight | 76=0                 | 76 person_age_out_of_range
family of eight | 56=, 55=, 57=, 58=   | 59 person_left_out
rent to buy     | 48=21                | 48 answer_not_offered
rent to buy     | 47=W                 | 47 answer_not_offered
rent to buy     | 79=1                 | 80 81 missing
rent to buy     | 89=1                 | 90 missing
rent to buy     | 90=1                 | 90 health_effect_without_condition
rent to buy     | 83=1, 84=1, 87=      | 83 several_access_needs
rent to buy     | 83=1                 | 87 access_needs_contradict
rent to buy     | 83=abc               | 83 access_need_not_a_tick
family of eight | 100=1                | 100 newcomer_from_same_local_authority
rent to buy     | 102=20               | 102 leaving_reason_other_not_described; 103 missing
rent to buy     | 103=x                | 103 leaving_reason_other_not_expected
family of eight | 111=, 112=           | 111 missing
family of eight | 115=1                | -
rent to buy     | 117=                 | 117 allocation_left_empty
rent to buy     | 121=                 | 121 income_frequency_missing; 121 missing
rent to buy     | 122=900000           | 122 income_above_limit
family of eight | 124=3                | -
rent to buy     | 124=1                | 124 all_income_from_benefits_but_lead_tenant_works
rent to buy     | 129=                 | -
rent to buy     | 128=1e3              | 128 brent_not_a_number
rent to buy     | 126=9                | 126 rent_period_not_used_by_manager; 126 rent_unusual
pensioner       | 134=900              | 134 shortfall_above_total_charge
pensioner       | 125=                 | 125 missing
pensioner       | 15=S5                | 15 scheme_unknown
renewal         | 102=12               | 102 missing
renewal         | 104=3                | 104 renewal_previous_home
renewal         | 100=1 | 100 renewal_by_newcomer_to_area; 100 newcomer_from_same_local_authority
family of eight | 104=3                | 104 internal_transfer_from_outside_social_housing_to_2025
family of eight | 104=31 | 104 internal_transfer_to_housing_association_from_council_tenancy
pensioner       | 127=x                | 127 chcharge_not_a_number; 127 care_home_charge_not_given
pensioner       | 44=9                 | 44 answer_not_offered
council house   | 119=3                | 119 referral_of_a_local_authority_owner
council house   | 119=4                | 119 referral_of_a_local_authority_owner
rent to buy     | 28=151               | 28 offered_out_of_range
rent to buy     | 50=5, 122=100, 121=1 | 50 retired_before_66
rent to buy     | 82=1                 | 82 pregnancy_in_all_male_household
first let       | 36=1, 37=8, 38=26    | -
council house   | 4=3                  | 4 answer_not_offered
council house   | 1=ORG999             | 1 owning_organisation_unknown
pensioner       | 2=                   | 2 missing
pensioner       | 125=5                | 125 answer_not_offered
council house   | 5=13                 | 5 answer_not_offered
council house   | 5=4                  | 5 letting_type_disagrees_with_needs_type
council house   | 5=                   | 5 missing
first let       | 10=4                 | 10 answer_not_offered
rent to buy     | 11=                  | 11 missing
pensioner       | 16=0099              | 16 location_unknown
council house   | 27=99                | 27 answer_not_offered
family of eight | 59=P                 | 59 more_than_one_partner
family of eight | 51=4                 | 51 answer_not_offered
first let       | 10=7                 | 10 answer_not_offered
renewal         | 9=20                 | 9 date_outside_file_year; 9 start_date_outside_open_years
""",
    2024: """
leased home     | 8=31, 9=6            | 8 start_date_not_a_date
family of eight | 31=                  | 31 void_date_not_a_date
London Living   | 16=10A3              | 16 uprn_format
family of eight | 22=                  | 22 postcode_incomplete; 23 missing
family of eight | 17=, 19=, 21=, 22=   | 17 19 21 missing
family of eight | 104=                 | 104 previous_postcode_format
leased home     | 40=1                 | 40 tenancy_length_social_or_affordable_fixed_term
family of eight | 38=3                 | 38 tenancy_other_not_described; 39 missing
London Living   | 36=1                 | 36 joint_tenancy_with_one_person
London Living   | 42=15                | 42 age1_out_of_range
family of eight | 72=0                 | 72 person_age_out_of_range
family of eight | 52=, 51=, 53=, 54=   | 55 person_left_out
London Living   | 44=21                | 44 answer_not_offered
London Living   | 45=GBR               | 45 answer_not_offered
London Living   | 43=W                 | 43 answer_not_offered
London Living   | 75=1                 | 76 77 missing
London Living   | 85=1                 | 86 missing
London Living   | 86=1                 | 86 health_effect_without_condition
London Living   | 79=1, 80=1, 83=      | 79 several_access_needs
London Living   | 79=1                 | 83 access_needs_contradict
London Living   | 79=abc               | 79 access_need_not_a_tick
family of eight | 96=1                 | 96 newcomer_from_same_local_authority
London Living   | 98=20                | 98 leaving_reason_other_not_described; 99 missing
London Living   | 99=x                 | -
family of eight | 107=, 108=           | 107 missing
family of eight | 111=1                | 111 preference_reason_and_not_known
London Living   | 113=                 | 113 allocation_left_empty
London Living   | 118=                 | 118 income_frequency_missing; 118 missing
London Living   | 119=900000           | 119 income_above_limit
family of eight | 121=3                | -
London Living   | 121=1                | 121 all_income_from_benefits_but_lead_tenant_works
London Living   | 126=                 | 125 126 127 128 charges_incomplete
London Living   | 125=1e3              | 125 brent_not_a_number
London Living   | 123=9                | 123 rent_period_not_used_by_manager; 123 rent_unusual
pensioner       | 130=900              | 130 shortfall_above_total_charge
pensioner       | 122=                 | 122 missing
pensioner       | 5=S5                 | 5 scheme_unknown
renewal         | 98=12                | 98 renewal_reason_for_leaving
renewal         | 100=3                | 100 renewal_previous_home
renewal         | 96=1 | 96 renewal_by_newcomer_to_area; 96 newcomer_from_same_local_authority
family of eight | 100=3                | 100 internal_transfer_from_outside_social_housing_to_2025
family of eight | 100=31 | 100 internal_transfer_to_housing_association_from_council_tenancy
pensioner       | 124=x                | 124 chcharge_not_a_number; 124 care_home_charge_not_given
pensioner       | 41=9                 | 41 answer_not_offered
couple of 70    | 116=3                | 116 referral_of_a_local_authority_owner
couple of 70    | 116=4                | 116 referral_of_a_local_authority_owner
London Living   | 46=5, 119=100, 118=1 | 46 retired_before_66
London Living   | 78=1                 | 78 pregnancy_in_all_male_household
leased home     | 33=1, 34=8, 35=26    | -
couple of 70    | 4=3                  | 4 answer_not_offered
couple of 70    | 1=ORG999             | 1 owning_organisation_unknown
pensioner       | 2=                   | 2 missing
pensioner       | 122=5                | 122 answer_not_offered
couple of 70    | 24=99                | 24 answer_not_offered
family of eight | 55=P                 | 55 more_than_one_partner
family of eight | 47=4                 | 47 answer_not_offered
couple of 70    | 11=8                 | 11 answer_not_offered
leased home     | 11=7                 | 11 answer_not_offered
renewal         | 10=20 | 10 date_outside_file_year; 10 start_date_outside_open_years; 23 missing
""",
    2025: """
converted home  | 8=31, 9=6            | 8 start_date_not_a_date
family of eight | 31=                  | 31 void_date_not_a_date
rent to buy     | 18=10A3              | 18 uprn_format
family of eight | 24=                  | 24 postcode_incomplete; 25 missing
family of eight | 19=, 21=, 23=, 24=   | 19 21 23 25 missing
family of eight | 104=                 | 104 previous_postcode_format
converted home  | 41=1                 | 41 tenancy_length_social_or_affordable_fixed_term
family of eight | 39=3                 | 39 tenancy_other_not_described; 40 missing
rent to buy     | 37=1                 | 37 joint_tenancy_with_one_person
rent to buy     | 42=15                | 42 age1_out_of_range
family of eight | 72=0                 | 72 person_age_out_of_range
family of eight | 52=, 51=, 53=, 54=   | 55 person_left_out
rent to buy     | 44=21                | 44 answer_not_offered
rent to buy     | 45=GBR               | 45 answer_not_offered
rent to buy     | 43=W                 | 43 answer_not_offered
rent to buy     | 75=1                 | 76 77 missing
rent to buy     | 85=1                 | 86 missing
rent to buy     | 86=1                 | 86 health_effect_without_condition
rent to buy     | 79=1, 80=1, 83=      | 79 several_access_needs
rent to buy     | 79=1                 | 83 access_needs_contradict
rent to buy     | 79=abc               | 79 access_need_not_a_tick
family of eight | 96=1                 | 96 newcomer_from_same_local_authority
rent to buy     | 98=20                | 98 leaving_reason_other_not_described; 99 missing
rent to buy     | 99=x                 | -
family of eight | 107=, 108=           | 107 missing
family of eight | 111=1                | 111 preference_reason_and_not_known
rent to buy     | 113=                 | 113 allocation_left_empty
rent to buy     | 118=                 | 118 income_frequency_missing; 118 missing
rent to buy     | 119=900000           | 119 income_above_limit
family of eight | 121=3                | -
rent to buy     | 121=1                | 121 all_income_from_benefits_but_lead_tenant_works
rent to buy     | 125=                 | 124 125 126 127 charges_incomplete
rent to buy     | 124=1e3              | 124 brent_not_a_number
rent to buy     | 123=9                | 123 rent_period_not_used_by_manager; 123 rent_unusual
pensioner       | 129=900              | 129 shortfall_above_total_charge
pensioner       | 122=                 | 122 missing
pensioner       | 5=S5                 | 5 scheme_unknown
renewal         | 98=12                | 98 renewal_reason_for_leaving
renewal         | 100=3                | 100 renewal_previous_home
renewal         | 96=1 | 96 renewal_by_newcomer_to_area; 96 newcomer_from_same_local_authority
family of eight | 100=3                | 100 internal_transfer_from_outside_social_housing_to_2025
family of eight | 100=31 | 100 internal_transfer_to_housing_association_from_council_tenancy
pensioner       | 36=9                 | 36 answer_not_offered
lone mother     | 116=3                | 116 referral_of_a_local_authority_owner
rent to buy     | 46=5, 119=100, 118=1 | 46 retired_before_66
rent to buy     | 78=1                 | 78 pregnancy_in_all_male_household
converted home  | 33=1, 34=8, 35=26    | -
lone mother     | 4=3                  | 4 answer_not_offered
lone mother     | 1=ORG999             | 1 owning_organisation_unknown
pensioner       | 2=                   | 2 missing
pensioner       | 122=5                | 122 answer_not_offered
lone mother     | 16=99                | 16 answer_not_offered
family of eight | 55=P                 | 55 answer_not_offered
family of eight | 47=4                 | 47 answer_not_offered
lone mother     | 11=8                 | 11 answer_not_offered
""",
    2026: """
first let       | 8=31, 9=6               | 8 start_date_not_a_date
family of eight | 29=30, 30=2             | 29 void_date_not_a_date
first let       | 29=28, 30=12            | 29 void_date_after_start
family of eight | 30=                     | 30 void_date_not_a_date
family of eight | 32=31, 33=4, 34=26      | 32 repairs_date_not_a_date
family of eight | 31=2001                 | 31 void_date_over_20_years_before_start
family of eight | 30=July                 | 30 void_date_not_a_date
family of eight | 16=14                   | 16 vacancy_reason_renewal_on_non_renewal
family of eight | 28=13                   | 28 beds_out_of_range
family of eight | 28=2.5                  | 28 beds_not_whole
intermediate    | 18=10A3                 | 18 uprn_format
intermediate    | 18=1234567890123        | 18 uprn_format
family of eight | 23=YO111, 24=1XBB       | 23 property_postcode_format; 25 missing
family of eight | 24=                     | 24 postcode_incomplete; 25 missing
family of eight | 23=                     | 23 property_postcode_format; 25 missing
family of eight | 19=, 21=, 23=, 24=      | 19 21 23 25 missing
intermediate    | 25=S12000033 | 25 local_authority_outside_england; 25 answer_not_offered
intermediate    | 25=E07000163            | 25 answer_not_offered
family of eight | 119=                    | 119 previous_postcode_format
family of eight | 118=Y, 119=4QX          | 118 previous_postcode_format
family of eight | 118=, 119=              | 118 missing
first let       | 120=Hackney             | 120 answer_not_offered
first let       | 40=                     | 40 missing
first let       | 40=1                    | 40 tenancy_length_social_or_affordable_fixed_term
family of eight | 40=5                    | -
family of eight | 38=3                    | 38 tenancy_other_not_described; 39 missing
family of eight | 39=Something            | 39 tenancy_other_not_expected
intermediate    | 36=1                    | 36 joint_tenancy_with_one_person
intermediate    | 41=15                   | 41 age1_out_of_range
intermediate    | 41=121                  | 41 age1_out_of_range; 41 not_retired_after_66
intermediate    | 41=                     | 41 missing
family of eight | 84=0                    | 84 person_age_out_of_range
family of eight | 54=, 55=, 56=, 57=, 59= | 60 person_left_out
family of eight | 65=9                    | 65 missing
intermediate    | 45=21                   | 45 answer_not_offered
intermediate    | 46=GBR                  | 46 answer_not_offered
intermediate    | 42=X                    | 42 answer_not_offered
first let       | 44=                     | 44 missing
intermediate    | 90=1                    | 91 92 missing
intermediate    | 91=4                    | -
intermediate    | 100=1                   | 101 missing
intermediate    | 101=1                   | 101 health_effect_without_condition
intermediate    | 94=1, 95=1, 98=         | 94 several_access_needs
intermediate    | 94=1                    | 98 access_needs_contradict
intermediate    | 99=1                    | 99 access_needs_contradict
intermediate    | 98=                     | 98 missing
intermediate    | 94=abc                  | 94 access_need_not_a_tick
family of eight | 111=1                   | 111 newcomer_from_same_local_authority
intermediate    | 112=14                  | 112 answer_not_offered
intermediate    | 113=20                  | 113 leaving_reason_other_not_described; 114 missing
first let       | 114=Homeless            | 113 leaving_reason_other_describes_homelessness
intermediate    | 114=x                   | -
from abroad     | 115=13                  | 115 care_leaver_home_with_tenant_over_25
family of eight | 122=, 123=              | 122 missing
intermediate    | 122=1                   | -
family of eight | 126=1                   | 126 preference_reason_and_not_known
intermediate    | 128=                    | 128 allocation_left_empty
intermediate    | 129=0                   | 129 answer_not_offered
intermediate    | 136=                    | 136 income_frequency_missing; 136 missing
intermediate    | 137=900000              | 137 income_above_limit
intermediate    | 137=1                   | 137 income_below_limit
intermediate    | 135=2                   | -
family of eight | 139=3                   | 139 housing_benefit_with_no_income_from_benefits
intermediate    | 139=1                   | 139 all_income_from_benefits_but_lead_tenant_works
intermediate    | 143=                    | 142 143 144 145 charges_incomplete
intermediate    | 143=5.125               | 143 scharge_not_whole_pence
intermediate    | 142=1e3                 | 142 brent_not_a_number
intermediate    | 142=20                  | 142 rent_below_limit; 142 total_charge_under_10_a_week
intermediate    | 142=20000               | 142 rent_above_limit
intermediate    | 141=9                   | 141 rent_period_not_used_by_manager; 141 rent_unusual
intermediate    | 143=4000                | 143 scharge_above_limit
pensioner       | 147=900                 | 147 shortfall_above_total_charge
pensioner       | 147=0                   | 147 shortfall_not_positive
pensioner       | 147=                    | 147 missing
family of eight | 138=9                   | -
family of eight | 146=                    | 146 missing
pensioner       | 140=                    | 140 missing
pensioner       | 140=1                   | -
pensioner       | 5=S5                    | 5 scheme_unknown
renewal         | 113=12                  | 113 renewal_reason_for_leaving
renewal         | 115=3                   | 115 renewal_previous_home
renewal         | 111=1 | 111 renewal_by_newcomer_to_area; 111 newcomer_from_same_local_authority
renewal         | 29=1, 30=6, 31=26       | -
intermediate    | 2=ORG301                | 2 managing_organisation_unknown
intermediate    | 3=jo@riv.example        | 3 assigned_to_unknown
intermediate    | 3=x@y.example           | 3 assigned_to_unknown
intermediate    | 15=0                    | 15 answer_not_offered
family of eight | 115=3                   | 115 internal_transfer_from_outside_social_housing
family of eight | 115=31                  | -
pensioner       | 35=9                    | 35 answer_not_offered
council house   | 131=, 132=8             | 131 referral_in_the_other_owners_field
family of eight | 17=                     | 17 missing
intermediate    | 47=5, 137=100, 136=1    | 47 retired_before_66
intermediate    | 93=1                    | 93 pregnancy_unlikely_in_household
family of eight | 143=200                 | 143 scharge_unusual
family of eight | 31=2021                 | 31 vacant_long_before_start
first let       | 32=1, 33=8, 34=26       | -
intermediate    | 47=8, 139=2 | 47 income_unusual; 47 long_term_sick_without_health_condition
intermediate    | 142=200                 | 142 rent_unusual
council house   | 4=3                     | 4 answer_not_offered
council house   | 1=ORG999                | 1 owning_organisation_unknown
pensioner       | 2=                      | 2 missing
pensioner       | 5=                      | 5 missing
pensioner       | 6=                      | 6 missing
pensioner       | 140=5                   | 140 answer_not_offered
council house   | 7=                      | 7 missing
council house   | 15=                     | 15 missing
intermediate    | 12=                     | 12 intermediate_rent_product_not_named; 12 missing
pensioner       | 133=2                   | 133 referral_nomination_does_not_follow
pensioner       | 134=3                   | 134 referral_organisation_does_not_follow
council house   | 16=99                   | 16 answer_not_offered
family of eight | 61=P                    | 61 answer_not_offered
family of eight | 49=4                    | 49 answer_not_offered
council house   | 11=8                    | 11 answer_not_offered
renewal         | 10=20 | 10 date_outside_file_year; 10 start_date_outside_open_years; 25 missing
""",
}


def _table(text: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split("|")] for line in text.splitlines() if line]


@dataclass
class Letting:
    """A row of a vendor's file, and what it is to become; None: no answer."""

    columns: dict[str, str] = field(default_factory=dict)
    becomes: dict[str, str | None] = field(default_factory=dict)


@cache
def lettings(year: int) -> dict[str, Letting]:
    """The valid lettings of a year by what they are."""
    found: dict[str, Letting] = {}
    names: list[str] = []
    for first, *cells in _table(VALID[year]):
        if not first:
            names = cells
            found |= {name: Letting() for name in names}
            continue
        number, _, what = first.partition(" ")
        for name, cell in zip(names, cells, strict=True):
            if number == "=" and cell:
                found[name].becomes[what] = None if cell == "-" else cell
            elif cell:
                found[name].columns[number] = cell
    return found


def _sheffield(year: int) -> str:
    return "E08000019" if year < 2025 else "E08000039"


@cache
def context(year: int) -> dict[str, Any]:
    """Whom and what the files name, in the form that other programs send."""
    sheffield = _sheffield(year)
    yorkshire, westminster = "E06000065", "E09000033"

    def location(code: str, postcode: str, la: str, mobility: str) -> dict[str, str]:
        return {"code": code, "postcode": postcode, "la": la, "mobility_type": mobility}

    def institution(code: str, kind: str, owns: bool, periods: list[int]) -> dict[str, Any]:
        return {
            "code": code,
            "name": f"Institution {code}",
            "provider_type": kind,
            "holds_own_stock": owns,
            "rent_periods": periods,
            "data_sharing_agreement_signed": True,
        }

    def person(email: str, code: str) -> dict[str, str]:
        return {"email": email, "role": "data_provider", "organisation": code}

    def scheme(code: str, owner: str, *places: dict[str, str]) -> dict[str, Any]:
        return {"code": code, "owning_organisation": owner, "locations": list(places)}

    registry = {
        "institutions": [
            institution("ORG301", "LA", True, list(range(1, 12))),
            institution("ORG412", "PRP", True, [1, 2, 3, 4, 10]),
            institution("ORG77", "PRP", False, [1, 3, 4]),
        ],
        "relationships": [{"stock_owner": "ORG412", "managing_agent": "ORG77"}],
        "users": [
            person("jo@riv.example", "ORG301"),
            person("ali@ash.example", "ORG412"),
            person("sam@bea.example", "ORG77"),
        ],
        "schemes": [
            scheme(
                "S18",
                "ORG412",
                location("1", "YO21 3PT", yorkshire, "M"),
                location("2", "YO21 3PU", yorkshire, "W"),
                location("3", "YO21 3PW", yorkshire, "N"),
            ),
            # By its older codes.
            scheme(
                "417",
                "ORG412",
                location("91", "YO21 3PX", yorkshire, "W"),
                location("92", "YO21 3PY", yorkshire, "N"),
            ),
            scheme("S5", "ORG301", location("1", "S2 2SX", sheffield, "N")),
        ],
    }
    places = {
        sheffield: ["S6 5DE", "S6 4EA", "S5 7AU", "S2 2SX"],
        yorkshire: ["YO11 1XB", "YO8 4QX", "YO21 3PT", "YO21 3PU", "YO21 3PX"],
        westminster: ["W2 6ES", "W9 3RP"],
        "E08000017": ["DN1 3HR"],
        "E08000035": ["LS6 2AB"],
    }
    ranges = [
        {
            **{"lettype": lettype, "la": la, "beds": beds},
            **{"soft_min": 50, "soft_max": 300, "hard_min": 20, "hard_max": 1000},
        }
        for lettype in range(1, 13)
        for la in (sheffield, yorkshire, westminster)
        for beds in range(5)
    ]
    postcodes = {postcode: la for la, found in places.items() for postcode in found}
    return {"registry": registry, "postcodes": postcodes, "rent_ranges": ranges}


# What a spreadsheet, or another program, makes of a right value.
Change = Callable[[UploadColumn, str], str]
WORDS = frozenset(
    [
        *("tenancycode", "propcode", "irproduct_other", "address_line1", "address_line2", "county"),
        *("town_or_city", "tenancyother", "reasonother", "gender_description1"),
    ]
)
PARTIES = frozenset(["owning_organisation_id", "managing_organisation_id"])


def _is_whole(column: UploadColumn, value: str) -> bool:
    return column.value_type == "integer" and value.isdecimal()


def _pounds(column: UploadColumn, value: str) -> str:
    return f"£{Decimal(value):,.2f}" if column.value_type == "decimal" else value


def _lower(column: UploadColumn, value: str) -> str:
    is_code = column.value_type == "text" and column.variables[0] not in WORDS
    return value.lower() if is_code else value


def _identified_otherwise(column: UploadColumn, value: str) -> str:
    name = column.variables[0]
    if name in PARTIES:
        return value.removeprefix("ORG")
    if name == "assigned_to_id":
        return value.upper()
    if name == "scheme_id":
        return value.replace("S", "s0") if value.startswith("S") else value.lstrip("0")
    return f"0{value}" if name == "location_id" else value


MANGLED: dict[str, Change] = {
    "1.00 for 1": lambda c, v: f"{v}.00" if _is_whole(c, v) else v,
    "01 for 1": lambda c, v: f"0{v}" if _is_whole(c, v) else v,
    "1.0 for every number": lambda c, v: f"{v}.0" if v.isdecimal() else v,
    "stray spaces": lambda c, v: f"  {v}\t",
    "spaces that do not break": lambda c, v: f"\u00a0{v}\u00a0",
    "£1,200.50": _pounds,
    "lower-case codes": _lower,
    "years of four digits": lambda c, v: f"20{v}" if c.part == "year" and len(v) == 2 else v,
    "years of two digits": lambda c, v: v[-2:] if c.part == "year" else v,
    "other spellings of whom it names": _identified_otherwise,
}


def _upload_columns(year: int) -> dict[str, UploadColumn]:
    return {str(column.field): column for column in load("lettings", year).upload_columns}


def mangled(year: int) -> dict[tuple[str, str], dict[str, str]]:
    """Lettings as files hold them in practice: the same answers, by letting and what was done."""
    columns = _upload_columns(year)
    found = {}
    for name, letting in lettings(year).items():
        given = letting.columns
        for what, change in MANGLED.items():
            changed = {number: change(columns[number], text) for number, text in given.items()}
            found[name, what] = changed
        for what, (keeps, between) in {"first": (0, " "), "second": (1, "")}.items():
            joined = dict(given)
            for halves in _halves(year):
                if halves[0] in given and halves[1] in given:
                    joined[halves[1 - keeps]] = ""
                    joined[halves[keeps]] = between.join(given[number] for number in halves)
            found[name, f"half postcodes joined in the {what} column"] = joined
    return found


def _halves(year: int) -> list[list[str]]:
    columns = _upload_columns(year)
    return [
        [n for n, column in columns.items() if column.variables[:1] == (name,)]
        for name in ("postcode_full", "ppostcode_full")
    ]


def spoilt(year: int) -> dict[tuple[str, str], tuple[str, dict[str, str]]]:
    """Letters in columns of numbers and 99 in those of codes, by number and text.

    With them the letting they are in and its columns.
    """
    definition = load("lettings", year)
    found = {}
    for number, column in _upload_columns(year).items():
        if column.value_type == "text" or not column.variables:
            continue
        variable = definition.variables[column.variables[0]]
        is_coded = bool(variable.codes) or variable.kind == "checkbox"
        for text in ("abc", "99") if is_coded else ("abc",):
            for name, letting in lettings(year).items():
                if number in letting.columns:
                    found[number, text] = (name, {**letting.columns, number: text})
                    break
    return found


@dataclass
class Wrong:
    """A letting with something wrong; `told`: by rule the fields that its findings name."""

    letting: str
    given: str
    told: dict[str, list[int]]
    columns: dict[str, str]


@cache
def wrong(year: int) -> list[Wrong]:
    """The wrong lettings of a year."""
    found = []
    for name, given, told in _table(WRONG[year]):
        changes = dict(change.split("=") for change in given.split(", "))
        by_rule = {}
        for part in told.split("; "):
            *numbers, rule = part.split()
            if rule != "-":
                by_rule[rule] = [int(number) for number in numbers]
        columns = {**lettings(year)[name].columns, **changes}
        found.append(Wrong(name, given, by_rule, columns))
    return found


@cache
def checked(year: int) -> dict[Any, dict[str, Any]]:
    """Results of all rows of a year, checked in one call."""
    rows: dict[Any, dict[str, str]] = {n: found.columns for n, found in lettings(year).items()}
    rows |= mangled(year)
    rows |= {key: columns for key, (_, columns) in spoilt(year).items()}
    rows |= {(case.letting, case.given): case.columns for case in wrong(year)}
    requests = [
        Request.read(
            {
                **{"collection": "lettings", "year": year, "today": TODAYS[year]},
                **{"columns": columns, "context": context(year)},
            }
        )
        for columns in rows.values()
    ]
    return dict(zip(rows, check_requests(requests), strict=True))


def _same(found: Any, wanted: str | None) -> bool:
    if found is None or wanted is None:
        return found is wanted
    try:
        return Decimal(str(found)) == Decimal(wanted)
    except InvalidOperation:
        return str(found) == wanted


def _told(result: dict[str, Any]) -> dict[str, list[list[int]]]:
    told: dict[str, list[list[int]]] = {}
    for finding in result["findings"]:
        told.setdefault(finding["rule"], []).append(finding["columns"])
    return told


def _are_told(told: dict[str, list[list[int]]], wanted: dict[str, list[int]]) -> bool:
    """Whether there is a finding for each field wanted, naming it, and no other."""
    return told.keys() == wanted.keys() and all(
        len(found) == len(wanted[rule])
        and all(any(number in columns for columns in found) for number in wanted[rule])
        for rule, found in told.items()
    )


@pytest.mark.parametrize("year", YEARS)
def test_valid_lettings_pass_with_nothing_to_mend_or_confirm(year: int) -> None:
    results = {name: checked(year)[name]["findings"] for name in lettings(year)}
    assert {name: found for name, found in results.items() if found} == {}


@pytest.mark.parametrize("year", YEARS)
def test_valid_lettings_become_what_was_worked_out_by_hand(year: int) -> None:
    different = {}
    for name, letting in lettings(year).items():
        values = {**checked(year)[name]["log"], **checked(year)[name]["derived"]}
        for variable, wanted in letting.becomes.items():
            if not _same(values[variable], wanted):
                different[name, variable] = (values[variable], wanted)
    assert different == {}


@pytest.mark.parametrize("year", YEARS)
def test_what_is_wrong_is_told_where_it_is_and_nothing_else_is(year: int) -> None:
    results = {
        (case.letting, case.given): (_told(checked(year)[case.letting, case.given]), case.told)
        for case in wrong(year)
    }
    assert {case: told for case, told in results.items() if not _are_told(*told)} == {}


@pytest.mark.parametrize("year", YEARS)
def test_what_no_column_takes_is_told_of_that_column(year: int) -> None:
    missed = {}
    for (number, text), (name, _) in spoilt(year).items():
        told = [f for f in checked(year)[number, text]["findings"] if f["severity"] != "soft"]
        if not any(int(number) in finding["columns"] for finding in told):
            missed[number, text, name] = told
    assert missed == {}


@pytest.mark.parametrize("year", YEARS)
def test_right_values_are_read_however_a_spreadsheet_writes_them(year: int) -> None:
    different = {}
    for (name, what), columns in mangled(year).items():
        result, plain = checked(year)[name, what], checked(year)[name]
        same = result["log"] == plain["log"] and result["derived"] == plain["derived"]
        if result["findings"] or not same:
            different[name, what] = (columns, result["findings"])
    assert different == {}


@pytest.mark.parametrize("year", YEARS)
@pytest.mark.parametrize("order", ["as in the template", "backwards"])
def test_a_whole_file_comes_to_the_same(year: int, order: str) -> None:
    numbers = list(_upload_columns(year))
    if order == "backwards":
        numbers.reverse()
    rows = [letting.columns for letting in lettings(year).values()]
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["Question", *("What is it?" for _ in numbers)])
    writer.writerow(["Field number", *numbers])
    writer.writerows([["", *(row.get(number, "") for number in numbers)] for row in rows])
    table = read_upload(out.getvalue().encode("utf-8-sig"), "lettings.csv")
    found = check_file(table, context(year), date.fromisoformat(TODAYS[year]))
    assert (table.collection, table.year, found.file_findings) == ("lettings", year, [])
    assert [row.status for row in found.rows] == ["valid"] * len(rows)
    assert [row.findings for row in found.rows] == [[] for _ in rows]
    logs = [checked(year)[name]["log"] for name in lettings(year)]
    assert [row.log for row in found.rows] == logs


@pytest.mark.parametrize("year", YEARS)
def test_a_row_given_twice_is_told_of_both(year: int) -> None:
    first = next(iter(lettings(year).values())).columns
    numbers = list(_upload_columns(year))
    lines = [["Field number", *numbers], *[["", *(first.get(n, "") for n in numbers)]] * 2]
    out = io.StringIO()
    csv.writer(out).writerows(lines)
    table = read_upload(out.getvalue().encode(), "lettings.csv")
    found = check_file(table, context(year), date.fromisoformat(TODAYS[year]))
    rules = [[finding.rule for finding in row.findings] for row in found.rows]
    assert rules == [["row_repeated"], ["row_repeated"]]
