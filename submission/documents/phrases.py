"""Phrases, and how they are joined into sentences: what is the same is said once."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

HAS, LACKS = "has an answer", "has no answer"


class Truth(Enum):
    """A part that is decided by the year alone. NULL is never true, like FALSE."""

    YES = "always"
    NO = "never"


@dataclass(frozen=True)
class Phrase:
    """Something said of a subject. `subject` is empty where the predicate is a whole clause."""

    subject: str
    predicate: str

    @property
    def text(self) -> str:
        """The phrase."""
        return f"{self.subject} {self.predicate}".strip()


@dataclass(frozen=True)
class Together:
    """Parts that "and" or "or" joins."""

    word: str
    parts: tuple["Phrase | Together", ...]

    @property
    def text(self) -> str:
        """The phrase; parts that are joined themselves stand in brackets."""
        texts = [p.text if isinstance(p, Phrase) else f"({p.text})" for p in self.parts]
        return listed(texts, self.word)


Said = Truth | Phrase | Together


def listed(texts: Iterable[str], word: str) -> str:
    """Texts in a row, the last two joined by the word."""
    found = list(texts)
    if len(found) < 2:
        return "".join(found)
    plain = [re.sub("“[^”]*”", "", text) for text in found]
    comma = "," if len(found) > 2 or any("," in text for text in plain) else ""
    return f"{', '.join(found[:-1])}{comma} {word} {found[-1]}"


def quoted(text: str) -> str:
    """A label as it stands in a sentence."""
    return f"“{text}”"


def truth(holds: bool, wanted: bool) -> Truth:
    """What the year decides; inside a NOT (`wanted` is False) the contrary."""
    return Truth.YES if holds == wanted else Truth.NO


def joined(said: list[Said], all_of: bool) -> Said:
    """Parts joined by "and" (`all_of`) or by "or", without what the year decides."""
    deciding = Truth.NO if all_of else Truth.YES
    if deciding in said:
        return deciding
    word = "and" if all_of else "or"
    parts: list[Phrase | Together] = []
    for part in said:
        if isinstance(part, Together) and part.word == word:
            parts += part.parts
        elif not isinstance(part, Truth) and part not in parts:
            parts.append(part)
    if not parts:
        return Truth.YES if all_of else Truth.NO
    merged = _same_subject(_same_predicate(parts, word), word)
    return merged[0] if len(merged) == 1 else Together(word, tuple(merged))


def _same_predicate(parts: list["Phrase | Together"], word: str) -> list["Phrase | Together"]:
    """ "A has an answer and B has an answer" as "A and B have answers"."""
    shared = (HAS, LACKS) if word == "and" else ()
    made: list[Phrase | Together] = []
    for part in parts:
        if isinstance(part, Phrase) and (part.predicate in shared or word == "or"):
            same = [
                found
                for found in parts
                if isinstance(found, Phrase) and found.predicate == part.predicate
            ]
            if len(same) > 1 and part.subject:
                if part is same[0]:
                    subject = listed([found.subject for found in same], word)
                    plural = {HAS: "have answers", LACKS: "have no answers"}
                    told = plural[part.predicate] if word == "and" else part.predicate
                    made.append(Phrase(subject, told))
                continue
        made.append(part)
    return made


def _same_subject(parts: list["Phrase | Together"], word: str) -> list["Phrase | Together"]:
    """ "A is 1 or A has no answer" as "A is 1 or has no answer"."""
    made: list[Phrase | Together] = []
    for part in parts:
        before = made[-1] if made else None
        if (
            isinstance(part, Phrase)
            and isinstance(before, Phrase)
            and part.subject
            and part.subject == before.subject
            and not (word == "and" and " or " in before.predicate + part.predicate)
        ):
            made[-1] = Phrase(part.subject, f"{before.predicate} {word} {part.predicate}")
        else:
            made.append(part)
    return made
