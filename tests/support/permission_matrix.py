"""Who may do what, written out by hand: what the tests of permission expect of every cell."""

from collections.abc import Iterator

from tests.support.permission_world import SCHEME_STATES

RELATIONS = (
    "own",
    "managed",
    "institution",
    "member",
    "child",
    "parent",
    "parent's draft",
    "named",
    "other",
)
# An action, then what a data provider, a co-ordinator, a statistician and an administrator may do
# it to: "yes" and "no" for what is done to no particular thing, "all" for a thing in any relation.
# An approved scheme of a parent, and its group, are seen; a "parent's draft" is nobody's business.
EXPECTED_TEXT = """
administration.open         | no | no | no | yes
audit.search                | no | no | no | yes
message.read                | no | no | no | yes
account.need_second_factor  | no | no | yes | yes
api.read                    | yes | yes | yes | yes
log.start                   | yes | yes | no | yes
log.view                    | own | own managed institution | all | all
log.change                  | own | own managed institution | no | all
log.drop                    | own | own managed institution | no | all
log.history                 | own | own managed institution | all | all
log.assign                  | no | own managed institution | no | all
upload.send                 | yes | yes | no | yes
upload.view                 | own | own institution | no | all
figures.view                | institution | institution | no | no
institution.create          | no | no | no | yes
institution.list            | no | no | yes | yes
institution.view            | institution | institution child parent | all | all
institution.history         | institution | institution | all | all
institution.change          | no | no | no | all
institution.deactivate      | no | no | no | all
institution.merge           | no | no | no | all
institution.import          | no | no | no | yes
institution.export          | no | no | yes | yes
institution.report_mistake  | institution | institution | no | no
mistake.view                | own | own institution | no | all
mistake.close               | no | no | no | all
agreement.view              | institution | institution | all | all
agreement.sign              | no | no | no | no
agreement.publish           | no | no | no | yes
agreement.remind            | no | no | no | yes
user.list                   | no | yes | no | yes
user.create                 | no | yes | no | yes
user.create_provider        | no | yes | no | yes
user.create_coordinator     | no | yes | no | yes
user.create_statistician    | no | no | no | yes
user.create_administrator   | no | no | no | yes
user.import                 | no | yes | no | yes
user.export                 | no | yes | no | yes
user.view                   | own | own managed institution member | own | all
user.change                 | own | own managed institution | own | all
user.make_officer           | no | own institution | no | all
user.change_address         | own | own institution | own | all
user.change_role            | no | institution | no | all but own
user.deactivate             | no | institution | no | all but own
user.reset                  | no | managed institution | no | all but own
user.unlock                 | no | no | no | all but own
user.forget_second_factor   | no | no | no | all but own
user.delete                 | no | institution | no | all but own
user.manage                 | no | managed institution member child | no | no
user.give_membership        | no | no | no | all but own
user.history                | own | own institution | own | all
group.create                | no | yes | no | no
group.view                  | institution parent | institution parent | all | all
group.change                | no | institution | no | all
group.history               | no | institution | no | all
scheme.view                 | institution parent | institution parent | all | all
scheme.change               | no | institution | no | all
scheme.submit               | no | institution | no | no
scheme.decide               | no | no | no | all
scheme.pause                | no | institution | no | all
scheme.history              | no | institution | no | all
scheme.import               | no | yes | no | yes
scheme.export               | no | yes | no | yes
release.build               | no | no | yes | yes
release.view                | no | no | all | all
release.preview             | named | named | all | all
release.approve             | no | no | all but own | all but own
release.schedule            | no | no | all | all
release.withdraw            | no | no | all | all
release.give_access         | no | no | all | all
"""
COLUMNS = ("provider", "coordinator", "statistician", "administrator")


def _read_expected() -> dict[tuple[str, str], frozenset[str]]:
    found: dict[tuple[str, str], frozenset[str]] = {}
    for line in EXPECTED_TEXT.strip().splitlines():
        name, *cells = (cell.strip() for cell in line.split("|"))
        for role, cell in zip(COLUMNS, cells, strict=True):
            allowed = {
                "no": (),
                "all": RELATIONS,
                "all but own": tuple(r for r in RELATIONS if r != "own"),
            }.get(cell)
            if allowed is None:
                words = cell.replace("parent's draft", "parent's_draft").split()
                allowed = tuple(word.replace("_", " ") for word in words)
            found[name, role] = frozenset(allowed)
        found[name, "officer"] = found[name, "provider"]
        found[name, "public"] = frozenset()
    # The Data Protection Officer, here a data provider, signs for the institution.
    found["agreement.sign", "officer"] = frozenset(["institution"])
    return found


EXPECTED = _read_expected()
# Of an agreement or figures the institution is what one can see or not.
VIEW = {"agreement": "institution.view", "figures": "institution.view"}


def is_expected(action: str, role: str, relation: str = "yes") -> bool:
    """Whether a role may do this to a thing in this relation; "yes" for no particular thing."""
    return relation in EXPECTED[action, role]


def is_seen(action: str, role: str, relation: str) -> bool:
    """Whether a role may at least look at the thing that an action is done to."""
    feature = action.partition(".")[0]
    return is_expected(VIEW.get(feature, f"{feature}.view"), role, relation)


def relations(kind: str) -> Iterator[tuple[str, str]]:
    """Relations and states in which things of a kind are in the small world."""
    for relation in RELATIONS:
        for state in SCHEME_STATES if kind == "scheme" else ("",):
            yield relation, state
