//! Made-up error messages, with the kinds of variable parts that real ones have.
//!
//! The sentences are in the manner of Purview and of the runtime it shares with Data Factory; they are
//! not quotations. Secrets are made up, and put together only when a message is written.

use super::random::{Random, Series};
use super::time::{self, Ticks, TimeShape};

/// One kind of error.
#[derive(Debug)]
pub(crate) struct Template {
    pub(crate) code: &'static str,
    /// Its class in Zscaler UVM.
    pub(crate) class: &'static str,
    /// Its conclusion in GitHub Actions.
    pub(crate) conclusion: &'static str,
    /// How often it is chosen, compared with the others.
    weight: i64,
    /// The message; a word in braces is a variable part.
    text: &'static str,
}

const CREDENTIALS: &str = "Invalid Credentials";
const PERMISSIONS: &str = "Permissions Denied";
const INTERNAL: &str = "Internal Error";
const UNKNOWN: &str = "Unknown Error";
const FAILURE: &str = "failure";
const TIMED_OUT: &str = "timed_out";
const STARTUP: &str = "startup_failure";

const fn template(
    code: &'static str,
    class: &'static str,
    conclusion: &'static str,
    weight: i64,
    text: &'static str,
) -> Template {
    Template {
        code,
        class,
        conclusion,
        weight,
        text,
    }
}

#[rustfmt::skip] // one line for each
static TEMPLATES: &[Template] = &[
    template("AADSTS7000222", CREDENTIALS, FAILURE, 14, "AADSTS7000222: The client secret of application '{guid}' has expired. Create a new one, or use a certificate. Trace ID: {guid} Correlation ID: {guid} Timestamp: {time}"),
    template("SqlUnauthorizedAccess", CREDENTIALS, FAILURE, 8, "Cannot connect to '{host}'. Detail message: 'Login failed for user '{user}''."),
    template("CredentialMissing", CREDENTIALS, STARTUP, 4, "The credential \"{name}\" is not on the integration runtime node {ip} any more; it was removed at {time}."),
    template("ConnectionStringRejected", CREDENTIALS, FAILURE, 3, "Login failed with Server=tcp:{host},1433;Initial Catalog=warehouse;User ID=svc_scan;Password={password};Encrypt=True;"),
    template("AuthenticationFailed", CREDENTIALS, FAILURE, 3, "The server refused https://{host}/{path}?sv=2024-11-04&sr=c&sp=rl&se={expiry}&sig={signature}: the signature is not valid any more."),
    template("ADLSGen2ForbiddenError", PERMISSIONS, FAILURE, 8, "ADLS Gen2 refused the operation on '/{path}': 'Operation returned an invalid status code 'Forbidden''. RequestId: '{guid}', TimeStamp: '{time}'."),
    template("ObjectNotFoundOrDenied", PERMISSIONS, FAILURE, 5, "Cannot find the object \"dbo.{name}\" because it does not exist or you do not have permissions."),
    template("KeyVaultForbidden", PERMISSIONS, FAILURE, 3, "The operation \"Get\" on the secret '{name}' is not in the access policy of the key vault https://{host}/ (client {ip}, request {guid})."),
    template("SqlFailedToConnect", UNKNOWN, FAILURE, 9, "Cannot connect to SQL Database: '{host}', Database: '{name}', User: '{user}'. Check that the firewall of the server lets the integration runtime in."),
    template("IpAddressNotAllowed", UNKNOWN, FAILURE, 5, "Client with IP address '{ip}' is not allowed to reach the server '{host}'."),
    template("NameResolutionFailure", UNKNOWN, FAILURE, 5, "The remote name could not be resolved: '{host}'."),
    template("EndpointNotFound", UNKNOWN, FAILURE, 3, "Could not connect to net.tcp://{host}:8060/ExternalService.svc/. TCP error code 10061: the machine {ip}:8060 refused the connection after {number} ms."),
    template("SqlOpenConnectionTimeout", UNKNOWN, TIMED_OUT, 6, "Opening a connection to '{host}' timed out after '{number}' seconds."),
    template("ExecutionTimeout", UNKNOWN, TIMED_OUT, 5, "Execution Timeout Expired. The statement on [dbo].[{name}] ran for {number} s."),
    template("TooManyRequests", UNKNOWN, FAILURE, 5, "Too many requests for workspace {guid}: {number} requests in an hour. Try again after {time}."),
    template("ScanHistory_ActiveRunExist", UNKNOWN, STARTUP, 3, "Run {guid} of this scan is still active; a scan has one run at a time."),
    template("JreNotFound", UNKNOWN, STARTUP, 3, "Java Runtime Environment cannot be found on the Self-hosted Integration Runtime machine {host} ({ip})."),
    template("JavaOutOfMemory", UNKNOWN, FAILURE, 3, "java.lang.OutOfMemoryError: Java heap space while reading /{path} ({number} bytes)."),
    template("UnsupportedEndpoint", UNKNOWN, STARTUP, 2, "This endpoint does not support BlobStorageEvents or SoftDelete: https://{host}/."),
    template("RequestDisallowedByPolicy", PERMISSIONS, STARTUP, 2, "Resource '{name}' was disallowed by policy. Assignment: '/subscriptions/{guid}/providers/Microsoft.Authorization/policyAssignments/{name}'."),
    template("SystemError", INTERNAL, FAILURE, 6, "Internal system error. Please contact support with correlationId:{guid} System Error, contact support."),
    template("HybridDeliveryException", INTERNAL, FAILURE, 3, "Type=Microsoft.DataTransfer.Common.Shared.HybridDeliveryException,Message=The stream of '/{path}' broke off after {number} bytes.,Source=Microsoft.DataTransfer.ClientLibrary,\n   at Reader.Next(Int32 size) in node {ip}"),
];

/// An error of one run: which kind, and what its variable parts are made from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fault {
    template: usize,
    seed: u64,
}

impl Fault {
    pub(crate) fn new(template: usize, random: &mut Random) -> Fault {
        Fault {
            template,
            seed: random.next(),
        }
    }

    pub(crate) fn template(self) -> &'static Template {
        &TEMPLATES[self.template]
    }

    /// The message, of a source and a time.
    pub(crate) fn message(self, source: &str, at: Ticks) -> String {
        let mut random = Random::of(self.seed, Series::Error, 0);
        let mut message = Vec::with_capacity(256);
        let mut rest = self.template().text;
        while let Some((before, after)) = rest.split_once('{') {
            let (part, after) = after.split_once('}').expect("braces come in pairs");
            message.extend_from_slice(before.as_bytes());
            variable(part, source, at, &mut random, &mut message);
            rest = after;
        }
        message.extend_from_slice(rest.as_bytes());
        String::from_utf8(message).expect("parts are text")
    }
}

/// Chooses a kind of error.
pub(crate) fn choose(random: &mut Random) -> usize {
    let total: i64 = TEMPLATES.iter().map(|template| template.weight).sum();
    let mut left = random.below(total);
    TEMPLATES
        .iter()
        .position(|template| {
            left -= template.weight;
            left < 0
        })
        .expect("the weights add up to their sum")
}

/// A GUID of version 4.
pub(crate) fn guid(random: &mut Random) -> u128 {
    let bits = (u128::from(random.next()) << 64) | u128::from(random.next());
    bits & !(0xf << 76) & !(0x3 << 62) | (0x4 << 76) | (0x2 << 62)
}

/// A GUID as text.
pub(crate) fn guid_text(guid: u128) -> String {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(36);
    for (at, byte) in guid.to_be_bytes().into_iter().enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        text.push(char::from(HEX[usize::from(byte >> 4)]));
        text.push(char::from(HEX[usize::from(byte & 0xf)]));
    }
    text
}

fn variable(part: &str, source: &str, at: Ticks, random: &mut Random, out: &mut Vec<u8>) {
    const NAMES: &[&str] = &[
        "orders",
        "customers",
        "ledger",
        "stock",
        "returns",
        "prices",
    ];
    const FOLDERS: &[&str] = &["raw", "curated", "landing", "archive"];
    const LETTERS: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789";
    let mut push = |text: String| out.extend_from_slice(text.as_bytes());
    let mut letters = |count| -> String {
        (0..count)
            .map(|_| char::from(*random.pick(LETTERS)))
            .collect()
    };
    match part {
        "password" => push(letters(18)),
        "signature" => push(format!("{}%2B{}%3D", letters(20), letters(21))),
        "guid" => push(guid_text(guid(random))),
        "ip" => push(format!(
            "10.{}.{}.{}",
            random.below(256),
            random.below(256),
            random.between(1, 254)
        )),
        "host" => push(format!("{source}.internal.example")),
        "user" => push(format!("svc_scan_{:02}", random.below(12))),
        "name" => push(format!("{}_{}", random.pick(NAMES), random.below(20))),
        "number" => push(random.between(15, 90_000).to_string()),
        "path" => push(format!(
            "{}/{}/{}/part-{:05}.parquet",
            random.pick(FOLDERS),
            random.pick(NAMES),
            time::date(at),
            random.below(20_000)
        )),
        "time" => time::write(out, at, TimeShape::Iso(7)),
        "expiry" => time::write(out, at, TimeShape::Iso(0)),
        _ => unreachable!("a part that no message has: {part}"),
    }
}
