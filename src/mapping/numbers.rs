//! Numbers as logs write them: with separators of either kind, with units, and durations as clocks.
//!
//! `1.000` is a thousand to one writer and one to another. Which of them wrote a column shows in its other values, so
//! reading a number also gives a [`Clue`], and the column decides (see [`super::evidence`]).

use super::values::{Value, trimmed};

/// Which of `.` and `,` separates the decimals; the other one separates thousands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Decimal {
    /// `1,234.5`
    Point,
    /// `1.234,5`
    Comma,
}

/// What a number shows about its column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clue {
    /// It can only be read in this way.
    Only(Decimal),
    /// It can be read in both ways.
    Either,
}

/// Why a value is no number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumberError {
    /// It is something else.
    Shape,
    /// It is one number or another, and nothing says which.
    Ambiguous,
}

/// What one of a value is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Unit {
    /// So many milliseconds or bytes.
    Times(f64),
    /// A duration such as `PT2M22S`.
    Iso8601,
    /// A duration such as `0:06:27.84` or `1 day, 2:03:04`.
    Clock,
}

impl std::str::FromStr for Unit {
    type Err = String;

    fn from_str(name: &str) -> Result<Unit, String> {
        Ok(Unit::Times(match name {
            "ms" | "B" => 1.0,
            "s" | "kB" => 1e3,
            "us" => 1e-3,
            "min" => 60_000.0,
            "h" => 3_600_000.0,
            "MB" => 1e6,
            "GB" => 1e9,
            "KiB" => 1024.0,
            "MiB" => 1_048_576.0,
            "GiB" => 1_073_741_824.0,
            "iso8601" => return Ok(Unit::Iso8601),
            "hms" => return Ok(Unit::Clock),
            _ => {
                return Err(format!(
                    "unknown unit {name:?}; expected one of us, ms, s, min, h, hms, iso8601, B, kB, KiB, MB, MiB, GB, GiB"
                ));
            }
        }))
    }
}

/// A float that is a whole number, as an integer.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the range and the fraction are checked first"
)]
fn exact(number: f64) -> Option<i64> {
    (number.fract() == 0.0 && number.abs() < 9.2e18).then_some(number as i64)
}

/// True when a text is groups of three digits after a first group of one to three.
fn grouped<'a>(mut groups: impl Iterator<Item = &'a str>) -> bool {
    let digits = |group: &str| group.bytes().all(|byte| byte.is_ascii_digit());
    groups
        .next()
        .is_some_and(|first| (1..=3).contains(&first.len()) && digits(first))
        && groups.all(|group| group.len() == 3 && digits(group))
}

/// A number without its separators: digits before and after the decimal separator.
struct Plain {
    text: String,
    clue: Option<Clue>,
}

/// Removes separators. `decimal` is what the column is known to use; `whole` says that fractions are not possible.
fn plain(text: &str, whole: bool, decimal: Option<Decimal>) -> Result<Plain, NumberError> {
    let bare = text.strip_prefix('-').unwrap_or(text);
    let sign = &text[..text.len() - bare.len()];
    // Spaces and apostrophes can only separate thousands.
    let spaced = |c: char| c.is_whitespace() || matches!(c, '\'' | '\u{2019}' | '_');
    let end = bare.find(['.', ',']).unwrap_or(bare.len());
    let joined: String;
    let bare = if bare.contains(spaced) {
        if !grouped(bare[..end].split(spaced)) || bare[end..].contains(spaced) {
            return Err(NumberError::Shape);
        }
        joined = bare.chars().filter(|&c| !spaced(c)).collect();
        joined.as_str()
    } else {
        bare
    };
    let of = |separator| match separator {
        '.' => Decimal::Point,
        _ => Decimal::Comma,
    };
    let other = |decimal| match decimal {
        Decimal::Point => Decimal::Comma,
        Decimal::Comma => Decimal::Point,
    };
    let as_fraction = |at: usize| format!("{sign}{}.{}", &bare[..at], &bare[at + 1..]);
    let without = |separator: char| format!("{sign}{}", bare.replace(separator, ""));
    let (Some(first), Some(last)) = (bare.find(['.', ',']), bare.rfind(['.', ','])) else {
        return Ok(Plain {
            text: format!("{sign}{bare}"),
            clue: None,
        });
    };
    let (one, two) = (
        char::from(bare.as_bytes()[first]),
        char::from(bare.as_bytes()[last]),
    );
    if one != two {
        // The last one separates the decimals, so it stands once, after well formed groups.
        if bare.matches(two).count() != 1 || !grouped(bare[..last].split(one)) {
            return Err(NumberError::Shape);
        }
        return Ok(Plain {
            text: format!(
                "{sign}{}.{}",
                bare[..last].replace(one, ""),
                &bare[last + 1..]
            ),
            clue: Some(Clue::Only(of(two))),
        });
    }
    if first != last {
        return if grouped(bare.split(one)) {
            Ok(Plain {
                text: without(one),
                clue: Some(Clue::Only(other(of(one)))),
            })
        } else {
            Err(NumberError::Shape)
        };
    }
    let after = &bare[first + 1..];
    let may_group = grouped(bare.split(one)) && !bare.starts_with('0');
    let may_be_fraction =
        !whole || after.bytes().all(|byte| byte == b'0') || decimal == Some(of(one));
    let (text, clue) = match (may_group, may_be_fraction) {
        (false, _) => (as_fraction(first), Clue::Only(of(one))),
        (true, false) => (without(one), Clue::Only(other(of(one)))),
        (true, true) => match decimal {
            Some(known) if known == of(one) => (as_fraction(first), Clue::Either),
            Some(_) => (without(one), Clue::Either),
            None => return Err(NumberError::Ambiguous),
        },
    };
    Ok(Plain {
        text,
        clue: Some(clue),
    })
}

/// A number of up to 18 digits and nothing else; `None` for every other text, which may still be one.
#[inline]
pub fn digits(text: &str) -> Option<i64> {
    let mut number = 0;
    if text.is_empty() || text.len() > 18 {
        return None;
    }
    for byte in text.bytes() {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        number = number * 10 + i64::from(digit);
    }
    Some(number)
}

/// Reads a whole number: `950`, `950.0`, `"950"`, `1,234`, `1.5E+3`. With a unit, fractions are allowed and the result
/// is rounded to the unit of the field. `Ok(None)` for no value; the clue is what a text shows about its column.
pub fn read(
    value: &Value<'_>,
    unit: Option<Unit>,
    decimal: Option<Decimal>,
) -> Result<(Option<i64>, Option<Clue>), NumberError> {
    let shape = NumberError::Shape;
    let times = match unit {
        Some(Unit::Iso8601 | Unit::Clock) => {
            let Some(text) = value.as_text() else {
                return Ok((None, None));
            };
            let millis = match unit {
                Some(Unit::Iso8601) => iso8601(&text),
                _ => clock(&text),
            };
            return millis.map(|ms| (Some(ms), None)).ok_or(shape);
        }
        Some(Unit::Times(times)) => Some(times),
        None => None,
    };
    let scaled = |number: f64| match times {
        Some(times) => exact((number * times).round()),
        None => exact(number),
    };
    match value {
        Value::Missing => Ok((None, None)),
        Value::Int(number) => Ok((
            Some(match times {
                None => *number,
                Some(_) => scaled(*number as f64).ok_or(shape)?,
            }),
            None,
        )),
        Value::Float(number) => Ok((Some(scaled(*number).ok_or(shape)?), None)),
        Value::Text(text) => {
            let text = trimmed(text);
            if text.is_empty() {
                return Ok((None, None));
            }
            if times.is_none()
                && text
                    .bytes()
                    .all(|byte| byte.is_ascii_digit() || byte == b'-')
            {
                return text
                    .parse()
                    .map(|number| (Some(number), None))
                    .map_err(|_| shape);
            }
            if text.contains(['e', 'E']) {
                let number = text.parse::<f64>().ok().filter(|number| number.is_finite());
                return Ok((Some(number.and_then(scaled).ok_or(shape)?), None));
            }
            let Plain { text, clue } = plain(text, times.is_none(), decimal)?;
            // Whole numbers are not sent through a float, which has 53 bits only.
            let (digits, zeros) = text.split_once('.').unwrap_or((&text, ""));
            if digits.trim_start_matches('-').is_empty()
                || !digits
                    .trim_start_matches('-')
                    .bytes()
                    .chain(zeros.bytes())
                    .all(|byte| byte.is_ascii_digit())
            {
                return Err(shape);
            }
            let number = if times.is_none() && zeros.bytes().all(|byte| byte == b'0') {
                digits.parse().ok()
            } else {
                text.parse().ok().and_then(scaled)
            };
            Ok((Some(number.ok_or(shape)?), clue))
        }
        Value::Bool(_) | Value::Time(_) | Value::Local(_) | Value::Json(_) => Err(shape),
    }
}

/// Milliseconds of `PT8H6M12.5S` or `P1DT2H`; years and months have no fixed length. ISO 8601-1, 5.5.2.
fn iso8601(text: &str) -> Option<i64> {
    let (days, time) = match text.trim().strip_prefix('P')?.split_once('T') {
        Some((days, time)) => (days, time),
        None => (text.trim().strip_prefix('P')?, ""),
    };
    let mut millis = 0.0;
    let mut parts = 0;
    for (mut rest, units) in [
        (days, &[('W', 604_800.0), ('D', 86_400.0)][..]),
        (time, &[('H', 3_600.0), ('M', 60.0), ('S', 1.0)][..]),
    ] {
        for &(name, seconds) in units {
            if let Some((number, after)) = rest.split_once(name) {
                let number: f64 = number.replace(',', ".").parse().ok()?;
                millis += number * seconds * 1_000.0;
                rest = after;
                parts += 1;
            }
        }
        if !rest.is_empty() {
            return None;
        }
    }
    (parts > 0).then(|| exact(f64::round(millis)))?
}

/// Milliseconds of `6:27`, `0:06:27.84`, `1.02:03:04` (.NET) or `1 day, 2:03:04` (Python).
fn clock(text: &str) -> Option<i64> {
    let text = text.trim();
    let (days, text) = match text.split_once(" day") {
        Some((days, rest)) => (
            days.parse().ok()?,
            rest.trim_start_matches('s').strip_prefix(',')?.trim(),
        ),
        None => match text.split_once('.') {
            Some((days, rest)) if rest.contains(':') => (days.parse().ok()?, rest),
            _ => (0_i64, text),
        },
    };
    let parts: Vec<_> = text.split(':').collect();
    let (hours, minutes, seconds) = match parts.as_slice() {
        [hours, minutes, seconds] => (*hours, *minutes, *seconds),
        [minutes, seconds] => ("0", *minutes, *seconds),
        _ => return None,
    };
    let (seconds, fraction) = seconds.split_once('.').unwrap_or((seconds, "0"));
    let seconds: i64 = seconds.parse().ok().filter(|s| (0..60).contains(s))?;
    if fraction.is_empty() || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    // Finer digits are cut, as those of times are.
    let millis: i64 = format!("{fraction:0<3}").get(..3)?.parse().ok()?;
    let minutes: i64 = minutes.parse().ok().filter(|m| (0..60).contains(m))?;
    let hours: i64 = hours.parse().ok().filter(|h| (0..10_000).contains(h))?;
    let whole = days
        .checked_mul(24)?
        .checked_add(hours)?
        .checked_mul(60)?
        .checked_add(minutes)?;
    whole
        .checked_mul(60_000)?
        .checked_add(seconds * 1_000 + millis)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Value<'_> {
        Value::Text(text.into())
    }

    fn whole(text_: &str, decimal: Option<Decimal>) -> Result<Option<i64>, NumberError> {
        read(&text(text_), None, decimal).map(|(number, _)| number)
    }

    #[test]
    fn whole_numbers_come_in_several_forms() {
        for value in [
            Value::Int(950),
            Value::Float(950.0),
            text("950"),
            text(" 950.0 "),
            text("9.5E+02"),
        ] {
            assert_eq!(read(&value, None, None).unwrap().0, Some(950), "{value:?}");
        }
        for value in [
            Value::Float(1.5),
            Value::Float(f64::NAN),
            Value::Bool(true),
            text("1.5"),
            text("4.1k"),
            text("--1"),
            text("1.2.3"),
            text("1,2,3"),
            text("."),
            text("-"),
            text("NaN"),
            text("1e400"),
            text("12 34"),
        ] {
            assert_eq!(
                read(&value, None, None),
                Err(NumberError::Shape),
                "{value:?}"
            );
        }
        assert_eq!(whole("9223372036854775807", None), Ok(Some(i64::MAX)));
        assert_eq!(whole("9223372036854775808", None), Err(NumberError::Shape));
        assert_eq!(whole("", None), Ok(None));
    }

    #[test]
    fn separators_are_read_where_only_one_reading_is_possible() {
        use Decimal::{Comma, Point};
        for (given, number, clue) in [
            ("1,234", 1_234, Some(Clue::Only(Point))),
            ("1.234", 1_234, Some(Clue::Only(Comma))),
            ("1,234,567", 1_234_567, Some(Clue::Only(Point))),
            ("1.234.567", 1_234_567, Some(Clue::Only(Comma))),
            ("1.234.567,0", 1_234_567, Some(Clue::Only(Comma))),
            ("12.0", 12, Some(Clue::Only(Point))),
            ("12,0", 12, Some(Clue::Only(Comma))),
            ("1 234 567", 1_234_567, None),
            ("1'234", 1_234, None),
            ("1\u{a0}234", 1_234, None),
            ("-7", -7, None),
        ] {
            assert_eq!(
                read(&text(given), None, None),
                Ok((Some(number), clue)),
                "{given}"
            );
        }
    }

    #[test]
    fn the_column_decides_what_one_value_leaves_open() {
        use Decimal::{Comma, Point};
        assert_eq!(whole("1.000", None), Err(NumberError::Ambiguous));
        assert_eq!(whole("1,000", None), Err(NumberError::Ambiguous));
        assert_eq!(whole("1.000", Some(Point)), Ok(Some(1)));
        assert_eq!(whole("1.000", Some(Comma)), Ok(Some(1_000)));
        assert_eq!(whole("1,000", Some(Point)), Ok(Some(1_000)));
        // In a column of decimal points this is no whole number.
        assert_eq!(whole("1.234", Some(Point)), Err(NumberError::Shape));
        let megabytes =
            |given, decimal| read(&text(given), Some(Unit::Times(1e6)), decimal).map(|(n, _)| n);
        assert_eq!(megabytes("12,5", None), Ok(Some(12_500_000)));
        assert_eq!(megabytes("0.123", None), Ok(Some(123_000)));
        assert_eq!(megabytes("1.234", None), Err(NumberError::Ambiguous));
        assert_eq!(megabytes("1.234", Some(Comma)), Ok(Some(1_234_000_000)));
        assert_eq!(megabytes("1234.567", None), Ok(Some(1_234_567_000)));
    }

    #[test]
    fn durations_come_as_clocks_and_periods() {
        let read = |given, unit: &str| {
            read(&text(given), Some(unit.parse().unwrap()), None).map(|(n, _)| n.unwrap())
        };
        assert_eq!(read("0:06:27.842940", "hms"), Ok(387_842));
        assert_eq!(read("1 day, 2:03:04", "hms"), Ok(93_784_000));
        assert_eq!(read("2 days, 0:00:01", "hms"), Ok(172_801_000));
        assert_eq!(read("1.02:03:04.5", "hms"), Ok(93_784_500));
        assert_eq!(read("06:27", "hms"), Ok(387_000));
        assert!(read("6:99", "hms").is_err() && read("387", "hms").is_err());
        assert_eq!(read("PT8H6M12S", "iso8601"), Ok(29_172_000));
        assert_eq!(read("P1DT0.5S", "iso8601"), Ok(86_400_500));
        assert!(read("P", "iso8601").is_err() && read("PT", "iso8601").is_err());
        assert!(read("P1Y", "iso8601").is_err() && read("6m", "iso8601").is_err());
        assert_eq!(read("1.5", "s"), Ok(1_500));
        assert_eq!(read("2500", "us"), Ok(3));
    }
}
