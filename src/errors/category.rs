//! Sorts errors into a few kinds, each with one meaning and one thing to do.
//!
//! The rules are data: `rules/errors.toml`. A user's own list of the same form can stand before them.

use std::cell::LazyCell;
use std::sync::{Arc, LazyLock, OnceLock};

use anyhow::Context as _;
use serde::Deserialize;

use super::patterns::{Looked, Patterns, build};
use super::signature::unwrap;
use super::token::without_tokens;

/// What kind of error stopped a run.
#[derive(Copy, Clone, Eq, PartialEq, Ord, PartialOrd, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Category {
    /// A password, key, secret or token is wrong, missing or expired.
    Credentials,
    /// The identity is known, but may not do this.
    Permissions,
    /// The source cannot be reached.
    Network,
    /// Too many requests, or a run of the same scan is still active.
    Throttling,
    /// Something took longer than it may.
    Timeout,
    /// The machine or agent that reads the source is at fault.
    IntegrationRuntime,
    /// The source, its schema or the scan's settings do not fit each other.
    SourceConfiguration,
    /// A policy of the organisation forbids it.
    Policy,
    /// The service itself, or the vendor's, failed.
    Internal,
    /// No rule fits, or there is no text.
    Unknown,
}

impl Category {
    /// All categories, in the order in which they are declared.
    pub const ALL: [Self; 10] = [
        Self::Credentials,
        Self::Permissions,
        Self::Network,
        Self::Throttling,
        Self::Timeout,
        Self::IntegrationRuntime,
        Self::SourceConfiguration,
        Self::Policy,
        Self::Internal,
        Self::Unknown,
    ];

    /// The name in data: `integration_runtime`.
    pub fn key(self) -> &'static str {
        match self {
            Self::Credentials => "credentials",
            Self::Permissions => "permissions",
            Self::Network => "network",
            Self::Throttling => "throttling",
            Self::Timeout => "timeout",
            Self::IntegrationRuntime => "integration_runtime",
            Self::SourceConfiguration => "source_configuration",
            Self::Policy => "policy",
            Self::Internal => "internal",
            Self::Unknown => "unknown",
        }
    }

    /// The name for people: `Integration runtime`.
    pub fn label(self) -> &'static str {
        match self {
            Self::Credentials => "Credentials",
            Self::Permissions => "Permissions",
            Self::Network => "Network",
            Self::Throttling => "Throttling",
            Self::Timeout => "Timeout",
            Self::IntegrationRuntime => "Integration runtime",
            Self::SourceConfiguration => "Source configuration",
            Self::Policy => "Policy",
            Self::Internal => "Internal",
            Self::Unknown => "Unknown",
        }
    }

    /// What it means, in one sentence.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Credentials => "The password, key, secret or token is wrong, missing or expired.",
            Self::Permissions => {
                "The sign-in worked, but the identity lacks a right that the run needs."
            }
            Self::Network => {
                "The source could not be reached: name resolution, firewall, private endpoint or TLS."
            }
            Self::Throttling => {
                "The service refused work because of a rate limit, a quota or a run that is still active."
            }
            Self::Timeout => "An operation took longer than allowed and was given up.",
            Self::IntegrationRuntime => {
                "The integration runtime or agent that reads the source is missing something, offline, too old or out of memory."
            }
            Self::SourceConfiguration => {
                "The source, its schema or the settings of the scan do not fit what the run expected."
            }
            Self::Policy => "A policy of the organisation forbids the operation.",
            Self::Internal => {
                "The service failed on its own side, or the vendor's service was down."
            }
            Self::Unknown => "The export gives no error text, or none that a rule knows.",
        }
    }
}

/// The category of an error by the built-in rules.
///
/// Codes beat texts, the innermost message beats its wrappers, the specific beats the generic.
pub fn category(code: Option<&str>, message: Option<&str>) -> Category {
    ErrorRules::default().category(code, message)
}

/// The lists of category rules in the order in which they are asked: a user's own, then the built-in one.
#[derive(Clone, Debug, Default)]
pub struct ErrorRules {
    own: Vec<Arc<CategoryRules>>,
}

impl ErrorRules {
    /// A user's own lists stand before the built-in one.
    pub fn new(own: Vec<CategoryRules>) -> Self {
        let own = own.into_iter().map(Arc::new).collect();
        ErrorRules { own }
    }

    /// The category of an error; `Unknown` when no rule fits.
    pub fn category(&self, code: Option<&str>, message: Option<&str>) -> Category {
        self.verdict(code, message)
            .map_or(Category::Unknown, |verdict| verdict.category)
    }

    /// The first rule that fits, or `None`.
    pub fn verdict(&self, code: Option<&str>, message: Option<&str>) -> Option<Verdict<'_>> {
        let [code, message] = [code, message].map(|text| text.map(without_tokens));
        let mut lists = self.own.iter().map(Arc::as_ref).chain([&*BUILT_IN]);
        lists.find_map(|list| list.verdict(code.as_deref(), message.as_deref()))
    }
}

/// The rule that gave an error its category.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict<'a> {
    /// What it says.
    pub category: Category,
    /// The list it is from: a user's file, or `None` for the built-in one.
    pub list: Option<&'a str>,
    /// Its number in the list, from 1.
    pub number: usize,
    /// What fitted: the code, the text, or both.
    pub by: &'static str,
}

/// Compiled in, and read by a test, so the default is never used.
static BUILT_IN: LazyLock<CategoryRules> =
    LazyLock::new(|| CategoryRules::read(include_str!("rules/errors.toml")).unwrap_or_default());

/// An error code that a message carries, or a message that is nothing but a code.
static CODE_IN_TEXT: LazyLock<Option<regex::Regex>> = LazyLock::new(|| {
    regex::Regex::new(r#"(?i-u:error ?code)\\?["']?\s*[:=]\s*\\?["']?([A-Za-z][0-9A-Za-z_.-]*)|\\?"code\\?"\s*:\s*\\?"([^"\\]+)|^\s*([0-9A-Za-z_]+)\s*$"#).ok()
});

/// An ordered list of category rules.
#[derive(Default, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CategoryRules {
    #[serde(default, rename = "version")]
    _version: u32,
    rules: Vec<Rule>,
    /// The file it is from; `None` for the built-in list.
    #[serde(skip)]
    name: Option<String>,
    #[serde(skip)]
    codes: OnceLock<Patterns>,
    #[serde(skip)]
    texts: OnceLock<Patterns>,
}

/// A list as tables, so that each can be told by its number.
#[derive(Deserialize)]
struct RuleTables {
    #[serde(default)]
    rules: Vec<toml::Table>,
}

/// One rule as written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    category: Category,
    code: Option<String>,
    text: Option<String>,
    #[serde(default)]
    whole: bool,
    #[serde(default)]
    weak: bool,
    #[serde(default, rename = "source")]
    _source: String,
}

impl CategoryRules {
    /// Reads a user's list, which goes by this name. The error says which rule cannot be used.
    pub fn from_toml(text: &str, name: &str) -> anyhow::Result<Self> {
        let list: RuleTables = toml::from_str(text)?;
        for (index, rule) in list.rules.into_iter().enumerate() {
            rule.try_into::<Rule>()
                .with_context(|| format!("error rule {}", index + 1))?;
        }
        let mut list = Self::read(text)?;
        list.name = Some(name.to_owned());
        for (index, rule) in list.rules.iter().enumerate() {
            let number = index + 1;
            if rule.code.is_none() && rule.text.is_none() {
                anyhow::bail!("error rule {number} has neither `code` nor `text`");
            }
            for pattern in [&rule.code, &rule.text].into_iter().flatten() {
                build(pattern).with_context(|| format!("error rule {number}: `{pattern}`"))?;
            }
        }
        Ok(list)
    }

    fn read(text: &str) -> anyhow::Result<Self> {
        Ok(toml::from_str(text)?)
    }

    /// The first rule that fits, or `None`.
    fn verdict(&self, code: Option<&str>, message: Option<&str>) -> Option<Verdict<'_>> {
        let message = message.unwrap_or("");
        let whole = &message[..message.floor_char_boundary(super::signature::READ)];

        let codes = (self.codes).get_or_init(|| {
            Patterns::new(self.rules.iter().map(|rule| rule.code.as_deref()), true)
        });
        let stated = [code.map(str::trim), code_in(message)];
        let stated = stated.map(|code| code.map(|code| codes.look(code)));
        // A code that settles it spares the look at the message.
        let texts = LazyCell::new(|| {
            (self.texts).get_or_init(|| {
                Patterns::new(self.rules.iter().map(|rule| rule.text.as_deref()), false)
            })
        });
        let by_whole: LazyCell<Looked<'_>, _> = LazyCell::new(|| texts.look(whole));
        let by_own: LazyCell<Option<Looked<'_>>, _> = LazyCell::new(|| {
            let inner = unwrap(message).inner;
            (inner != whole).then(|| texts.look(inner))
        });
        let by_inner = |index| match &*by_own {
            Some(inner) => inner.fits(index),
            None => by_whole.fits(index),
        };

        for (innermost, weak) in [(true, false), (false, false), (false, true)] {
            for (index, rule) in self
                .rules
                .iter()
                .enumerate()
                .filter(|(_, rule)| rule.weak == weak)
            {
                let text_fits = || {
                    if innermost && !rule.whole {
                        by_inner(index)
                    } else {
                        by_whole.fits(index)
                    }
                };
                let mut stated = stated.iter().flatten();
                if (rule.code.is_none() || stated.any(|code| code.fits(index)))
                    && (rule.text.is_none() || text_fits())
                {
                    return Some(Verdict {
                        category: rule.category,
                        list: self.name.as_deref(),
                        number: index + 1,
                        by: match (&rule.code, &rule.text) {
                            (Some(_), Some(_)) => "code and text",
                            (Some(_), None) => "code",
                            (None, _) => "text",
                        },
                    });
                }
            }
        }
        None
    }
}

/// The code that a message states: `ErrorCode=SqlFailedToConnect,…`, or the message itself.
fn code_in(message: &str) -> Option<&str> {
    if !may_state_code(message) {
        return None;
    }
    let found = CODE_IN_TEXT.as_ref()?.captures(message)?;
    found
        .iter()
        .skip(1)
        .flatten()
        .next()
        .map(|code| code.as_str())
}

/// True for a message of one word, and for one with `code` behind a quote or what may be the end of `error`.
fn may_state_code(message: &str) -> bool {
    let bytes = message.as_bytes();
    let mut word = message.trim().bytes();
    word.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        || memchr::memchr2_iter(b'c', b'C', bytes).any(|at| {
            let word = bytes.get(at..at + 4);
            let before = at.checked_sub(1).map(|before| bytes[before]);
            word.is_some_and(|word| word.eq_ignore_ascii_case(b"code"))
                && matches!(before, Some(b'r' | b'R' | b' ' | b'"'))
        })
}

/// What to do about errors of this category, by the system that reported them.
pub fn action(system: &str, category: Category) -> &'static str {
    match system {
        "zscaler-uvm" => uvm_action(category),
        "purview" => purview_action(category),
        _ => general_action(category),
    }
}

/// The sentences of the Zscaler help page; where it has none, the cause it names, made concrete.
fn uvm_action(category: Category) -> &'static str {
    match category {
        Category::Credentials => "Verify the credentials in the data source authentication.",
        Category::Permissions => {
            "Verify the authorization permissions of the user used for authentication and its access rights."
        }
        Category::Network => {
            "Verify the URL in the data source settings, and that the source accepts connections from Zscaler."
        }
        Category::Throttling => {
            "Run the source at another hour, or ask its vendor for a higher API rate limit."
        }
        Category::Timeout => {
            "Run the source again; if it persists, retrieve less data per run and contact Zscaler Support."
        }
        Category::IntegrationRuntime => {
            "Verify that the connector or agent that reads the source is running and up to date."
        }
        Category::SourceConfiguration => {
            "Compare the fields that the source sends now with the data source mapping, and update the mapping."
        }
        Category::Policy => {
            "Ask the owner of the source which policy blocks the retrieval, and for an exception."
        }
        Category::Internal => "Run the source again; if it persists contact Zscaler Support.",
        Category::Unknown => {
            "Verify all system configurations and settings; then contact Zscaler Support."
        }
    }
}

/// The checklist `Scans no longer run` of the Purview documentation, by category.
fn purview_action(category: Category) -> &'static str {
    match category {
        Category::Credentials => {
            "Check whether the credential was changed, rotated or has expired; update the secret in the key vault and test the connection of the scan."
        }
        Category::Permissions => {
            "Give the scan's identity access to what the message names: its role on the source, Get and List on the key vault; for Power BI also the admin API settings of the tenant. Role changes take some minutes."
        }
        Category::Network => {
            "Check the firewall and public access settings of the source, private endpoints and DNS, and that the self-hosted integration runtime reaches the source."
        }
        Category::Throttling => {
            "Spread the schedules or scan at a quieter hour; if the message speaks of an active run, let it end."
        }
        Category::Timeout => {
            "Test the connection of the scan; narrow its scope or scan at an hour when the source is less busy."
        }
        Category::IntegrationRuntime => {
            "Check that the self-hosted integration runtime is running, up to date, has Java and enough memory, and reaches Purview and the source."
        }
        Category::SourceConfiguration => {
            "Compare the registered source and the scope of the scan with what exists now: names, paths, collection and source type."
        }
        Category::Policy => {
            "Check whether an Azure Policy blocks updates to the storage account, and follow the Purview exception tag guide if it does."
        }
        Category::Internal => {
            "Run the scan again; if it persists, open a Microsoft support case with the run id."
        }
        Category::Unknown => {
            "Read the error message of the run in the portal, then check credentials, Azure Policy, and the version and network of the self-hosted integration runtime."
        }
    }
}

fn general_action(category: Category) -> &'static str {
    match category {
        Category::Credentials => "Renew the password, key or token, and test the connection.",
        Category::Permissions => "Give the identity of the run access to what the message names.",
        Category::Network => {
            "Check name resolution, firewall, private endpoints and TLS between the runner and the source."
        }
        Category::Throttling => {
            "Spread the schedules or lower the number of parallel runs, or ask for a higher limit."
        }
        Category::Timeout => {
            "Run again at a quieter hour; if it persists, split the work or raise the time limit."
        }
        Category::IntegrationRuntime => {
            "Check that the agent that runs the work is online, up to date and has enough memory."
        }
        Category::SourceConfiguration => {
            "Compare the settings of the run with the source as it is now: names, paths, schema."
        }
        Category::Policy => "Ask the owner of the policy that the message names for an exception.",
        Category::Internal => {
            "Run again; if it persists, contact the vendor's support with the run id."
        }
        Category::Unknown => {
            "Read the whole message in the source system, then check credentials, rights and network in turn."
        }
    }
}

#[cfg(test)]
mod tests {
    use regex::bytes::Regex;

    use super::super::texts;
    use super::Category::{Credentials, Policy};
    use super::*;

    /// Number in the list of real messages (0: of other systems), category, code, message.
    const MESSAGES: &str = r#"
1 | internal |  | Internal system error. Please contact support with correlationId:0f8fad5b-d9cb-469f-a165-70867728950e System Error, contact support.
2 | integration_runtime |  | message: Unable to setup config overrides for this scan. Exception:'Type=Microsoft.WindowsAzure.Storage.StorageException,Message=The remote server returned an error: (404) Not Found.,Source=Microsoft.WindowsAzure.Storage,'
3 | integration_runtime |  | Message=This implementation is not part of the Windows Platform FIPS validated cryptographic algorithms
4 | network |  | Not authorized to access this Purview account. This Purview account is behind a private endpoint. Please access the account from a client in the same virtual network
5 | credentials |  | Failed to get access token with given credential to access Power BI tenant. Authentication type PowerBIDelegated Message: AASDST50079 Due to a configuration change you must enroll in multi-factor authentication.
6 | credentials |  | Failed to access token with given credential to access Power BI tenant. Authentication type: PowerBiDelegated Message AASTS70002: The request body must contain the following parameter: 'client_assertion' or 'client_secret'.
7 | permissions |  | Failed to enable the PowerBI administrator API to fetch basic metadata and lineage.
8 | permissions |  | Assets (+ lineage) - Failed
8 | permissions |  | Power BI authorization has failed
9 | permissions | Unauthorized | Not authorized to access account
10 | permissions |  | The operation "List" is not enabled in this key vault's access policy.
11 | source_configuration |  | Scan_CollectionOutOfBound
12 | throttling | ScanHistory_ActiveRunExist | 
12 | throttling |  | There is already a scan currently running.
13 | permissions |  | Forbidden
# The message must speak of the firewall: a bare 403 is a missing permission.
14 | network |  | 403 error: the storage account has a firewall and the scan uses an account key
15 | unknown |  | You did a bad thing
16 | network | SqlFailedToConnect | Cannot connect to SQL Database: 'a', Database: 'b', User: 'c'. Check the linked service configuration is correct, and make sure the SQL Database firewall allows the integration runtime to access.
16 | credentials | SqlFailedToConnect | ErrorCode=SqlFailedToConnect,'Type=A.B,Message=Cannot connect to SQL Database: 'a',Source=X,''Type=C.D,Message=Login failed for user 'c'.,Source=.Net SqlClient Data Provider,'
17 | network |  | SqlErrorNumber=47073
18 | network |  | Client with IP address '10.0.0.1' isn't allowed to access the server
19 | permissions |  | Login failed for user '<token-identified principal>'
20 | network |  | The server was not found or was not accessible
21 | unknown | SqlOperationFailed | A database operation failed. Please search error to get more details.
22 | timeout |  | Execution Timeout Expired
# Missing object or missing right: the right is checked first, it costs nothing.
23 | permissions |  | Cannot find the object "dbo.Contoso" because it does not exist or you do not have permissions.
24 | credentials | SqlUnauthorizedAccess | Cannot connect to 'a'. Detail Message: 'b'
# Network or timeout: code and text both say timeout.
25 | timeout | SqlOpenConnectionTimeout | Open connection to database timeout after '15' seconds.
25 | timeout |  | Open connection to database timeout after '15' seconds.
26 | throttling | SqlConnectionIsClosed | The connection is closed by SQL Database.
26 | throttling |  | The connection is closed by SQL Database.
27 | credentials | SqlServerInvalidLinkedServiceCredentialMissing | The SQL Server linked service is invalid with its credential being missing.
27 | credentials |  | The SQL Server linked service is invalid with its credential being missing.
28 | permissions | ADLSGen2OperationFailed | ADLS Gen2 operation failed for: Operation returned an invalid status code 'Forbidden'
28 | internal | ADLSGen2OperationFailed | ADLS Gen2 operation failed for: Operation returned an invalid status code 'InternalServerError'
29 | permissions | ADLSGen2ForbiddenError | ADLS Gen2 failed for forbidden: Storage operation 'a' get failed with 'Operation returned an invalid status code 'Forbidden'.
30 | network |  | Unable to read data from the transport connection: An existing connection was forcibly closed by the remote host
# Timeout or network: the runtime gives the task up after its time.
31 | timeout | UserErrorFailedBlobFSOperation | BlobFS operation failed for: A task was canceled.
32 | network | UserErrorFailedFileOperation | The underlying connection was closed: Could not establish trust relationship for the SSL/TLS secure channel.
33 | permissions |  | The remote server returned an error: (403) Forbidden. AccessControlException LISTSTATUS failed with error 0x83090aa2 (Forbidden. ACL verification failed. Either the resource does not exist or the user is not authorized to perform the requested operation.)
34 | internal |  | Failed to get access token by using service principal. ADAL Error: service_unavailable, The remote server returned an error: (503) Server Unavailable.
35 | source_configuration |  | This endpoint does not support BlobStorageEvents or SoftDelete
36 | integration_runtime | JreNotFound | Java Runtime Environment cannot be found on the Self-hosted Integration Runtime machine.
36 | integration_runtime | 20000 | Java Runtime Environment cannot be found on the Self-hosted Integration Runtime machine.
37 | integration_runtime |  | java.lang.OutOfMemory
37 | integration_runtime |  | An error occurred: Java heap space
38 | network | 2200 | UserErrorOdbcOperationFailed: The underlying connection was closed: An unexpected error occurred on a send.
39 | integration_runtime |  | Could not load file or assembly 'System.ValueTuple, Version=4.0.2.0, Culture=neutral' or one of its dependencies.
40 | integration_runtime |  | Authentication Key is not assigned yet
41 | credentials |  | The data source credential "XXXXXXXXXX" is deleted from current Integration Runtime node with payload a
42 | integration_runtime |  | System.ServiceModel.EndpointNotFoundException: Could not connect to net.tcp://a:8060/b. TCP error code 10061: No connection could be made because the target machine actively refused it
43 | network |  | No DNS entries exist for host azranlcir01r1. No such host is known
43 | network |  | Remote name could not be resolved
44 | integration_runtime |  | Failed to pull shared states from primary node net.tcp://a:8060/b. The X.509 certificate CN=c chain building failed.
45 | network |  | Type=Microsoft.DataTransfer.Common.Shared.HybridDeliveryException,Message=Cannot connect to SQL Server: 'IP address'
46 | network |  | One or more errors occurred. An error occurred while sending the request. The underlying connection was closed: x
47 | timeout |  | Type=A.B,Message=Execution Timeout Expired,Source=.Net,StackTrace=at Forbidden.Login()
47 | permissions |  | ErrorCode = 5, Error Message = Access is denied
# Zscaler UVM, community runbooks, common systems.
0 | credentials | Invalid Credentials | 
0 | permissions | Permissions Denied | 
0 | unknown | Unknown Error | 
0 | internal | Internal Error | 
0 | credentials |  | Invalid Credentials
0 | permissions |  | Permissions Denied: missing scope
0 | unknown |  | Unknown Error
0 | internal |  | Internal Error
0 | throttling | 429 | 
0 | throttling |  | API rate limit reached, retry in 60 s
0 | throttling |  | Request was throttled
0 | source_configuration |  | Schema change: column 'severity' was removed
0 | internal |  | The vendor API is down: 502 Bad Gateway
0 | internal |  | upstream outage
0 | credentials |  | The access token has expired
0 | credentials |  | Expired API key
0 | credentials |  | Authentication failed
0 | network |  | Connection refused
0 | integration_runtime |  | Integration runtime unavailable
0 | timeout |  | ScanExceededTimeLimit
0 | policy | RequestDisallowedByPolicy | Resource 'a' was disallowed by policy.
0 | policy |  | AADSTS53003: Access has been blocked by Conditional Access policies.
0 | permissions | 403 | 
0 | credentials | 401 | 
0 | network | 403 | The firewall of the account blocks this address: Forbidden
0 | credentials |  | Login failed for user 'sa'
0 | credentials |  | ORA-01017: invalid username/password; logon denied
0 | unknown |  | The scan ran as planned
0 | credentials |  | token expired at 2024-01-01
0 | credentials |  | Login failed.
0 | credentials |  | UserErrorInvalidCredential: see the log
0 | network |  | Connection to 10.0.0.4 port 1433 failed with error 10061 (0x274D)
"#;

    /// One line of the list.
    struct Message {
        number: u8,
        category: &'static str,
        code: Option<&'static str>,
        text: &'static str,
    }

    fn messages() -> Vec<Message> {
        let lines = MESSAGES
            .lines()
            .filter(|line| !line.is_empty() && !line.starts_with('#'));
        lines
            .map(|line| {
                let mut cells = line.splitn(4, '|').map(str::trim);
                let mut next = || cells.next().unwrap();
                Message {
                    number: next().parse().unwrap(),
                    category: next(),
                    code: Some(next()).filter(|code| !code.is_empty()),
                    text: next(),
                }
            })
            .collect()
    }

    #[test]
    fn every_rule_can_be_used() {
        let rules = CategoryRules::from_toml(include_str!("rules/errors.toml"), "").unwrap();
        assert!(rules.rules.len() > 20);
        for rule in &rules.rules {
            for pattern in [&rule.code, &rule.text].into_iter().flatten() {
                assert!(build(pattern).is_ok(), "{pattern}");
            }
        }
        assert!(CODE_IN_TEXT.is_some());
    }

    #[test]
    fn real_messages_have_their_category() {
        for message in messages() {
            let found = category(
                message.code,
                Some(message.text).filter(|text| !text.is_empty()),
            );
            assert_eq!(
                found.key(),
                message.category,
                "{:?} {}",
                message.code,
                message.text
            );
        }
        for number in 1..=47 {
            assert!(
                messages().iter().any(|message| message.number == number),
                "{number}"
            );
        }
        assert_eq!(category(Some("timed_out"), None), Category::Timeout);
        assert_eq!(category(None, None), Category::Unknown);
    }

    #[test]
    fn real_messages_hold_no_secret() {
        for message in messages() {
            assert_eq!(super::super::mask(message.text), message.text);
        }
    }

    #[test]
    fn users_can_bring_rules() {
        let list = |text: &str| CategoryRules::from_toml(text, "team.toml");
        let rules = ErrorRules::new(vec![
            list("[[rules]]\ncategory = 'policy'\ntext = 'bad thing'\n").unwrap(),
            list("[[rules]]\ncategory = 'network'\ncode = 'x'\n[[rules]]\ncategory = 'internal'\ntext = 'bad'\n").unwrap(),
        ]);
        let by = |code, text| {
            let verdict = rules.verdict(code, Some(text))?;
            Some((verdict.category, verdict.list, verdict.number, verdict.by))
        };
        let own = Some("team.toml");
        assert_eq!(
            by(None, "You did a Bad thing"),
            Some((Policy, own, 1, "text"))
        );
        assert_eq!(
            by(None, "bad, login failed"),
            Some((Category::Internal, own, 2, "text"))
        );
        assert_eq!(
            by(Some("X"), "fine"),
            Some((Category::Network, own, 1, "code"))
        );
        assert_eq!(by(None, "fine"), None);
        let built_in = rules.verdict(Some("403"), None).unwrap();
        assert_eq!(
            (built_in.category, built_in.list),
            (Category::Permissions, None)
        );
        for (text, said) in [
            (
                "[[rules]]\ncategory = 'policy'\ntext = '('\n",
                "error rule 1: `(`",
            ),
            (
                "[[rules]]\ncategory = 'policy'\n",
                "error rule 1 has neither",
            ),
            (
                "[[rules]]\ncategory = 'policy'\ntext = 'a'\n[[rules]]\ncategory = 'bad'\ntext = 'a'\n",
                "error rule 2: unknown variant `bad`",
            ),
            (
                "[[rules]]\ncategory = 'policy'\ntxt = 'a'\n",
                "error rule 1: unknown field `txt`",
            ),
            ("rule = 1\n", "unknown field `rule`"),
            ("", "missing field `rules`"),
            ("[[rules]\n", "TOML parse error at line 1"),
        ] {
            let error = format!("{:#}", list(text).unwrap_err());
            assert!(error.contains(said), "{error}");
        }
    }

    /// The number of the first rule that fits, by the patterns alone.
    fn plain(rules: &[PlainRule], code: Option<&str>, message: &str) -> Option<usize> {
        let inner = unwrap(message).inner;
        let whole = &message[..message.floor_char_boundary(super::super::signature::READ)];
        let found = CODE_IN_TEXT.as_ref().unwrap().captures(message);
        let own = found
            .as_ref()
            .and_then(|found| found.iter().skip(1).flatten().next());
        let stated = [code.map(str::trim), own.map(|own| own.as_str())];
        let fits = |regex: &Regex, text: &str| regex.is_match(text.as_bytes());
        let mut numbers = [(inner, false), (whole, false), (whole, true)]
            .into_iter()
            .flat_map(|(text, weak)| {
                rules.iter().enumerate().filter(move |(_, rule)| {
                    let text = if rule.0.whole { whole } else { text };
                    let code = |regex| stated.iter().flatten().any(|code| fits(regex, code));
                    rule.0.weak == weak
                        && rule.1.as_ref().is_none_or(code)
                        && rule.2.as_ref().is_none_or(|regex| fits(regex, text))
                })
            });
        numbers.next().map(|(index, _)| index + 1)
    }

    /// A rule, its code and its text.
    type PlainRule = (Rule, Option<Regex>, Option<Regex>);

    #[test]
    fn a_list_of_patterns_sorts_as_the_patterns_do() {
        let own = "[[rules]]\ncategory = 'policy'\ncode = 'error|4\\d+'\ntext = 'x|\\d[ab]'\n\
            [[rules]]\ncategory = 'network'\ntext = 'host|'\nweak = true\n\
            [[rules]]\ncategory = 'internal'\ntext = '(?-i)Error'\n";
        let found = texts::found();
        let many = if cfg!(debug_assertions) {
            3_000
        } else {
            100_000
        };
        let codes = [
            None,
            Some("403"),
            Some(" Timeout"),
            Some("SqlFailedToConnect"),
            Some("ERROR"),
            Some("x"),
        ];
        for text in [include_str!("rules/errors.toml"), own] {
            let list = CategoryRules::read(text).unwrap();
            let rules: Vec<PlainRule> = (CategoryRules::read(text).unwrap().rules.into_iter())
                .map(|rule| {
                    let code = rule
                        .code
                        .as_ref()
                        .map(|code| build(&format!("^(?:{code})$")).unwrap());
                    let text = rule.text.as_ref().map(|text| build(text).unwrap());
                    (rule, code, text)
                })
                .collect();
            let real = messages()
                .into_iter()
                .map(|message| message.text.to_owned());
            let made = texts::made(&found, many, 11);
            let mut by = [0; 64];
            for (number, text) in real.chain(found.iter().cloned()).chain(made).enumerate() {
                let code = codes[number % codes.len()];
                let verdict = list
                    .verdict(code, Some(&text))
                    .map(|verdict| verdict.number);
                assert_eq!(verdict, plain(&rules, code, &text), "{code:?} {text:?}");
                by[verdict.unwrap_or(0)] += 1;
            }
            assert!(
                by.iter().filter(|&&count| count > 0).count() >= rules.len().min(18),
                "{by:?}"
            );
        }
    }

    #[test]
    fn every_category_has_its_words() {
        for category in Category::ALL {
            assert!(category.meaning().ends_with('.'));
            assert_eq!(
                category.label().to_lowercase().replace(' ', "_"),
                category.key()
            );
            for system in ["purview", "zscaler-uvm", "airflow"] {
                assert!(action(system, category).ends_with('.'));
            }
        }
        assert_eq!(
            action("zscaler-uvm", Credentials),
            "Verify the credentials in the data source authentication."
        );
        assert!(action("purview", Policy).contains("Azure Policy"));
    }
}
