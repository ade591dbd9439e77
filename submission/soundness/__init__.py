"""What is wrong with the definition tables, named by file, row and column, and how to mend it.

`loading` is what a collection refuses as it is made. `every` is all there is to say of a folder of
tables: `core-portal collection check`.
"""

from submission.soundness.loading import derivation_problems, rule_problems

__all__ = ["derivation_problems", "rule_problems"]
