//! Texts on which the fast ways of reading errors are compared with the plain ones.

use std::path::Path;

/// What rules look at, and what stands beside it.
#[rustfmt::skip]
const PARTS: &[&str] = &[
    "password", "pwd", "secret", "token", "api_key", "access key", "sig", "SharedAccessSignature", "AccountKey",
    "client_assertion", "session_id", "jsessionid", "auth", "pin", "credentials", "Authorization", "Bearer ", "Basic ",
    "Cookie: a=", "connectionString", "kennwort", "sqlplus ", "mysql ", " login ", "curl -u ", "--", " -p", "eyJ", "AKIA",
    "ghp_", "xoxb-", "Q~", "hooks.slack.com/services/", "jdbc:oracle:thin:", "<password>", "<sas:0a1b2c3d>", "<n>", "<id>",
    "<host>", "<ip>", "<path>", "<guid>", "'<name>'", "<password:0123456", "Hunter2!x", "abc1", "Xk9fTq27LmZp4Rt8WvYb",
    "Error", "error code", "ErrorCode", "\"code\"", "status", "state", "reason", "message", "exception", "'Type=A.B,Message=",
    ",Source=", "StackTrace", "SqlErrorNumber=47073", "Trace ID", "Timestamp", "correlation id", "request id", "time",
    "0f8fad5b-d9cb-469f-a165-70867728950e", "{0F8FAD5B-D9CB-469F-A165-70867728950E}", "00:1a:2B:3c:4d:5e", "00-1a-2b-3c-4d-5e",
    "2024-05-01", "10:11:12", "T10:11:12.345Z", "31/12/2024", "12.31.2024", "Mar 5", "5 March 2024", "5-Mar-2024", "Jan.",
    "20240501T101112Z", "10.1.2.3", "255.255.255.255", "1.2.3.4.5", "fe80::1", "2001:db8:0:0:0:0:0:1", "2001:db8::1", "::",
    "version", "v1.2", "srv1.corp.contoso.com", "a.b", "data.csv", "System.Net.WebException", ".blob.core.windows.net", "host",
    "server", "machine name ", "node: ", "computer= ", "db01", "https://", "net.tcp://", "s3://", "/", "\\", "C:\\", "\\\\srv\\",
    "/a/b", "../x/y.z", "a/b.c", " (2).csv", "?", "@", "bob@contoso.com", ":", "::", "=", " = ", "=>", ";", ",", ".", "..", "...",
    "!", "(", ")", "[", "]", "{", "}", "<", ">", "</", "'", "''", "\"", "\"\"", "\\\"", "`", "&", "%3D", "%253d", "%20", "%22",
    "&quot;", "#", "$", "+", "-", "_", "|", "*", "~", "GET ", "the table ", "column ", "columns: ", "for user ", "database ",
    "run id", "jobId", "Id", "403", "(404)", "[28000]", "ORA-01017", "AADSTS50079", "0x80070005", "1433", "port 50123",
    "10061", "47073", "5", "12", "007", "0123456789", "1.5", "1,234", "-7", "1e9", "5 MB", "3kB", "7b", "12 seconds", "90%", "1h",
    "20 files", "'15' seconds", "part-00123", "svc_scan", "gen2", "x64", "sha-256", "Firewall", "firewall", "forbidden", "Forbidden",
    "Login failed", "timed out", "TLS", "throttl", "429", "access denied", "not found", "cannot connect to", "integration runtime",
    "Java heap space", "policy", "Unauthorized", "\n", "\r\n", "\t", "  ", " ", " ", " ", " ", " ", "\u{a0}", "é", "ü", "…", "\u{fffd}",
    "\u{0}", "a", "b", "is", "and", "or", "Z", "x",
];

/// Small deterministic random numbers.
pub(super) struct Random(u64);

impl Random {
    pub(super) fn below(&mut self, end: usize) -> usize {
        self.0 = (self.0)
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % end
    }
}

/// Texts of people and programs: the lists of the tests and the lines of the sample data.
pub(super) fn found() -> Vec<String> {
    let lists = [
        include_str!("groups.txt"),
        include_str!("rules/errors.toml"),
        include_str!("rules/mask.toml"),
        include_str!("../../tests/secrets/forms.txt"),
        include_str!("../../tests/secrets/privacy.txt"),
        include_str!("../../tests/secrets/survive.txt"),
    ];
    let mut texts: Vec<String> = Vec::new();
    for line in lists.iter().flat_map(|list| list.lines()) {
        texts.push(line.replace('⏎', "\n"));
    }
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("sample_data")];
    while let Some(folder) = folders.pop() {
        let mut paths: Vec<_> = (std::fs::read_dir(folder).unwrap())
            .map(|entry| entry.unwrap().path())
            .collect();
        paths.sort();
        for path in paths {
            if path.is_dir() {
                folders.push(path);
            } else {
                let text = String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned();
                texts.extend(
                    text.lines()
                        .take(200)
                        .map(|line| line.chars().take(900).collect()),
                );
            }
        }
    }
    texts
}

/// So many texts made of what rules look at, and of parts of the texts that are given.
pub(super) fn made(from: &[String], count: usize, seed: u64) -> impl Iterator<Item = String> {
    let mut random = Random(seed);
    (0..count).map(move |number| {
        let mut text = String::new();
        if number % 3 > 0 {
            text.push_str(&from[random.below(from.len())]);
        }
        if text.len() > 600 {
            text.truncate(text.floor_char_boundary(600));
        }
        let spaced = random.below(4);
        for _ in 0..=random.below(if text.is_empty() { 14 } else { 6 }) {
            let part = PARTS[random.below(PARTS.len())];
            let at = if number % 3 == 0 {
                text.len()
            } else {
                random.below(text.len() + 1)
            };
            let at = text.floor_char_boundary(at);
            match random.below(8) {
                // A part of the text is lost.
                0 => {
                    let end = text.floor_char_boundary((at + random.below(12)).min(text.len()));
                    text.replace_range(at..end, "");
                }
                1 => {
                    let digit = char::from_digit(u32::try_from(random.below(16)).unwrap(), 16);
                    text.insert(at, digit.unwrap());
                }
                _ => {
                    text.insert_str(at, part);
                    if spaced == 0 {
                        text.insert(at, ' ');
                    }
                }
            }
        }
        text
    })
}
