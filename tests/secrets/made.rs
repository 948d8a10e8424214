//! Secrets made up when the tests run: none stands in the source.

const DIGITS: &str = "0123456789";
const LETTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// A made-up token of so many characters of an alphabet; the same for the same seed.
pub(crate) fn made(alphabet: &str, length: usize, seed: u64) -> String {
    let letters = alphabet.as_bytes();
    let mut state = seed;
    let mut next = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let at = usize::try_from(state >> 33).unwrap() % letters.len();
        char::from(letters[at])
    };
    (0..length).map(|_| next()).collect()
}

/// Base64 as RFC 4648 has it.
pub(crate) fn base64(bytes: &[u8]) -> String {
    let alphabet = format!("{LETTERS}{DIGITS}+/").into_bytes();
    let mut out = String::new();
    for three in bytes.chunks(3) {
        let number = (0..3).fold(0_u32, |number, at| {
            number << 8 | three.get(at).map_or(0, |&byte| u32::from(byte))
        });
        for at in 0..4 {
            let sextet = (number >> (18 - 6 * at)) & 63;
            out.push(if at <= three.len() {
                char::from(alphabet[sextet as usize])
            } else {
                '='
            });
        }
    }
    out
}

/// A text with what stands in braces made up: see `forms.txt`.
pub(crate) fn fill(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('{') {
        out.push_str(before);
        let inside = behind.split(['}', '{']).next().unwrap_or_default();
        let made = (behind[inside.len()..].starts_with('}') || inside == "word")
            .then(|| one(inside, out.len() as u64))
            .flatten();
        if let Some(made) = made {
            out.push_str(&made);
            rest = behind[inside.len()..].strip_prefix('}').unwrap_or_default();
        } else {
            out.push('{');
            rest = behind;
        }
    }
    out.push_str(rest);
    out.replace('⏎', "\n")
}

/// What one pair of braces stands for; `None` for braces that belong to the text.
fn one(inside: &str, seed: u64) -> Option<String> {
    if inside == "word" {
        return Some(["Hun", "ter2!x"].concat());
    }
    if let Some(text) = inside.strip_prefix("base64 ") {
        return Some(base64(text.as_bytes()));
    }
    let digits = inside.trim_start_matches(|c: char| c.is_ascii_lowercase());
    let (kind, length) = match inside.strip_prefix("b32-") {
        Some(length) => ("b32", length),
        None => (&inside[..inside.len() - digits.len()], digits),
    };
    let length = length.parse().ok()?;
    let upper = &LETTERS[..26];
    let alphabet = match kind {
        "alnum" => format!("{LETTERS}{DIGITS}"),
        "hex" => format!("{DIGITS}abcdef"),
        "upper" => format!("{upper}{DIGITS}"),
        "b32" => format!("{upper}234567"),
        "digits" => DIGITS.to_owned(),
        _ => return None,
    };
    Some(made(&alphabet, length, seed + 1))
}
