"""Made-up rows of sales in the layout of 2026/27, by field number, a tenth of them wrong."""

from itertools import product

Row = dict[int, str]
FIELDS = 136
_SHARED: Row = {
    1: "3", 2: "8", 3: "26", 4: "ORG1", 5: "ORG1", 6: "provider@example.com", 7: "", 8: "1",
    9: "2", 10: "2", 12: "2", 14: "2", 15: "1", 17: "1 High Street", 19: "Made-up Town",
    21: "SW1A", 22: "1AA", 24: "1", 25: "2", 26: "2", 27: "1", 28: "2", 29: "38", 30: "F",
    31: "1", 33: "1", 34: "826", 35: "1", 36: "1", 46: "1", 71: "3", 72: "1", 73: "SW1A",
    74: "2AA", 78: "7", 80: "5", 81: "2", 82: "2", 83: "42000", 84: "1", 87: "4", 88: "21000",
    89: "2", 91: "2", 92: "0", 93: "1", 94: "6", 95: "26", 99: "300000", 100: "40", 101: "1",
    102: "100000", 103: "25", 104: "20000", 106: "412.50", 107: "85.20", 108: "0",
}  # fmt: skip
_BOUGHT: Row = {
    **{number: text for number, text in _SHARED.items() if number < 87},
    8: "2", 9: "", 10: "", 11: "9", 71: "1", 87: "4", 88: "21000", 89: "2", 127: "24",
    128: "260000", 130: "30", 131: "1", 132: "162000", 133: "25", 134: "2", 135: "20000", 136: "R",
}  # fmt: skip
_JOINT: Row = {
    12: "1", 13: "2", 37: "1", 38: "36", 39: "M", 40: "1", 42: "1", 43: "826", 44: "1", 45: "1",
    46: "2", 76: "1", 85: "31000", 86: "1", 89: "3",
}  # fmt: skip


def sales_rows() -> list[list[str]]:
    """Some two hundred rows, each as texts with an empty first cell."""
    made = []
    for base, joint, day, age in product(
        (_SHARED, _BOUGHT), ({}, _JOINT), range(1, 26), ("29", "44")
    ):
        made.append({**base, **joint, 1: str(day), 29: age})
    for number, row in enumerate(made):
        if number % 10 == 0:
            row[(26, 29, 83, 4, 1)[number // 10 % 5]] = ("99", "x", "-1", "ORG999", "32")[
                number // 10 % 5
            ]
    return [["", *(row.get(n, "") for n in range(1, FIELDS + 1))] for row in made]
