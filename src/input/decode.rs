//! From the bytes of a file to UTF-8: undoes compression and decodes what is written in another encoding.
//!
//! A buffer of each step is all that is held. What cannot be decoded is not replaced in silence: the byte
//! `0xFF`, which is in no UTF-8, takes its place, so that the record that holds it is known to be broken.

use std::error::Error;
use std::fmt;
use std::io::{self, BufRead, BufReader, Cursor, ErrorKind, Read};
use std::str::FromStr;

use encoding_rs::{Decoder, DecoderResult, UTF_8, UTF_16BE, UTF_16LE};
use flate2::bufread::GzDecoder;

use super::limits;

/// Bytes to be read.
pub type Source<'a> = Box<dyn BufRead + Send + 'a>;

/// Size of a buffer.
const BUFFER: usize = 1 << 16;
/// How many of the first bytes are looked at to find out the encoding.
const LOOKED_AT: usize = 1 << 12;
/// Stands for what cannot be decoded. No UTF-8 contains it: <https://www.rfc-editor.org/rfc/rfc3629#section-3>.
const NOT_UTF8: u8 = 0xff;

/// A text encoding named by the user, e.g. `windows-1252`, `latin1`, `utf-16le`.
///
/// The names are the labels of <https://encoding.spec.whatwg.org/#names-and-labels>; case does not matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Encoding(&'static encoding_rs::Encoding);

impl FromStr for Encoding {
    type Err = String;

    fn from_str(label: &str) -> Result<Encoding, String> {
        encoding_rs::Encoding::for_label_no_replacement(label.as_bytes())
            .map(Encoding)
            .ok_or_else(|| {
                format!(
                    "no encoding {label:?}; expected a label such as utf-8, utf-16le, utf-16be, windows-1252, latin1, shift_jis"
                )
            })
    }
}

/// How a file is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    /// Not at all.
    None,
    /// <https://www.rfc-editor.org/rfc/rfc1952>.
    Gzip,
    /// <https://www.rfc-editor.org/rfc/rfc8878>.
    Zstd,
}

impl Compression {
    /// What is added to the name of a format.
    pub fn suffix(self) -> &'static str {
        match self {
            Compression::None => "",
            Compression::Gzip => "+gzip",
            Compression::Zstd => "+zstd",
        }
    }

    fn name(self) -> &'static str {
        self.suffix().trim_start_matches('+')
    }

    /// Told by the first four bytes, or fewer if there are no more.
    ///
    /// A file that ends inside such a sign is taken for the cut file that it is, unless it is the one byte `(`.
    fn told_by(first: &[u8]) -> Compression {
        match first {
            [0x1f] | [0x1f, 0x8b, ..] => Compression::Gzip,
            // The second is a skippable frame, with which a file may begin.
            [0x28, 0xb5]
            | [0x28, 0xb5, 0x2f]
            | [0x28, 0xb5, 0x2f, 0xfd, ..]
            | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Compression::Zstd,
            _ => Compression::None,
        }
    }
}

/// Compressed data is cut or damaged: how.
#[derive(Clone, Debug)]
struct Damaged(String);

impl fmt::Display for Damaged {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(&self.0)
    }
}

impl Error for Damaged {}

/// Says how compressed data is cut or damaged if that is the error, or the cause of it.
///
/// `None` for any other error, e.g. when the file itself cannot be read.
pub fn damage(error: &(dyn Error + 'static)) -> Option<String> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(damaged) = error.downcast_ref::<Damaged>() {
            return Some(damaged.to_string());
        }
        next = cause(error);
    }
    None
}

/// The error inside another. That of an I/O error is passed over by `source`; a CSV error has no `source`.
fn cause<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    if let Some(inner) = error.downcast_ref().and_then(io::Error::get_ref) {
        return Some(inner);
    }
    match error.downcast_ref().map(csv::Error::kind) {
        Some(csv::ErrorKind::Io(inner)) => Some(inner),
        _ => error.source(),
    }
}

/// An error of the file below a decoder, marked so that it is not taken for one of the decoder.
#[derive(Debug)]
struct Unread(io::Error);

impl fmt::Display for Unread {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(to)
    }
}

impl Error for Unread {}

/// Compressed bytes; marks the errors of reading them. `None` while a decoder is set up anew.
struct Marked<R>(Option<R>);

impl<R: BufRead> BufRead for Marked<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.0.as_mut().map_or(Ok(&[]), |from| {
            from.fill_buf()
                .map_err(|error| io::Error::new(error.kind(), Unread(error)))
        })
    }

    fn consume(&mut self, count: usize) {
        if let Some(from) = &mut self.0 {
            from.consume(count);
        }
    }
}

impl<R: BufRead> Read for Marked<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        take(self, into)
    }
}

/// Reads out of a buffer.
fn take(from: &mut impl BufRead, into: &mut [u8]) -> io::Result<usize> {
    let count = from.fill_buf()?.read(into)?;
    from.consume(count);
    Ok(count)
}

/// Undoes gzip, member by member.
struct Gzip<R>(GzDecoder<Marked<R>>);

impl<R: BufRead> Gzip<R> {
    fn new(from: R) -> Gzip<R> {
        Gzip(GzDecoder::new(Marked(Some(from))))
    }

    /// True when another member follows.
    ///
    /// Zeros that pad a member are passed over: <https://www.gzip.org/#faq8>.
    fn another(&mut self) -> io::Result<bool> {
        let from = self.0.get_mut();
        loop {
            let bytes = from.fill_buf()?;
            match bytes.iter().position(|&byte| byte != 0) {
                None if bytes.is_empty() => return Ok(false),
                None => {
                    let zeros = bytes.len();
                    from.consume(zeros);
                }
                Some(zeros) if bytes[zeros] == 0x1f => {
                    from.consume(zeros);
                    return Ok(true);
                }
                Some(_) => {
                    return Err(io::Error::new(
                        ErrorKind::InvalidData,
                        "other data follows it",
                    ));
                }
            }
        }
    }
}

impl<R: BufRead> Read for Gzip<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            let count = self.0.read(into)?;
            if count > 0 || into.is_empty() || !self.another()? {
                return Ok(count);
            }
            let from = self.0.get_mut().0.take();
            self.0.reset(Marked(from));
        }
    }
}

/// Why a decoder stopped. Kept, since a decoder that is asked again may pretend that the data ends there.
enum Failure {
    Damaged(Damaged),
    Unread(ErrorKind, String),
}

/// What a decoder yields. A buffer is filled as far as possible; what comes before an error is yielded before it.
struct Unpacked<D> {
    decoder: D,
    compression: Compression,
    failure: Option<Failure>,
    /// Bytes that it may still yield.
    left: u64,
}

impl<D> Unpacked<D> {
    fn fail(&mut self, error: &io::Error) {
        let name = self.compression.name();
        let unread = error
            .get_ref()
            .and_then(|inner| inner.downcast_ref::<Unread>());
        self.failure = Some(if unread.is_some() {
            Failure::Unread(error.kind(), error.to_string())
        } else if error.kind() == ErrorKind::UnexpectedEof {
            Failure::Damaged(Damaged(format!("the {name} data ends too early")))
        } else {
            Failure::Damaged(Damaged(format!("the {name} data is damaged: {error}")))
        });
    }
}

impl<D: Read> Read for Unpacked<D> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let mut count = 0;
        while count < into.len() && self.failure.is_none() {
            match self.decoder.read(&mut into[count..]) {
                Ok(0) => break,
                Ok(more) => {
                    count += more;
                    match self.left.checked_sub(more as u64) {
                        Some(left) => self.left = left,
                        None => {
                            self.failure = Some(Failure::Damaged(Damaged(format!(
                                "the {} data unpacks to more than {} times its size",
                                self.compression.name(),
                                limits::RATIO
                            ))));
                        }
                    }
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => self.fail(&error),
            }
        }
        match &self.failure {
            Some(failure) if count == 0 => Err(match failure {
                Failure::Damaged(damaged) => {
                    io::Error::new(ErrorKind::InvalidData, damaged.clone())
                }
                Failure::Unread(kind, text) => io::Error::new(*kind, text.clone()),
            }),
            _ => Ok(count),
        }
    }
}

/// Undoes compression, which is told by the first bytes. All gzip members and all zstd frames are read.
///
/// Data that is cut or damaged, or that anything but zero padding of gzip members follows, is an error that
/// [`damage`] knows. What was decoded before it is yielded before it.
///
/// `length` is that of the file: what unpacks to very many times as much is damaged, too.
///
/// The reader that is returned comes to its end only after `from` has; after an error, or when it is left
/// before its end, `from` has bytes that nobody has read. Whoever wants all of them reads on in `from`.
pub fn decompress<'a>(
    mut from: impl BufRead + Send + 'a,
    length: u64,
) -> io::Result<(Compression, Source<'a>)> {
    let taken = ahead(&mut from, 4)?;
    let first = if taken.is_empty() {
        shown(&mut from)?
    } else {
        &taken
    };
    let compression = Compression::told_by(first);
    let from: Source<'a> = if taken.is_empty() {
        Box::new(from)
    } else {
        Box::new(Cursor::new(taken).chain(from))
    };
    Ok((
        compression,
        match compression {
            Compression::None => from,
            Compression::Gzip => buffered(compression, length, Gzip::new(from)),
            Compression::Zstd => buffered(
                compression,
                length,
                zstd::stream::read::Decoder::with_buffer(Marked(Some(from)))?,
            ),
        },
    ))
}

fn buffered<'a>(
    compression: Compression,
    length: u64,
    decoder: impl Read + Send + 'a,
) -> Source<'a> {
    Box::new(BufReader::with_capacity(
        BUFFER,
        Unpacked {
            decoder,
            compression,
            failure: None,
            left: limits::unpacked(length),
        },
    ))
}

/// The bytes at hand, which are none only at the end.
fn shown<R: BufRead>(from: &mut R) -> io::Result<&[u8]> {
    loop {
        match from.fill_buf() {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
            Ok([]) => return Ok(&[]),
            // Asked once more, these bytes are returned.
            Ok(_) => return from.fill_buf(),
        }
    }
}

/// Takes the first bytes, `wanted` of them or all, unless as many are at hand: then none.
///
/// Damage that lies among them comes again when the rest is read.
fn ahead(from: &mut impl BufRead, wanted: usize) -> io::Result<Vec<u8>> {
    let mut taken = Vec::new();
    while taken.len() < wanted {
        let bytes = match shown(from) {
            Err(error) if !taken.is_empty() && damage(&error).is_some() => break,
            bytes => bytes?,
        };
        if bytes.is_empty() || (taken.is_empty() && bytes.len() >= wanted) {
            break;
        }
        let count = bytes.len().min(wanted - taken.len());
        taken.extend_from_slice(&bytes[..count]);
        from.consume(count);
    }
    Ok(taken)
}

/// A text, what it is written in, and what was noticed.
pub struct Text<'a> {
    /// The text in UTF-8, but for what could not be decoded, and for bytes of a UTF-8 file that are not UTF-8.
    pub from: Source<'a>,
    /// Bytes before it: those of its mark, where it is UTF-8. Of other texts the offsets count in what they become.
    pub before: u64,
    /// `utf-8`, `utf-16le`, `utf-16be`, or another name of the standard, e.g. `windows-1252`.
    pub encoding: &'static str,
    /// What a reader should know.
    pub notes: Vec<String>,
}

/// Reads a text as UTF-8, whatever its encoding; why not, if it is none that can be read.
///
/// A byte order mark decides, then the encoding that was named, then the pattern of zero bytes by which UTF-16
/// shows. Anything else is UTF-8 and is passed on as it is. `Text::from` shows at least 4 KiB at first, or all.
pub fn text(mut from: Source<'_>, named: Option<Encoding>) -> io::Result<Result<Text<'_>, String>> {
    let taken = ahead(&mut from, LOOKED_AT)?;
    let first = if taken.is_empty() {
        shown(&mut from)?
    } else {
        &taken
    };
    let first = &first[..first.len().min(LOOKED_AT)];
    let mut notes = Vec::new();
    // Before UTF-16, since one mark begins with the other.
    let utf32 = [&b"\xff\xfe\0\0"[..], b"\0\0\xfe\xff"]
        .iter()
        .any(|mark| first.starts_with(mark));
    if utf32 || (named.is_none() && looks_like_utf32(first)) {
        return Ok(Err("this is UTF-32; save the export as UTF-8".to_owned()));
    }
    let mut marks = 0;
    let encoding = match (encoding_rs::Encoding::for_bom(first), named) {
        (Some((marked, length)), named) => {
            if let Some(Encoding(named)) = named
                && named != marked
            {
                notes.push(format!(
                    "the byte order mark says {}, so the file is not read as {}",
                    marked.name(),
                    named.name()
                ));
            }
            marks = length;
            if first[length..].starts_with(&first[..length]) {
                notes.push("the file begins with two byte order marks".to_owned());
                marks += length;
            }
            marked
        }
        (None, Some(Encoding(named))) => named,
        (None, None) => match looks_like_utf16(first) {
            Some(utf16) => {
                notes.push("UTF-16 without a byte order mark".to_owned());
                utf16
            }
            None => UTF_8,
        },
    };
    if !taken.is_empty() {
        from = Box::new(Cursor::new(taken).chain(from));
    }
    from.consume(marks);
    let mut before = marks as u64;
    if encoding != UTF_8 {
        from = Box::new(Decoded::new(from, encoding));
        before = 0;
    }
    Ok(Ok(Text {
        from,
        before,
        encoding: match encoding.name() {
            "UTF-8" => "utf-8",
            "UTF-16LE" => "utf-16le",
            "UTF-16BE" => "utf-16be",
            name => name,
        },
        notes,
    }))
}

/// True when every four bytes are a character of the planes in which text is written.
fn looks_like_utf32(first: &[u8]) -> bool {
    let (fours, _) = first.as_chunks();
    let all = |number: fn([u8; 4]) -> u32| {
        fours.iter().all(|&four| {
            (1..0x4_0000).contains(&number(four)) && char::from_u32(number(four)).is_some()
        })
    };
    fours.len() > 1 && (all(u32::from_le_bytes) || all(u32::from_be_bytes))
}

/// UTF-16 without a mark: much of an export is ASCII, where one byte of two is zero, always the same one.
///
/// Text in UTF-8 with some zero bytes has more pairs of two ASCII characters. Two zeros (padding) say nothing.
fn looks_like_utf16(first: &[u8]) -> Option<&'static encoding_rs::Encoding> {
    let ascii = |byte: u8| matches!(byte, b'\t' | b'\n' | b'\r' | b' '..=b'~');
    let (mut little, mut big, mut both, mut control, mut others) = (0, 0, 0, 0, 0);
    for &pair in first.as_chunks().0 {
        *(match pair {
            [0, 0] => continue,
            [byte, 0] if ascii(byte) => &mut little,
            [0, byte] if ascii(byte) => &mut big,
            [0, byte] | [byte, 0] if byte < 0xa0 => &mut control,
            [one, two] if ascii(one) && ascii(two) => &mut both,
            _ => &mut others,
        }) += 1;
    }
    let seems = |these: usize, those: usize| {
        let all = these + those + both + control + others;
        these > 1 && these > both && these > 4 * (those + control) && these >= all / 4
    };
    if seems(little, big) {
        Some(UTF_16LE)
    } else if seems(big, little) {
        Some(UTF_16BE)
    } else {
        None
    }
}

/// Text decoded to UTF-8, with [`NOT_UTF8`] in place of what cannot be decoded.
struct Decoded<'a> {
    from: Source<'a>,
    decoder: Decoder,
    /// Empty until it is needed.
    buffer: Vec<u8>,
    /// `buffer[at..end]` is to be passed on.
    at: usize,
    end: usize,
    done: bool,
    /// Comes after what is in the buffer.
    error: Option<io::Error>,
}

impl<'a> Decoded<'a> {
    fn new(from: Source<'a>, encoding: &'static encoding_rs::Encoding) -> Decoded<'a> {
        Decoded {
            from,
            decoder: encoding.new_decoder_without_bom_handling(),
            buffer: Vec::new(),
            at: 0,
            end: 0,
            done: false,
            error: None,
        }
    }

    /// Fills the buffer, as far as possible.
    fn fill(&mut self) -> io::Result<()> {
        (self.at, self.end) = (0, 0);
        if self.buffer.is_empty() {
            self.buffer = vec![0; BUFFER];
        }
        // One place is kept for `NOT_UTF8`.
        let room = BUFFER - 1;
        while self.end < room && !self.done && self.error.is_none() {
            let bytes = match self.from.fill_buf() {
                Ok(bytes) => bytes,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => {
                    self.error = Some(error);
                    break;
                }
            };
            let last = bytes.is_empty();
            let (result, read, written) = self.decoder.decode_to_utf8_without_replacement(
                bytes,
                &mut self.buffer[self.end..room],
                last,
            );
            self.from.consume(read);
            self.end += written;
            match result {
                DecoderResult::InputEmpty => self.done = last,
                DecoderResult::OutputFull => break,
                DecoderResult::Malformed(..) => {
                    self.buffer[self.end] = NOT_UTF8;
                    self.end += 1;
                }
            }
        }
        match self.error.take() {
            Some(error) if self.end == 0 => Err(error),
            error => {
                self.error = error;
                Ok(())
            }
        }
    }
}

impl BufRead for Decoded<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.at == self.end {
            self.fill()?;
        }
        Ok(&self.buffer[self.at..self.end])
    }

    fn consume(&mut self, count: usize) {
        self.at = self.end.min(self.at + count);
    }
}

impl Read for Decoded<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        take(self, into)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    use anyhow::Context;

    /// Shows a few bytes at a time, is interrupted in between, and fails once before the end if it is to.
    struct Trickle {
        bytes: Vec<u8>,
        at: usize,
        step: usize,
        /// Where it was interrupted last.
        interrupted: Option<usize>,
        fails: bool,
    }

    impl BufRead for Trickle {
        fn fill_buf(&mut self) -> io::Result<&[u8]> {
            if self.interrupted != Some(self.at) {
                self.interrupted = Some(self.at);
                return Err(ErrorKind::Interrupted.into());
            }
            let shown = &self.bytes[self.at..];
            if shown.is_empty() && std::mem::take(&mut self.fails) {
                return Err(io::Error::from_raw_os_error(5));
            }
            Ok(&shown[..shown.len().min(self.step)])
        }

        fn consume(&mut self, count: usize) {
            assert!(count <= self.step && self.at + count <= self.bytes.len());
            self.at += count;
        }
    }

    impl Read for Trickle {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            take(self, into)
        }
    }

    fn trickle(bytes: &[u8], step: usize) -> Trickle {
        Trickle {
            bytes: bytes.to_vec(),
            at: 0,
            step,
            interrupted: None,
            fails: false,
        }
    }

    fn failing(bytes: &[u8]) -> Trickle {
        Trickle {
            fails: true,
            ..trickle(bytes, 9)
        }
    }

    const STEPS: [usize; 9] = [1, 2, 3, 7, 4095, 4096, 4097, 65_535, usize::MAX];

    fn label(name: &str) -> Option<Encoding> {
        name.parse().map(Some).unwrap()
    }

    fn little(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    fn big(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_be_bytes).collect()
    }

    fn joined(parts: &[&[u8]]) -> Vec<u8> {
        parts.concat()
    }

    /// Reads a text at all steps, which must agree: the text, its encoding, the notes.
    fn read(bytes: &[u8], named: Option<Encoding>) -> (Vec<u8>, &'static str, Vec<String>) {
        let mut all = STEPS.iter().map(|&step| {
            let mut text = text(Box::new(trickle(bytes, step)), named)
                .unwrap()
                .unwrap();
            let mut read = Vec::new();
            text.from.read_to_end(&mut read).unwrap();
            assert!(shown(&mut text.from).unwrap().is_empty());
            (read, text.encoding, text.notes)
        });
        let first = all.next().unwrap();
        for other in all {
            assert!(first == other);
        }
        first
    }

    /// Without notes.
    fn plain(bytes: &[u8], named: Option<Encoding>) -> (Vec<u8>, &'static str) {
        let (text, encoding, notes) = read(bytes, named);
        assert_eq!(notes, Vec::<String>::new());
        (text, encoding)
    }

    /// Several buffers of characters of one, two, three and four bytes, at shifting places.
    fn long() -> String {
        let mut text = String::new();
        for row in 0..9000 {
            text.push_str(&row.to_string());
            text.push_str(",näme,€,\u{4e00},😀\u{10ffff}x\r\n");
        }
        assert!(text.len() > 3 * BUFFER);
        text
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut to = flate2::GzBuilder::new()
            .filename("runs.csv")
            .write(Vec::new(), flate2::Compression::default());
        to.write_all(bytes).unwrap();
        to.finish().unwrap()
    }

    fn zstd(bytes: &[u8]) -> Vec<u8> {
        let mut to = ::zstd::stream::write::Encoder::new(Vec::new(), 1).unwrap();
        to.include_checksum(true).unwrap();
        to.write_all(bytes).unwrap();
        to.finish().unwrap()
    }

    /// Undoes compression at all steps, which must agree: what was yielded, and the damage after it.
    fn unpacked(bytes: &[u8]) -> (Compression, Vec<u8>, Option<String>) {
        let mut all = STEPS.iter().map(|&step| {
            let mut below = trickle(bytes, step);
            let (compression, mut from) = decompress(&mut below, u64::MAX).unwrap();
            let mut read = Vec::new();
            let damaged = from
                .read_to_end(&mut read)
                .map_err(|error| damage(&error).unwrap());
            // Once more: an end and an error are there to stay.
            let again = from.read(&mut [0]).map_err(|error| damage(&error).unwrap());
            assert_eq!(again, damaged.clone().map(|_| 0));
            drop(from);
            assert!(damaged.is_err() || below.at == bytes.len());
            (compression, read, damaged.err())
        });
        let first = all.next().unwrap();
        for other in all {
            assert!(first.0 == other.0 && first.2 == other.2);
            // How far a decoder comes before it sees the damage depends on what it is given at once.
            let common = first.1.len().min(other.1.len());
            assert!(first.1[..common] == other.1[..common]);
            assert!(first.2.is_some() || first.1 == other.1);
        }
        first
    }

    fn whole(bytes: &[u8], compression: Compression, text: &[u8]) {
        assert!(unpacked(bytes) == (compression, text.to_vec(), None));
    }

    fn broken(bytes: &[u8], compression: Compression) -> String {
        let (found, _, damaged) = unpacked(bytes);
        assert_eq!(found, compression);
        damaged.unwrap()
    }

    #[test]
    fn utf8_is_passed_on_as_it_is() {
        let long = long();
        assert!(plain(long.as_bytes(), None) == (long.clone().into_bytes(), "utf-8"));
        assert!(plain(long.as_bytes(), label("UTF8")) == (long.into_bytes(), "utf-8"));
        let broken = b"a\xff,\xed\xa0\x80,\xc0\x80,\x93\n\0b";
        assert_eq!(plain(broken, None), (broken.to_vec(), "utf-8"));
        assert_eq!(plain(b"", None), (Vec::new(), "utf-8"));
    }

    #[test]
    fn byte_order_marks_are_stripped() {
        let text = "näme,€,😀\n";
        let two = ["the file begins with two byte order marks".to_owned()];
        for (mark, bytes, encoding) in [
            (&b"\xef\xbb\xbf"[..], text.as_bytes().to_vec(), "utf-8"),
            (b"\xff\xfe", little(text), "utf-16le"),
            (b"\xfe\xff", big(text), "utf-16be"),
        ] {
            let one = joined(&[mark, &bytes]);
            assert_eq!(plain(&one, None), (text.into(), encoding));
            assert_eq!(plain(&one, label(encoding)), (text.into(), encoding));
            let (read_two, found, notes) = read(&joined(&[mark, &one]), None);
            assert_eq!((read_two, found), (text.into(), encoding));
            assert_eq!(notes, two);
            // A third one is text.
            let (three, _, notes) = read(&joined(&[mark, mark, &one]), None);
            assert_eq!(three, format!("\u{feff}{text}").into_bytes());
            assert_eq!(notes, two);
            assert_eq!(plain(mark, None), (Vec::new(), encoding));
        }
        assert_eq!(plain(b"\xef\xbb", None).0, b"\xef\xbb");
    }

    #[test]
    fn a_mark_wins_over_a_name() {
        let bytes = joined(&[b"\xff\xfe", &little("a,ü\n")]);
        let (read_as, encoding, notes) = read(&bytes, label("latin1"));
        assert_eq!((read_as, encoding), ("a,ü\n".into(), "utf-16le"));
        assert_eq!(
            notes,
            ["the byte order mark says UTF-16LE, so the file is not read as windows-1252"]
        );
        let (read_as, encoding, notes) = read(b"\xef\xbb\xbfa\xc3\xbc", label("utf-16be"));
        assert_eq!((read_as, encoding), ("aü".into(), "utf-8"));
        assert_eq!(notes.len(), 1);
    }

    #[test]
    fn chunk_borders_do_not_matter() {
        let long = long();
        for (mark, bytes, encoding) in [
            (b"\xff\xfe", little(&long), "utf-16le"),
            (b"\xfe\xff", big(&long), "utf-16be"),
        ] {
            let (text, found) = plain(&joined(&[mark, &bytes]), None);
            assert!(text == long.as_bytes());
            assert_eq!(found, encoding);
            let (text, _) = plain(&bytes, label(encoding));
            assert!(text == long.as_bytes());
        }
        let mut bytes = vec![0; 2 * long.len()];
        let (result, _, length) = encoding_rs::GB18030
            .new_encoder()
            .encode_from_utf8_without_replacement(&long, &mut bytes, true);
        assert_eq!(result, encoding_rs::EncoderResult::InputEmpty);
        bytes.truncate(length);
        let (text, encoding) = plain(&bytes, label("gb18030"));
        assert!(text == long.as_bytes());
        assert_eq!(encoding, "gb18030");
    }

    #[test]
    fn utf16_without_a_mark_is_recognised() {
        let csv = "name,status,start\r\nscan,Completed,2026-07-01T00:00:00Z\r\n";
        let german = "Überprüfung;größe\r\nöäüß;Ägypten\r\n";
        let chinese = "名称,状态\n一扫描一,完成,2026-07-01\n数据源扫描,失败,2026-07-02\n";
        for text in [csv, german, chinese, "ab", &long()] {
            for (bytes, encoding) in [(little(text), "utf-16le"), (big(text), "utf-16be")] {
                let (read, found, notes) = read(&bytes, None);
                assert!(read == text.as_bytes(), "{text}");
                assert_eq!(found, encoding);
                assert_eq!(notes, ["UTF-16 without a byte order mark"]);
            }
        }
        // What is looked at does not depend on what is at hand.
        let other = joined(&[&little(&"a,b\n".repeat(512)), csv.repeat(1000).as_bytes()]);
        assert_eq!(read(&other, None).1, "utf-16le");
        // Zeros at the end, as a crash leaves them.
        let padded = joined(&[&little(csv), &[0; 3000]]);
        assert_eq!(read(&padded, None).1, "utf-16le");
    }

    #[test]
    fn utf8_with_zero_bytes_is_not_taken_for_utf16() {
        let rows = "name,status\nscan,Completed\n".repeat(200);
        for zeros in [
            "a\0",
            "x,y\0\n",
            "a,b\0\n1,2\0\n",
            "a\0b,c\n",
            "\0\0\0\0",
            "abc\0",
            "数据源源a\0",
        ] {
            let long = zeros.repeat(1000);
            for text in [
                zeros.to_owned(),
                format!("{rows}{zeros}"),
                format!("{zeros}{rows}"),
                format!("{rows}{long}"),
            ] {
                assert_eq!(plain(text.as_bytes(), None).0, text.as_bytes(), "{zeros:?}");
            }
        }
        for only in ["\0\0\0\0", "abc\0", "数据源源a\0"] {
            let text = only.repeat(1000);
            assert_eq!(plain(text.as_bytes(), None).1, "utf-8", "{only:?}");
        }
        // Padded fields, at even and odd places.
        let padded = "ab\0\0\0,cde\0\0\0\0\n".repeat(500);
        assert_eq!(plain(padded.as_bytes(), None).1, "utf-8");
        // Binary data that is full of small numbers.
        let numbers: Vec<u8> = (0_u16..2000)
            .flat_map(|n| (n % 100).to_le_bytes())
            .collect();
        assert_eq!(plain(&numbers, None).1, "utf-8");
    }

    #[test]
    fn utf32_is_refused() {
        let little: Vec<u8> = "name,€,😀\n"
            .chars()
            .flat_map(|one| u32::from(one).to_le_bytes())
            .collect();
        let big: Vec<u8> = little
            .chunks(4)
            .flat_map(|four| four.iter().rev().copied())
            .collect();
        for bytes in [
            joined(&[b"\xff\xfe\0\0", &little]),
            joined(&[b"\0\0\xfe\xff", &big]),
            little.clone(),
            big,
        ] {
            for step in STEPS {
                let found = text(Box::new(trickle(&bytes, step)), None).unwrap();
                assert_eq!(
                    found.err().unwrap(),
                    "this is UTF-32; save the export as UTF-8"
                );
            }
        }
        let marked = joined(&[b"\xff\xfe\0\0", &little]);
        let found = text(Box::new(&marked[..]), label("utf-16le")).unwrap();
        assert!(found.is_err());
        // Without a mark, a name decides.
        assert_eq!(plain(&little, label("utf-8")), (little.clone(), "utf-8"));
        // Not every text that begins like it.
        assert_eq!(plain(b"\xff\xfe", None).1, "utf-16le");
        let utf16 = |text: &str| self::little(text);
        let lines = utf16("a\nb\nc\n");
        assert_eq!(read(&lines, None).1, "utf-16le");
    }

    #[test]
    fn what_cannot_be_decoded_breaks_its_record_only() {
        for (mark, unit) in [
            (b"\xff\xfe", u16::to_le_bytes as fn(u16) -> [u8; 2]),
            (b"\xfe\xff", u16::to_be_bytes),
        ] {
            let check = |units: &[u16], rest: &[u8], expected: &[u8]| {
                let units: Vec<u8> = units.iter().copied().flat_map(unit).collect();
                let bytes = joined(&[mark, &units, rest]);
                assert_eq!(plain(&bytes, None).0, expected, "{units:x?} {rest:x?}");
            };
            let [a, newline, high, low] = [0x61, 0x0a, 0xd83d, 0xde00];
            check(&[a, high, low, a], b"", "a😀a".as_bytes());
            check(&[a, high, newline, a], b"", b"a\xff\na");
            check(&[a, low, newline, a], b"", b"a\xff\na");
            check(&[high, high, low, a], b"", b"\xff\xf0\x9f\x98\x80a");
            check(&[low, high, newline], b"", b"\xff\xff\n");
            check(&[a, high], b"", b"a\xff");
            check(&[a, newline], b"a", b"a\n\xff");
            check(&[a, high], b"a", b"a\xff");
            // More than a buffer of it.
            let many = vec![low; BUFFER + 10];
            check(&many, b"", &vec![0xff; BUFFER + 10]);
            // At the end of a buffer.
            for count in BUFFER - 5..BUFFER + 2 {
                let units = [vec![a; count], vec![low, newline]].concat();
                let expected = [vec![b'a'; count], b"\xff\n".to_vec()].concat();
                check(&units, b"", &expected);
            }
        }
    }

    #[test]
    fn other_encodings_are_decoded_when_named() {
        let quoted = b"\x93a\x94,\x80,\xfc\n";
        assert_eq!(
            plain(quoted, label("Latin1")),
            ("“a”,€,ü\n".into(), "windows-1252")
        );
        assert_eq!(plain(quoted, None), (quoted.to_vec(), "utf-8"));
        assert_eq!(
            plain(b"\x83e\x83X\x83g\n\x81\n\xff\x81", label("shift_jis")),
            (
                "テスト\n".bytes().chain(*b"\xff\n\xff\xff").collect(),
                "Shift_JIS"
            )
        );
        // What cannot be decoded, at the end of a buffer.
        for count in BUFFER - 5..BUFFER + 2 {
            let text = [vec![b'a'; count], vec![0xaa, b'\n']].concat();
            let expected = [vec![b'a'; count], b"\xff\n".to_vec()].concat();
            assert!(plain(&text, label("windows-1253")).0 == expected);
        }
        // The name decides, whatever the bytes look like.
        assert_eq!(plain(&little("ab"), label("utf-8")).0, b"a\0b\0");
        assert_eq!(plain(b"abcd", label("utf-16be")).0, "慢捤".as_bytes());
        assert_eq!(plain(b"", label("utf-16")).1, "utf-16le");
    }

    #[test]
    fn labels_are_those_of_the_standard() {
        for (label, name) in [
            ("latin1", "windows-1252"),
            ("CP1252", "windows-1252"),
            (" utf-16 ", "UTF-16LE"),
            ("UTF-8", "UTF-8"),
        ] {
            assert_eq!(label.parse::<Encoding>().unwrap().0.name(), name);
        }
        // The second is known only so that it can be refused.
        for label in ["klingon", "iso-2022-kr", ""] {
            let error = label.parse::<Encoding>().unwrap_err();
            assert!(error.contains(&format!("{label:?}")) && error.contains("windows-1252"));
        }
    }

    #[test]
    fn compression_is_told_by_the_first_bytes() {
        let long = long();
        let long = long.as_bytes();
        for text in [b"", &b"a"[..], b"name,status\n", b"(", long] {
            whole(text, Compression::None, text);
            whole(&gzip(text), Compression::Gzip, text);
            whole(&zstd(text), Compression::Zstd, text);
        }
        assert_eq!(
            [Compression::None, Compression::Gzip, Compression::Zstd].map(Compression::suffix),
            ["", "+gzip", "+zstd"]
        );
    }

    #[test]
    fn all_members_and_frames_are_read() {
        let long = long();
        let long = long.as_bytes();
        let text = joined(&[b"a\n", b"", long, b"b\n"]);
        let zeros = [0; 10_000];
        let members = joined(&[&gzip(b"a\n"), &gzip(b""), &gzip(long), &gzip(b"b\n")]);
        whole(&members, Compression::Gzip, &text);
        whole(&joined(&[&members, &zeros]), Compression::Gzip, &text);
        let padded = joined(&[&members, &zeros, &gzip(b"c\n")]);
        whole(&padded, Compression::Gzip, &joined(&[&text, b"c\n"]));

        let skippable = b"\x5a\x2a\x4d\x18\x03\0\0\0xyz";
        let frames = joined(&[
            &zstd(b"a\n"),
            &zstd(b""),
            skippable,
            &zstd(long),
            &zstd(b"b\n"),
        ]);
        whole(&frames, Compression::Zstd, &text);
        whole(&joined(&[skippable, &frames]), Compression::Zstd, &text);
    }

    #[test]
    fn a_cut_is_damage_wherever_it_is() {
        let text = b"name,status\nscan,Completed\n";
        let file = gzip(text);
        for length in 1..file.len() {
            let message = broken(&file[..length], Compression::Gzip);
            assert_eq!(message, "the gzip data ends too early");
            let second = joined(&[&file, &file[..length]]);
            assert_eq!(broken(&second, Compression::Gzip), message);
        }
        let file = zstd(text);
        // One byte is `(`.
        assert_eq!(unpacked(&file[..1]).0, Compression::None);
        for length in 2..file.len() {
            let message = broken(&file[..length], Compression::Zstd);
            assert_eq!(message, "the zstd data ends too early");
        }
        for length in 1..file.len() {
            let second = joined(&[&file, &file[..length]]);
            let message = broken(&second, Compression::Zstd);
            assert_eq!(message, "the zstd data ends too early");
        }
    }

    #[test]
    fn a_changed_bit_is_damage_or_changes_nothing() {
        let text = "name,status\nscan,Completed\n".repeat(20);
        for (file, compression, sign) in [
            (gzip(text.as_bytes()), Compression::Gzip, 2),
            (zstd(text.as_bytes()), Compression::Zstd, 4),
        ] {
            let mut damaged = 0;
            for at in sign * 8..file.len() * 8 {
                let mut file = file.clone();
                file[at / 8] ^= 1 << (at % 8);
                let (_, mut from) = decompress(&file[..], u64::MAX).unwrap();
                let mut read = Vec::new();
                match from.read_to_end(&mut read) {
                    Ok(_) => assert_eq!(read, text.as_bytes(), "{compression:?} {at}"),
                    Err(error) => {
                        assert!(damage(&error).is_some());
                        damaged += 1;
                    }
                }
            }
            assert!(damaged > (file.len() - 20) * 8, "{compression:?}");
        }
        let mut sum = gzip(text.as_bytes());
        let at = sum.len() - 8;
        sum[at] ^= 1;
        assert_eq!(
            broken(&sum, Compression::Gzip),
            "the gzip data is damaged: corrupt gzip stream does not have a matching checksum"
        );
    }

    #[test]
    fn other_data_behind_is_damage() {
        let gzipped = gzip(b"a\n");
        for behind in [&b"x"[..], b"\0\0x", b"\n"] {
            assert_eq!(
                broken(&joined(&[&gzipped, behind]), Compression::Gzip),
                "the gzip data is damaged: other data follows it"
            );
        }
        let other = joined(&[&gzipped, b"\x1f\x1f\x1f\x1f\x1f\x1f\x1f\x1f\x1f\x1f"]);
        assert_eq!(
            broken(&other, Compression::Gzip),
            "the gzip data is damaged: invalid gzip header"
        );
        for behind in [&b"some text"[..], b"\0\0\0\0\0\0\0\0\0", b"\n"] {
            broken(&joined(&[&zstd(b"a\n"), behind]), Compression::Zstd);
        }
    }

    #[test]
    fn damage_is_seen_through_other_errors() {
        let file = gzip(b"a,b\n1,2\n");
        let cut = || decompress(&file[..file.len() - 1], u64::MAX).unwrap().1;
        let message = Some("the gzip data ends too early".to_owned());
        let error = || cut().read_to_end(&mut Vec::new()).unwrap_err();
        assert_eq!(error().to_string(), "the gzip data ends too early");
        assert_eq!(damage(&error()), message);
        assert_eq!(
            damage(&io::Error::other(io::Error::other(error()))),
            message
        );
        let wrapped = Err::<(), _>(error()).context("inner").context("outer");
        assert_eq!(damage(wrapped.unwrap_err().as_ref()), message);

        let error = || {
            csv::Reader::from_reader(cut())
                .records()
                .find_map(Result::err)
                .unwrap()
        };
        assert_eq!(damage(&error()), message);
        assert_eq!(damage(&io::Error::from(error())), message);
        let wrapped = Err::<(), _>(error()).context("runs.csv: cannot be read");
        assert_eq!(damage(wrapped.unwrap_err().as_ref()), message);

        assert_eq!(damage(&fmt::Error), None);
        assert_eq!(damage(&io::Error::from(ErrorKind::UnexpectedEof)), None);
    }

    #[test]
    fn a_file_that_cannot_be_read_is_not_damaged() {
        let text = long();
        for file in [gzip(text.as_bytes()), zstd(text.as_bytes())] {
            for length in [2, 4, 6, 12, 1000, file.len()] {
                // With fewer bytes than are looked at, opening fails.
                let error = match decompress(failing(&file[..length]), u64::MAX) {
                    Ok((_, mut from)) => {
                        let error = from.read_to_end(&mut Vec::new()).unwrap_err();
                        let again = from.read(&mut [0]).unwrap_err();
                        assert_eq!(again.to_string(), error.to_string());
                        error
                    }
                    Err(error) => error,
                };
                assert_eq!(damage(&error), None, "{length}");
                let system = io::Error::from_raw_os_error(5);
                assert_eq!(error.to_string(), system.to_string());
                assert_eq!(error.kind(), system.kind());
            }
        }
    }

    #[test]
    fn an_error_is_not_lost_behind_what_comes_before_it() {
        assert!(text(Box::new(failing(b"a,b\n")), None).is_err());
        let rows = "a,b\n".repeat(LOOKED_AT);
        for bytes in [rows.clone().into_bytes(), little(&rows)] {
            let mut from = text(Box::new(failing(&bytes)), None).unwrap().unwrap().from;
            let mut read = Vec::new();
            assert!(from.read_to_end(&mut read).is_err());
            assert!(read == rows.as_bytes());
        }
    }

    #[test]
    fn what_comes_before_damage_is_yielded() {
        let rows = "a,b\n".repeat(100);
        let many = "a,b\n".repeat(100_000);
        for rows in [&rows, &many] {
            for bytes in [
                rows.clone().into_bytes(),
                joined(&[b"\xff\xfe", &little(rows)]),
            ] {
                let mut file = gzip(&bytes);
                file.truncate(file.len() - 1);
                for step in STEPS {
                    let (_, from) = decompress(trickle(&file, step), u64::MAX).unwrap();
                    let mut from = text(from, None).unwrap().unwrap().from;
                    let mut read = Vec::new();
                    let error = from.read_to_end(&mut read).unwrap_err();
                    assert!(damage(&error).is_some());
                    assert!(read == rows.as_bytes());
                }
            }
        }
    }

    #[test]
    fn much_is_shown_at_first() {
        let long = long();
        let text_of = |bytes: &[u8], named| {
            let (_, from) = decompress(trickle(bytes, 7), u64::MAX).unwrap();
            let mut text = text(from, named).unwrap().unwrap();
            shown(&mut text.from).unwrap().len()
        };
        assert_eq!(text_of(long.as_bytes(), None), LOOKED_AT);
        let halting = Box::new(b"ab".chain(long.as_bytes()));
        let mut halting = text(halting, None).unwrap().unwrap().from;
        assert_eq!(halting.fill_buf().unwrap().len(), LOOKED_AT);
        assert_eq!(text_of(&gzip(long.as_bytes()), None), BUFFER);
        assert_eq!(text_of(&zstd(long.as_bytes()), None), BUFFER);
        assert!(text_of(&little(&long), label("utf-16le")) > BUFFER - 4);
    }
}
