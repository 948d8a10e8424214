//! The words of the exports: header names, statuses, run ids, and what they mean.

use serde_json::Value;

/// A header or key without the differences that do not matter: case, spaces, `_`, `-`, a trailing `[…]`.
pub(crate) fn plain(text: &str) -> String {
    let lower = text.trim().to_lowercase();
    let bare = match lower.rsplit_once('[') {
        Some((before, inside)) if inside.ends_with(']') => before,
        _ => &lower,
    };
    bare.chars()
        .filter(|c| !c.is_whitespace() && *c != '_' && *c != '-')
        .collect()
}

/// Blank text is null.
pub(crate) fn text(value: &str) -> Option<String> {
    if value.trim().is_empty() {
        None
    } else {
        Some(value.to_owned())
    }
}

/// A status word in the canonical vocabulary. `ingestion` alone knows words that mean "there was none".
pub(crate) fn status(value: &str, ingestion: bool) -> Option<&'static str> {
    let word = plain(value);
    if word.is_empty() {
        return None;
    }
    if ingestion && ["none", "sourceunknown", "n/a"].contains(&word.as_str()) {
        return None;
    }
    Some(match word.as_str() {
        "completed" | "succeeded" => "completed",
        "partial"
        | "partialsucceeded"
        | "partiallycompleted"
        | "completedwithexceptions"
        | "completewithwarning" => "partial",
        "failed" => "failed",
        "cancelled" | "canceled" => "cancelled",
        "inprogress" | "running" | "transientfailure" | "canceling" => "in_progress",
        "queued" | "accepted" | "delayed" | "notstarted" => "queued",
        "throttled" => "throttled",
        _ => "unknown",
    })
}

/// A status word of a vendor who has words of his own; they come before the common ones.
pub(crate) fn status_of(value: &str, own: &[(&str, &'static str)]) -> Option<&'static str> {
    let word = plain(value);
    let found = own.iter().find(|(known, _)| plain(known) == word);
    found.map_or_else(|| status(value, false), |(_, status)| Some(status))
}

/// Whether a status word is neither common, nor the vendor's own, nor the word `unknown` itself.
pub(crate) fn is_unmapped(value: &str, own: &[(&str, &'static str)]) -> bool {
    plain(value) != "unknown" && status_of(value, own) == Some("unknown")
}

/// Whether a run with this status will change no more.
pub(crate) fn is_finished(status: Option<&str>) -> bool {
    matches!(
        status,
        Some("completed" | "partial" | "failed" | "cancelled")
    )
}

/// The part of a resource id behind the part with this name.
pub(crate) fn segment_after(id: &str, name: &str) -> Option<String> {
    let mut parts = id.split('/');
    parts.find(|part| part.eq_ignore_ascii_case(name))?;
    parts.next().and_then(text)
}

/// Outcomes from the worst to the best.
pub(crate) const WORST_FIRST: [&str; 6] = [
    "failed",
    "cancelled",
    "active",
    "unknown",
    "partial",
    "succeeded",
];

/// The outcome that one status word stands for.
fn outcome_of(status: &str) -> &'static str {
    match status {
        "completed" => "succeeded",
        "partial" => "partial",
        "failed" => "failed",
        "cancelled" => "cancelled",
        "in_progress" | "queued" | "throttled" => "active",
        _ => "unknown",
    }
}

/// The worst outcome of the statuses present; none present is unknown.
pub(crate) fn worst_outcome(statuses: [Option<&'static str>; 3]) -> &'static str {
    for outcome in WORST_FIRST {
        for status in statuses.iter().flatten() {
            if outcome_of(status) == outcome {
                return outcome;
            }
        }
    }
    "unknown"
}

/// How much worse an outcome is than another: the greater, the worse.
pub(crate) fn badness(outcome: &str) -> usize {
    WORST_FIRST.len() - WORST_FIRST.iter().position(|o| *o == outcome).unwrap()
}

/// The bare form of a GUID (lower case, no braces), or `None` for an id of another kind.
pub(crate) fn guid(id: &str) -> Option<String> {
    let bare = id
        .strip_prefix('{')
        .and_then(|s| s.strip_suffix('}'))
        .unwrap_or(id);
    let groups: Vec<&str> = bare.split('-').collect();
    let lengths: Vec<usize> = groups.iter().map(|g| g.len()).collect();
    let hex = groups
        .iter()
        .all(|g| g.chars().all(|c| c.is_ascii_hexdigit()));
    (hex && lengths == [8, 4, 4, 4, 12]).then(|| bare.to_lowercase())
}

/// A run id as it is stored: a GUID in its bare form, another id as written.
pub(crate) fn run_id(value: &str) -> Option<String> {
    let id = text(value)?;
    Some(guid(&id).unwrap_or(id))
}

/// The deepest message of an error and its code, or the code of the nearest error around it.
pub(crate) fn deepest_error(
    error: &Value,
    outer_code: Option<&str>,
) -> Option<(Option<String>, String)> {
    let inner = |name: &str| {
        let (_, value) = error
            .as_object()?
            .iter()
            .find(|(key, _)| plain(key) == name)?;
        Some(value)
    };
    let code = inner("code")
        .and_then(Value::as_str)
        .filter(|code| !code.trim().is_empty())
        .or(outer_code);
    for detail in inner("details")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        if let Some(found) = deepest_error(detail, code) {
            return Some(found);
        }
    }
    let message = inner("message")?.as_str().and_then(text)?;
    Some((code.map(str::to_owned), message))
}

/// Messages whose category is written down by hand, and that category. A message is recognised by
/// containing the text on the left. The list is small on purpose: where a message is not on it, the
/// oracle says so and the categories are not compared.
pub(crate) const MESSAGES: [(&str, &str); 22] = [
    (
        "Login failed for user '<token-identified principal>'",
        "permissions",
    ),
    ("The server was not found or was not accessible", "network"),
    ("Execution Timeout Expired", "timeout"),
    (
        "is deleted from current Integration Runtime node",
        "credentials",
    ),
    (
        "Java Runtime Environment cannot be found on the Self-hosted Integration Runtime machine",
        "integration_runtime",
    ),
    (
        "Failed to get access token with given credential",
        "credentials",
    ),
    ("remote name could not be resolved", "network"),
    (
        "An existing connection was forcibly closed by the remote host",
        "network",
    ),
    (
        "This endpoint does not support BlobStorageEvents or SoftDelete",
        "source_configuration",
    ),
    ("Not authorized to access account", "permissions"),
    (
        "is not enabled in this key vault's access policy",
        "permissions",
    ),
    ("Internal system error. Please contact support", "internal"),
    (
        "Authentication Key is not assigned yet",
        "integration_runtime",
    ),
    (
        "This Purview account is behind a private endpoint",
        "network",
    ),
    ("ADAL Error: service_unavailable", "internal"),
    ("You did a bad thing", "unknown"),
    ("Client with IP address", "network"),
    ("java.lang.OutOfMemory", "integration_runtime"),
    ("Too Many Requests", "throttling"),
    ("Invalid Credentials: data retrieval error", "credentials"),
    ("Permissions Denied: data retrieval error", "permissions"),
    ("Internal Error: the run could not be completed", "internal"),
];

/// Error codes whose category is written down by hand. Such a code beats the text.
pub(crate) const CODES: [(&str, &str); 10] = [
    ("Scan_CollectionOutOfBound", "source_configuration"),
    ("ScanHistory_ActiveRunExist", "throttling"),
    ("AADSTS7000222", "credentials"),
    ("JreNotFound", "integration_runtime"),
    ("SystemError", "internal"),
    ("SqlFailedToConnect", "network"),
    ("SqlUnauthorizedAccess", "credentials"),
    ("SqlConnectionIsClosed", "throttling"),
    ("ADLSGen2ForbiddenError", "permissions"),
    ("PowerBIAdminApiDisabled", "permissions"),
];

/// Codes that name no cause, so that the text decides.
const NO_CAUSE: [&str; 6] = [
    "failure",
    "-2",
    "40615",
    "429",
    "57014",
    "UserErrorJavaInvocationException",
];

/// The category of an error, or `None` where the lists above do not say.
pub(crate) fn category(code: Option<&str>, message: Option<&str>) -> Option<&'static str> {
    if let Some(code) = code.filter(|code| !NO_CAUSE.contains(code)) {
        let (_, category) = CODES.iter().find(|(known, _)| *known == code)?;
        return Some(category);
    }
    let Some(message) = message else {
        return Some("unknown");
    };
    let mut hits = MESSAGES.iter().filter(|(part, _)| message.contains(part));
    match (hits.next(), hits.next()) {
        (Some((_, category)), None) => Some(category),
        _ => None,
    }
}
