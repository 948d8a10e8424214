//! How fast masking is: `cargo test --test secrets -- --ignored --nocapture`.

use std::time::{Duration, Instant};

use rundown::errors::mask;

use crate::made::fill;

/// Bytes of the longest fields that are tried.
const LONG: usize = 10 << 20;

/// Repeated far beyond any message, these made some pattern look at the rest of the text again and again, or might.
const HOSTILE: &[&str] = &[
    "a",
    "=",
    " ",
    "%",
    "\\",
    "'",
    "\"",
    "key ",
    "password ",
    "password=",
    "password: \"",
    "Password=Hunt3r;",
    "{\"password\": \"Hunt3r\"}, ",
    "\\\"password\\\":\\\"Hunt3r",
    "password&quot;:&quot;a",
    "value=\"a\" ",
    "name=\"token\" ",
    "<password>",
    "<Password>Hunt3r",
    "://a:",
    "://a:b@",
    "eyJhbGciOiJIUzI1NiJ9.",
    "-----BEGIN RSA PRIVATE KEY-----",
    "PuTTY-User-Key-File-2: ",
    "curl -u ",
    "curl -u a:b1 ",
    "mysql -p",
    "sqlcmd ",
    "sqlcmd -P x ",
    "sqlplus a/b@",
    "a/b@ORCL ",
    "Bearer a1 ",
    "Authorization: ",
    "Cookie: a=",
    "ghp_1",
    "dapi",
    "UGFzc3dvcmQ9",
    "?code=a1b2c3&",
    "sig=a",
    "\\u0022password\\u0022: ",
    "PWD={a",
    ";pwd=a b",
];

fn timed(text: &str) -> Duration {
    let begin = Instant::now();
    let masked = mask(text);
    let taken = begin.elapsed();
    assert!(masked.len() <= 4 * text.len() + 64);
    taken
}

#[test]
#[ignore = "takes minutes"]
fn a_field_of_ten_megabytes_is_masked_in_ten_seconds() {
    for part in HOSTILE {
        let taken = timed(&part.repeat(LONG / part.len()));
        eprintln!("{taken:>10.2?} {part:?}");
        assert!(taken < Duration::from_secs(10), "{part:?}: {taken:?}");
    }
}

#[test]
#[ignore = "a measurement"]
fn ordinary_messages_are_masked_fast() {
    let lines: Vec<&str> = include_str!("survive.txt").lines().collect();
    let secret = fill("Server=tcp:sql-prod-01;User ID=etl;Password={word};Encrypt=True, code 403");
    for (what, lines) in [
        ("without secrets", &lines[..]),
        ("with a password", &[&secret[..]]),
    ] {
        let bytes: usize = lines.iter().map(|line| line.len()).sum();
        let times = (LONG / bytes).max(1);
        for line in lines {
            timed(line);
        }
        let begin = Instant::now();
        for _ in 0..times {
            for line in lines {
                timed(line);
            }
        }
        let taken = begin.elapsed().as_secs_f64();
        let megabytes = (bytes * times) as f64 / 1e6;
        let each = taken * 1e6 / (times * lines.len()) as f64;
        eprintln!(
            "{what}: {:.1} MB/s, {each:.1} µs a message",
            megabytes / taken
        );
        assert!(megabytes / taken > 0.5, "{what}");
    }
}
