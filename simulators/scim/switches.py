"""How this application behaves as a rule: strict by default, and each leniency or bad habit a switch."""

from typing import Annotated, Literal

import msgspec

Milliseconds = Annotated[float, msgspec.Meta(ge=0)]
Count = Annotated[int, msgspec.Meta(ge=1)]


class Switches(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Hold every standing behaviour; names are the same in Python and in `/__admin/quirks`."""

    unknown_attributes: Literal["refuse", "ignore"] = "refuse"
    unknown_references: Literal["refuse", "accept", "drop"] = "refuse"
    string_booleans: bool = False
    unique_external_id: bool = False
    default_active: bool = True
    invitation_required: bool = False
    enterprise_extension: bool = True

    filter: Literal[
        "honoured", "ignored", "unsupported_400", "unsupported_403", "unsupported_404", "unsupported_501"
    ] = "honoured"
    unfilterable_attributes: tuple[str, ...] = ()
    patch: Literal["supported", "unsupported", "unrouted"] = "supported"
    patch_paths: Literal["all", "plain", "skipped"] = "all"
    active_in_path: Literal["honoured", "skipped", "refused"] = "honoured"
    patch_answers: Literal["resource", "nothing"] = "resource"
    remove_without_match: Literal["refuse", "ignore"] = "refuse"
    created_answers: Literal["resource", "location_only"] = "resource"
    promises: Literal["none", "kept", "broken"] = "none"
    promise_seconds: Annotated[float, msgspec.Meta(ge=0)] = 0.0

    group_members: Literal["shown", "on_request", "hidden"] = "shown"
    group_members_shown: Count | None = None
    group_lists_members: bool = True
    users_show_groups: bool = True
    group_patch_limit: Count | None = None
    group_patch_refusal: Literal["413", "400", "tooMany"] = "413"
    remove_with_path: Literal["honoured", "refused", "skipped", "everybody"] = "honoured"
    remove_with_value: Literal["refuse", "honoured", "everybody"] = "refuse"
    unique_display_name: bool = False
    unwelcome_members: tuple[str, ...] = ()
    unwelcome_answer: Annotated[int, msgspec.Meta(ge=400, le=599)] = 400

    lower_case_emails: bool = False
    lower_case_user_name: bool = False
    trim_values: bool = False
    drop_types: bool = False
    ignored_attributes: tuple[str, ...] = ()

    loose_answers: bool = False
    spelling: Literal["as_defined", "lower_case"] = "as_defined"
    manager: Literal["object", "text"] = "object"
    not_found: Literal["scim", "html"] = "scim"
    conflict: Literal["scim", "bare"] = "scim"
    insists_on_version: bool = False

    start_index: Literal["honoured", "ignored", "from_zero"] = "honoured"
    cursors: bool = False
    max_page_size: Count = 200
    max_results: Count | None = None
    total_results_shift: int = 0
    visibility_lag_seconds: Annotated[float, msgspec.Meta(ge=0)] = 0.0

    latency_ms: Milliseconds = 0.0
    write_latency_ms: Milliseconds = 0.0
