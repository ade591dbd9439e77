"""Receiving a file: all of its logs are stored together with its report, or nothing is.

A row becomes a log as soon as it is known whose it is and which year it belongs to, valid or
invalid, with what was given kept. A row of which that cannot be known is named in the report and
does not hold back the others.
"""

import hashlib
import threading
from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from data_access.accounts import Actor
from data_access.agreement_cover import signed_or_covered
from data_access.audit import AuditEvent, record, request_address
from data_access.clock import now
from data_access.institutions import Institution
from data_access.logs import Log, bulk_insert, logs_with_codes
from data_access.reference.periods import collection_year_of
from data_access.uploads import Upload, keep_file
from submission.addresses.choice import address_service
from submission.addresses.in_files import look_up_addresses
from submission.checker import CheckResult
from submission.collection import Collection, load
from submission.columns import EVENT_DATES, REFERENCES, columns_of
from submission.duplicates import Key, stored_key
from submission.reach import may_submit
from submission.uploads.laying_out import table_of_rows
from submission.uploads.layout import fields_of, layout
from submission.uploads.parties import registry_for
from submission.uploads.reading import UploadRefused, UploadTable, read_upload
from submission.uploads.report import RowReport, as_document, row_error
from submission.uploads.rows import CheckedRows, check_in_parts
from submission.usual_ranges import current_ranges
from submission.verdicts import answer_documents, verdict

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


def receive_upload(db: Session, account: Actor, data: bytes, file_name: str, today: date) -> Upload:
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


def _refuse_people_who_may_not(db: Session, account: Actor) -> None:
    if not may_submit(account):
        raise UploadRefused("Your account may not upload files.")
    institution = db.get(Institution, account.institution_id) if account.institution_id else None
    if institution is not None and not signed_or_covered(db, institution):
        raise UploadRefused(
            f"{institution.name} has not signed the Data Sharing Agreement, so its files cannot be "
            "taken in. Its Data Protection Officer must sign it first."
        )


def _receive(db: Session, account: Actor, data: bytes, file_name: str, today: date) -> Upload:
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
    keep_file(db, upload.id, data)
    reports, note = _store(db, account, upload, table, today)
    numbers = dict(
        db.execute(select(Log.upload_row, Log.id).where(Log.upload_id == upload.id)).all()
    )
    for report in reports:
        report.log_id = numbers.get(report.row)
    upload.rows = len(reports)
    upload.valid = sum(report.verdict == "valid" for report in reports)
    upload.invalid = sum(report.verdict == "invalid" for report in reports)
    upload.message = f"{len(numbers):,} of {len(reports):,} rows became logs.{note}"
    upload.report = as_document(reports)
    if numbers:
        db.execute(
            insert(AuditEvent),
            [
                {
                    "account_id": account.id,
                    "address": request_address.get()[:45],
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
    db: Session, account: Actor, upload: Upload, table: UploadTable, today: date
) -> tuple[list[RowReport], str]:
    """The report of each row, and what there is to say of their addresses."""
    collection = load(table.collection, table.year)
    made = layout(table.collection, table.year)
    addresses = look_up_addresses(address_service(), made, table.rows)
    facts: dict[str, Any] = dict.fromkeys(
        ("owner_choice_needed", "manager_choice_needed", "assignee_choice_needed"), True
    )
    facts |= {"today": today, **addresses.facts}
    ranges = current_ranges(db, table.collection)
    if len(ranges.frame):
        facts["ranges"] = 0
    reports: list[RowReport] = []
    for places, checked in check_in_parts(
        table.collection,
        table.year,
        table_of_rows(addresses.rows, len(collection.upload_columns)),
        table.row_numbers,
        registry_for(db, account, table.year, today),
        facts,
        ranges,
        stored=partial(_stored, db, collection),
    ):
        addresses.settle(places, checked)
        found, logs = _of_part(account, upload, table, places, checked)
        reports += found
        bulk_insert(db, logs)
    return reports, addresses.in_words


def _stored(db: Session, collection: Collection, result: CheckResult) -> dict[Key, int]:
    """Logs that are there already and may be of a row's letting or sale."""
    code, _ = REFERENCES[collection.name]
    answers = result.answers
    days = [date.fromisoformat(d) for d in answers[EVENT_DATES[collection.name]] if d is not None]
    owners = [int(o) for o in answers["owning_organisation_id"] if str(o).isdecimal()]
    found = {}
    for log_id, stored in logs_with_codes(
        db, collection.name, collection.year, owners, days, answers[code]
    ):
        key = stored_key(collection.name, collection.year, stored)
        if key is not None:
            found[key] = log_id
    return found


def _of_part(
    account: Actor, upload: Upload, table: UploadTable, places: range, checked: CheckedRows
) -> tuple[list[RowReport], list[dict[str, Any]]]:
    """The report of some rows, and the logs to store."""
    collection = checked.definition
    made = layout(table.collection, table.year)
    documents = answer_documents(table.collection, table.year, checked.result)
    numbers = [int(number) for number in table.rows.columns]
    lines = table.rows.iloc[places.start : places.stop].itertuples(index=False, name=None)
    # Sales have no reference of the property beside the purchaser's code.
    places_of = [
        numbers.index(made.number(name)) if made.has(name) else None
        for name in REFERENCES[table.collection]
    ]
    fields = fields_of(collection)
    instant = now()
    reports: list[RowReport] = []
    logs: list[dict[str, Any]] = []
    for at, (row, line) in enumerate(
        zip(table.row_numbers[places.start : places.stop], lines, strict=True)
    ):
        code, reference = ("" if place is None else line[place] for place in places_of)
        report = RowReport(row, "refused", code, reference)
        reports.append(report)
        findings = checked.findings[at]
        lost = checked.result.lost[at]
        raw = dict(zip(numbers, line, strict=True)) if findings or lost else {}
        report.errors = [
            row_error(collection, f.fields, raw, f.severity, f.message) for f in findings
        ]
        if not checked.can_become_a_log(at):
            continue
        kept = [finding.as_document() for finding in findings]
        report.verdict = verdict(kept)
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
                "answers": documents[at],
                "entered": {
                    name: text for name in lost if (text := _given(raw, fields.get(name, ())))
                },
                "findings": kept,
                **columns_of(table.collection, documents[at]),
            }
        )
    return reports, logs


def _given(raw: Mapping[int, str], numbers: tuple[int, ...]) -> str:
    """What a row gives for a question, its parts joined as one would write them."""
    return " ".join(raw[number] for number in numbers if raw.get(number))
