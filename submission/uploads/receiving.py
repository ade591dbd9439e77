"""Receiving a file: all of its logs are stored together with its report, or nothing is.

A row becomes a log as soon as it is known whose it is and which year it belongs to, valid or
invalid, with what was given kept. A row of which that cannot be known is named in the report and
does not hold back the others.
"""

import hashlib
import threading
from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from typing import Any

import pandas as pd
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from data_access.accounts import Account
from data_access.audit import AuditEvent, record
from data_access.clock import now
from data_access.institutions import Institution
from data_access.logs import Log, bulk_insert
from data_access.reference.periods import collection_year_of, year_label
from data_access.uploads import Upload
from submission.collection import Collection, load
from submission.columns import EVENT_DATES, REFERENCES, columns_of
from submission.context import context_frame, context_row
from submission.reach import may_submit
from submission.uploads.layout import CHARGES, LaidOut, Problem, fields_of, lay_out
from submission.uploads.parties import PartyFinder, RowParties
from submission.uploads.reading import UploadRefused, UploadTable, read_upload
from submission.uploads.report import RowReport, as_document, row_error
from submission.verdicts import MISSING, Checked, check_logs, verdict

# Rows are checked and stored this many at a time, within one transaction.
BATCH = 10_000
# One file at a time: a large one takes memory and processor, and the same file sent twice by a
# double click must meet itself. Between processes the audit of equal files comes after the fact.
_RECEIVING = threading.Lock()


class AlreadyUploaded(Exception):
    """The institution has uploaded exactly this file before; `first` is that upload."""

    def __init__(self, first: Upload) -> None:
        super().__init__(
            "This file has been uploaded already, and its logs were made then. To change them, "
            "open the logs; to add more, upload a file with only the new rows."
        )
        self.first = first


def receive_upload(
    db: Session, account: Account, data: bytes, file_name: str, today: date
) -> Upload:
    """Stores what a file holds and commits; returns the upload with its report.

    A file that cannot be used at all gives an upload in the state "failed" whose message says why.
    Raises AlreadyUploaded for a file whose logs are there already, and UploadRefused for somebody
    who may not upload.
    """
    with _RECEIVING:
        try:
            _refuse_people_who_may_not(db, account)
            return _receive(db, account, data, file_name, today)
        except BaseException:
            db.rollback()
            raise


def _refuse_people_who_may_not(db: Session, account: Account) -> None:
    if not may_submit(account):
        raise UploadRefused("Your account may not upload files.")
    institution = db.get(Institution, account.institution_id) if account.institution_id else None
    if institution is not None and not institution.data_sharing_signed:
        raise UploadRefused(
            "Your institution has not signed the data sharing agreement yet. Ask its co-ordinator."
        )


def _receive(db: Session, account: Account, data: bytes, file_name: str, today: date) -> Upload:
    upload = Upload(
        institution_id=account.institution_id,
        account_id=account.id,
        collection="lettings",
        collection_year=collection_year_of(today),
        file_name=_short_name(file_name),
        file_hash=hashlib.sha256(data).hexdigest(),
        size=len(data),
        state="done",
    )
    first = _upload_of_same_file(db, upload)
    if first is not None:
        raise AlreadyUploaded(first)
    try:
        table = read_upload(data, file_name)
    except UploadRefused as refused:
        upload.state = "failed"
        upload.message = str(refused)
        db.add(upload)
        db.commit()
        return upload
    upload.collection, upload.collection_year = table.collection, table.year
    db.add(upload)
    db.flush()
    reports: list[RowReport] = []
    seen: dict[tuple[str, ...], int] = {}
    finder = PartyFinder(db, account)
    for start in range(0, len(table.rows), BATCH):
        part = UploadTable(table.collection, table.year, table.rows.iloc[start : start + BATCH])
        reports += _store(db, account, upload, part, finder, seen, today)
    numbers = dict(
        db.execute(select(Log.upload_row, Log.id).where(Log.upload_id == upload.id)).all()
    )
    for report in reports:
        report.log_id = numbers.get(report.row)
    upload.rows = len(reports)
    upload.valid = sum(report.verdict == "valid" for report in reports)
    upload.invalid = sum(report.verdict == "invalid" for report in reports)
    upload.message = f"{len(numbers):,} of {len(reports):,} rows became logs."
    upload.report = as_document(reports)
    if numbers:
        db.execute(
            insert(AuditEvent),
            [
                {
                    "account_id": account.id,
                    "action": "log_uploaded",
                    "subject_type": "log",
                    "subject_id": log_id,
                    "detail": {"upload": upload.id, "row": row},
                }
                for row, log_id in numbers.items()
            ],
        )
    detail = {"rows": upload.rows, "valid": upload.valid, "invalid": upload.invalid}
    record(db, account.id, "file_uploaded", ("upload", upload.id), detail)
    db.commit()
    return upload


def _short_name(file_name: str) -> str:
    """The file's own name, without the folders some browsers send, at the length that is kept."""
    name = file_name.replace("\\", "/").rsplit("/", 1)[-1].strip()
    return "".join(sign for sign in name if sign.isprintable())[-255:] or "file.csv"


def _upload_of_same_file(db: Session, upload: Upload) -> Upload | None:
    """The first upload of these bytes by this institution that made logs."""
    query = select(Upload).where(
        Upload.file_hash == upload.file_hash,
        Upload.institution_id == upload.institution_id
        if upload.institution_id is not None
        else Upload.account_id == upload.account_id,
        Upload.state == "done",
        Upload.valid + Upload.invalid > 0,
    )
    return db.scalar(query.order_by(Upload.id).limit(1))


def _store(
    db: Session,
    account: Account,
    upload: Upload,
    table: UploadTable,
    finder: PartyFinder,
    seen: dict[tuple[str, ...], int],
    today: date,
) -> list[RowReport]:
    collection = load(table.collection, table.year)
    parties = finder.find(table)
    owner_types = {
        row: found.owner.provider_type for row, found in parties.items() if found.owner is not None
    }
    laid_out = lay_out(table, owner_types)
    problems = _problems_by_row(collection, table, laid_out, parties, seen)
    kept = [row for row in table.row_numbers if not any(p.stops for p in problems[row])]
    checked = _check(table, laid_out, parties, kept, today)
    raw: dict[int, dict[int, str]] = {
        row: dict(zip(map(int, table.rows.columns), texts, strict=True))
        for row, texts in zip(
            table.row_numbers, table.rows.itertuples(index=False, name=None), strict=True
        )
    }
    code, reference = (fields_of(collection)[name][0] for name in REFERENCES[table.collection])
    instant = now()
    reports: list[RowReport] = []
    logs: list[dict[str, Any]] = []
    for row in table.row_numbers:
        report = RowReport(row, "refused", raw[row][code], raw[row][reference])
        reports.append(report)
        found = checked.get(row)
        relevant = [
            problem
            for problem in problems[row]
            if problem.stops or found is None or _is_asked(problem, found, collection)
        ]
        findings = [_finding(problem) for problem in relevant]
        report.errors = [
            row_error(collection, p.variables, raw[row], "hard", p.message, p.fields)
            for p in relevant
        ]
        if found is None:
            continue
        places = fields_of(collection)
        fields_told = {n for p in relevant for name in p.variables for n in places.get(name, ())}
        told = {name for name, numbers in places.items() if fields_told & set(numbers)}
        others = _without_repeats(found.findings, told, collection)
        findings += others
        report.errors += [
            row_error(collection, f["fields"], raw[row], f["severity"], f["message"])
            for f in others
        ]
        report.verdict = verdict(findings)
        logs.append(
            {
                "collection": table.collection,
                "collection_year": table.year,
                "status": report.verdict,
                "created_by_id": account.id,
                "version": 1,
                "creation_method": "upload",
                "upload_id": upload.id,
                "upload_row": row,
                "created_at": instant,
                "updated_at": instant,
                "submitted_at": instant,
                "answers": found.answers,
                "entered": laid_out.entered.get(row, {}),
                "findings": findings,
                **columns_of(table.collection, found.answers),
            }
        )
    bulk_insert(db, logs)
    return reports


def _problems_by_row(
    collection: Collection,
    table: UploadTable,
    laid_out: LaidOut,
    parties: Mapping[int, RowParties],
    seen: dict[tuple[str, ...], int],
) -> dict[int, list[Problem]]:
    found: dict[int, list[Problem]] = defaultdict(list)
    variable = EVENT_DATES[table.collection]
    fields = fields_of(collection)[variable]
    for problem in laid_out.problems:
        found[problem.row].append(
            problem if variable not in problem.variables else _stopping(problem)
        )
    days = laid_out.answers[variable].tolist()
    records = table.rows.itertuples(index=False, name=None)
    for row, day, texts in zip(table.row_numbers, days, records, strict=True):
        found[row] = [*parties[row].problems, *found[row]]
        if day is None and not any(problem.variables == (variable,) for problem in found[row]):
            words = "Enter the start date: without it the log belongs to no collection year."
            found[row].append(Problem(row, fields, (variable,), words, "", True))
        elif day is not None and collection_year_of(date.fromisoformat(day)) != table.year:
            words = (
                f"This date is not in the collection year {year_label(table.year)}, which this "
                "file is for. Correct it, or put the row into a file of its own year."
            )
            found[row].append(Problem(row, fields, (variable,), words, day, True))
        same = seen.setdefault(texts, row)
        if same != row:
            words = f"This row is the same as row {same} in every field. Only row {same} is used."
            found[row].append(Problem(row, (), (), words, "", True))
    return found


def _stopping(problem: Problem) -> Problem:
    return Problem(
        problem.row, problem.fields, problem.variables, problem.message, problem.given, True
    )


def _check(
    table: UploadTable,
    laid_out: LaidOut,
    parties: Mapping[int, RowParties],
    kept: list[int],
    today: date,
) -> dict[int, Checked]:
    if not kept:
        return {}
    answers = laid_out.answers.loc[kept].copy()
    found = pd.DataFrame([parties[row].answers() for row in kept], index=kept, dtype=object)
    for name in found.columns:
        answers[name] = found[name]
    context = context_frame(
        context_row(parties[row].owner, parties[row].manager, parties[row].location_count)
        for row in kept
    )
    results = check_logs(table.collection, table.year, answers, context, today)
    return dict(zip(kept, results, strict=True))


def _is_asked(problem: Problem, found: Checked, collection: Collection) -> bool:
    # A column of a coded answer and its group is asked when either is.
    places = fields_of(collection)
    beside = {n for name in problem.variables for n in places.get(name, ())}
    return not problem.variables or any(beside & set(places.get(name, ())) for name in found.asked)


def _finding(problem: Problem) -> dict[str, Any]:
    return {
        "rule": "unreadable" if problem.given else MISSING,
        "severity": "hard",
        "fields": list(problem.variables),
        "message": problem.message,
    }


def _without_repeats(
    findings: list[dict[str, Any]], told: set[str], collection: Collection
) -> list[dict[str, Any]]:
    """Findings less those for an answer that a problem of reading has explained already.

    An answer that could not be read is not also "missing", and a total that the layout does not
    ask for is missing only because its parts are.
    """
    missing = {f["fields"][0] for f in findings if f["rule"] == MISSING} | told
    parts = set(CHARGES) & missing
    return [
        finding
        for finding in findings
        if finding["rule"] != MISSING
        or not (finding["fields"][0] in told or (finding["fields"][0] == "tcharge" and parts))
    ]
