//! What a text is by its beginning: records of some form, or something else that lies among exports.

use super::json::{self, RecordPath};
use super::reject::{Code, Rejects};

/// Why a file is not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    pub(super) code: Code,
    /// What it is, and what helps.
    pub(super) reason: String,
    /// It commonly lies beside exports and lacks nothing.
    pub(super) harmless: bool,
}

impl Wrong {
    pub(super) fn new(code: Code, reason: impl Into<String>) -> Wrong {
        Wrong {
            code,
            reason: reason.into(),
            harmless: false,
        }
    }

    pub(super) fn empty() -> Wrong {
        Wrong::new(Code::FileEmpty, "the file is empty")
    }
}

/// How records stand in a text.
pub(super) enum Shape {
    Lines,
    Documents,
    Delimited,
}

/// First bytes of files that are no exports.
const OTHERS: [(&[u8], &str); 7] = [
    (
        b"PK\x03\x04",
        "this is a zip archive or an Excel workbook, not an export; save it as CSV",
    ),
    (
        b"\xd0\xcf\x11\xe0",
        "this is an old Excel workbook, not an export; save it as CSV",
    ),
    (b"%PDF", "this is a PDF"),
    (
        b"PARE",
        "this is an encrypted Parquet file; export it without encryption",
    ),
    (
        b"/annex/objects/",
        "this is a git-annex pointer, not the file itself",
    ),
    (b"ustar", "this is a tar archive; unpack it"),
    (
        b"version https://git-lfs",
        "this is a Git LFS pointer, not the file itself",
    ),
];

/// What a text is by its beginning, or why it is no export.
pub(super) fn shape(first: &[u8], paths: &[RecordPath]) -> Result<Shape, Wrong> {
    let is = |magic: &[u8]| {
        first.starts_with(magic) || (magic == b"ustar" && first.get(257..262) == Some(magic))
    };
    if let Some((_, what)) = OTHERS.iter().find(|(magic, _)| is(magic)) {
        return Err(Wrong::new(Code::FileKind, *what));
    }
    let start = first.trim_ascii_start();
    match start.first() {
        None => Err(Wrong::empty()),
        Some(b'<') => Err(Wrong::new(
            Code::FileKind,
            "this is an HTML or XML page, not an export",
        )),
        Some(b'[') => Ok(Shape::Documents),
        Some(b'{') => {
            let mut lines = start.split(|&byte| byte == b'\n');
            let one = lines.next().unwrap_or_default();
            let more = lines.any(|line| line.trim_ascii_start().first() == Some(&b'{'));
            // A line with bytes that are no text says nothing; the next one does.
            let one = std::iter::once(one)
                .chain(start.split(|&byte| byte == b'\n').skip(1).take(2))
                .find_map(|line| std::str::from_utf8(line).ok())
                .unwrap_or_default();
            let found = json::documents(one, paths, Rejects::default());
            let plain =
                found.items.len() == 1 && found.objects.is_empty() && found.rejects.total == 0;
            Ok(if more && plain {
                Shape::Lines
            } else {
                Shape::Documents
            })
        }
        Some(_) => Ok(Shape::Delimited),
    }
}
