//! What a text is by its beginning: records of some form, or something else that lies among exports.

use std::collections::BTreeSet;

use super::json::{self, RecordPath};
use super::reject::{Code, Rejects, quoted};
use crate::errors::Masker;
use crate::mapping::catalogue::Catalogue;
use crate::mapping::path::Path;
use crate::mapping::preset::Preset;
use crate::mapping::values::squash_key;
use crate::render::Format;

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
    if Format::is_ours(first) {
        let what = "this is a report of rundown, not an export";
        return Err(Wrong {
            harmless: true,
            ..Wrong::new(Code::FileKind, what)
        });
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

/// Keys that are named of a file that nobody knows.
const KEYS: usize = 12;
/// Names that are at least so alike may mean the same.
const ALIKE: f64 = 0.85;

/// What to say of records with these paths that nobody knows. `keys` are their columns or top-level keys as they are
/// written.
pub(super) fn unknown(
    catalogue: &Catalogue,
    present: &BTreeSet<String>,
    keys: &[String],
    masker: &Masker,
) -> String {
    let shown: Vec<_> = keys
        .iter()
        .take(KEYS)
        .map(|key| format!("{:?}", quoted(key, masker)))
        .collect();
    let more = if keys.len() > KEYS {
        format!(" and {} more", keys.len() - KEYS)
    } else {
        String::new()
    };
    let near = match catalogue.nearest(present) {
        Some((preset, missing)) => {
            let needs: Vec<_> = missing.iter().map(|any| any.join(" or ")).collect();
            let meant: String = missing
                .iter()
                .filter_map(|any| meant(&preset, any, keys, masker))
                .collect();
            format!(
                "\n       the nearest preset is {}, which also needs {}{meant}",
                preset.name,
                needs.join("; ")
            )
        }
        None => String::new(),
    };
    format!(
        "no kind of run record that rundown knows\n       found {}{more}{near}\n       name the preset with --preset, or write a mapping: rundown check --init-mapping FILE",
        shown.join(", ")
    )
}

/// Which of the keys may be meant where a preset needs any of some, and how to say so.
fn meant(preset: &Preset, any: &[String], keys: &[String], masker: &Masker) -> Option<String> {
    let read: BTreeSet<String> = preset.paths().map(Path::joined).collect();
    let unread = keys.iter().filter(|key| !read.contains(&squash_key(key)));
    let pairs = unread.flat_map(|key| any.iter().map(move |name| (key, name)));
    let (alike, key, name) = pairs
        .map(|(key, name)| {
            let alike = strsim::jaro_winkler(&squash_key(key), &squash_key(name));
            (alike, key, name)
        })
        .max_by(|a, b| a.0.total_cmp(&b.0).then_with(|| b.1.cmp(a.1)))?;
    let wanted = Path::new(name).joined();
    let (target, _) = preset.fields.iter().find(|(_, sources)| {
        let mut paths = sources.iter().flat_map(|source| source.paths());
        paths.any(|path| path.joined() == wanted)
    })?;
    (alike >= ALIKE).then(|| {
        let key = quoted(key, masker);
        format!(
            "\n       {key:?} may be {name}: --preset {} --column {:?}",
            preset.name,
            format!("{}={key}", target.key())
        )
    })
}
