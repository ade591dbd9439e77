"""What each action of the audit trail is called on screens, by the kind of thing it is done to.

A test holds every action that the code records to have words here.
"""

from collections.abc import Mapping

USER_ACTIONS = {
    "user_created": "Created the user",
    "user_invited": "Sent an invitation",
    "user_reset": "Sent a link to set a new password",
    "user_changed": "Changed the user",
    "user_activated": "Activated the user",
    "user_deactivated": "Deactivated the user",
    "user_deleted": "Deleted the user",
    "user_locked": "Locked after wrong entries",
    "user_unlocked": "Unlocked the user",
    "user_managed": "Put on a list of managed providers",
    "user_no_longer_managed": "Taken off a list of managed providers",
    "user_moved_by_merger": "Moved the user in a merger of institutions",
    "membership_given": "Let the user work for a further institution",
    "membership_ended": "Ended the work for a further institution",
    "password_changed": "Changed the password",
    "email_change_asked": "Asked for a new e-mail address",
    "email_change_taken_back": "Took back a new e-mail address",
    "email_changed": "Confirmed a new e-mail address",
    "second_factor_set_up": "Set up an authenticator app",
    "second_factor_turned_off": "Turned the authenticator app off",
    "second_factor_forgotten": "Reset the authenticator app",
    "recovery_code_used": "Used a recovery code",
    "recovery_codes_renewed": "Made new recovery codes",
    "api_token_made": "Made a token for programs",
    "api_token_ended": "Took a token for programs away",
}
SESSION_ACTIONS = {
    "signed_in": "Signed in",
    "signed_out": "Signed out",
    "sign_in_refused": "Was refused at sign-in",
    "sessions_ended": "Signed out other browsers",
    "institution_chosen": "Chose the institution to act for",
}
INSTITUTION_ACTIONS = {
    "institution_created": "Created the institution",
    "institution_changed": "Changed the record of the institution",
    "institution_renamed": "Gave the institution a new name",
    "institution_name_scheduled": "Scheduled a new name for the institution",
    "institution_name_cancelled": "Cancelled a scheduled name of the institution",
    "institution_deactivated": "Deactivated the institution",
    "institution_reactivated": "Reactivated the institution",
    "institution_absorbed": "Took in other institutions in a merger",
    "institution_merged": "Was merged into another institution",
    "relation_added": "Added a relation",
    "relation_changed": "Changed the dates of a relation",
    "relation_removed": "Removed a relation",
    "mistake_reported": "Reported a mistake",
    "mistake_closed": "Answered a report of a mistake",
    "agreement_published": "Put a Data Sharing Agreement in force",
    "agreement_signed": "Signed the Data Sharing Agreement",
    "agreement_lapsed": "Must sign the new Data Sharing Agreement",
    "agreement_reminded": "Was reminded to sign the Data Sharing Agreement",
    "merger_scheduled": "Decided on a merger",
    "merger_cancelled": "Cancelled a merger",
    "merger_failed": "A merger failed; nothing was moved",
    "merger_done": "Merged the institutions",
}
SCHEME_ACTIONS = {
    "group_made": "Made the management group",
    "group_changed": "Changed the management group",
    "group_code_given": "Gave the management group its code",
    "group_continued": "Made the management group in a merger of institutions",
    "group_ended_by_merger": "Ended the management group in a merger of institutions",
    "group_moved_by_merger": "Moved the management group in a merger of institutions",
    "group_agent_followed_merger": "Changed the agent in a merger of institutions",
    "scheme_made": "Made the scheme",
    "scheme_changed": "Changed the scheme",
    "scheme_submitted": "Sent the scheme for approval",
    "scheme_approved": "Approved the scheme",
    "scheme_refused": "Refused the scheme",
    "scheme_deactivated": "Deactivated the scheme",
    "scheme_reactivated": "Reactivated the scheme",
    "deactivation_cancelled": "Cancelled a deactivation of the scheme",
    "scheme_continued": "Made the scheme in a merger of institutions",
    "scheme_ended_by_merger": "Ended the scheme in a merger of institutions",
    "scheme_moved_by_merger": "Moved the scheme in a merger of institutions",
    "location_added": "Added a location",
    "location_changed": "Changed a location",
    "location_removed": "Removed a location",
    "location_deactivated": "Deactivated a location",
    "location_reactivated": "Reactivated a location",
    "location_deactivation_cancelled": "Cancelled a deactivation of a location",
}
LOG_ACTIONS = {
    "log_started": "Started the log",
    "log_saved": "Saved answers of the log",
    "log_submitted_valid": "Submitted the log: valid",
    "log_submitted_invalid": "Submitted the log: invalid",
    "log_confirmed": "Confirmed unusual answers of the log",
    "log_reopened": "Opened the valid log to correct it",
    "log_dropped": "Dropped the log",
    "log_assigned": "Gave the log to somebody else",
    "log_unresolved": "The scheme of the log was deactivated under it",
    "file_uploaded": "Uploaded a file of logs",
}
RELEASE_ACTIONS = {
    "release_started": "Began to build the release",
    "release_checked": "The release was built and passed the audit",
    "release_failed": "The release failed; nothing was published",
    "release_approved": "Approved the release",
    "release_scheduled": "Scheduled the release",
    "release_unscheduled": "Took the release off the schedule",
    "release_published": "Published the release",
    "release_superseded": "Was superseded by another release",
    "release_restored": "Became current again",
    "release_withdrawn": "Withdrew the release",
    "release_discarded": "Discarded the release",
    "release_access_given": "Named somebody to look at the release before it is published",
    "release_access_ended": "Ended somebody's access to the release",
    "release_previewed": "Looked at the release before it was published",
}
SERVICE_ACTIONS = {
    "window changed": "Changed the dates of a collection year",
    "ranges replaced": "Replaced the usual ranges of a year",
    "file_imported": "Imported a file",
    "message_tried_again": "Had a message sent again",
}
GROUPS: Mapping[str, Mapping[str, str]] = {
    "Users": USER_ACTIONS,
    "Signing in": SESSION_ACTIONS,
    "Institutions": INSTITUTION_ACTIONS,
    "Management groups and schemes": SCHEME_ACTIONS,
    "Logs": LOG_ACTIONS,
    "Releases": RELEASE_ACTIONS,
    "The service": SERVICE_ACTIONS,
}
ACTION_WORDS: Mapping[str, str] = {
    action: words for group in GROUPS.values() for action, words in group.items()
}


def in_words(action: str) -> str:
    """What an action is called; one without words, by its name."""
    return ACTION_WORDS.get(action, action.replace("_", " ").capitalize())
