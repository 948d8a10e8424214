//! Which files to read: files, folders, patterns, and standard input.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use globset::GlobBuilder;
use tempfile::NamedTempFile;

use crate::temporary;

/// Endings of files that are opened in a folder. A named file is opened whatever its ending.
const ENDINGS: [&str; 7] = ["csv", "tsv", "txt", "json", "jsonl", "ndjson", "parquet"];

/// Endings of compressed files; the ending before it counts as well.
const COMPRESSED: [&str; 2] = [".gz", ".zst"];
/// Stands for standard input.
const STDIN: &str = "-";

/// A file to read.
#[derive(Clone, Debug)]
pub struct Found {
    /// The file.
    pub path: PathBuf,
    /// The user named it, so it must be usable.
    pub named: bool,
    /// Its size in bytes when it was found.
    pub length: u64,
    /// It is a link in a folder, and its file is gone.
    pub leads_nowhere: bool,
    /// What came from standard input, which can be read once only.
    spooled: Option<Arc<NamedTempFile>>,
}

impl Found {
    fn new(path: PathBuf, named: bool) -> Found {
        let about = path.metadata();
        Found {
            path,
            named,
            length: about.as_ref().map_or(0, std::fs::Metadata::len),
            leads_nowhere: !named && about.is_err(),
            spooled: None,
        }
    }

    /// The path for a reader, with `/` on every system.
    pub fn shown(&self) -> String {
        if self.path.as_os_str() == STDIN {
            return "standard input".to_owned();
        }
        self.path.to_string_lossy().replace('\\', "/")
    }

    /// Opens the file.
    pub fn open(&self) -> Result<File> {
        match &self.spooled {
            Some(file) => file.reopen(),
            None => File::open(&self.path),
        }
        .with_context(|| format!("{}: cannot be read", self.shown()))
    }

    /// The file's name without its ending, and without `.gz` or `.zst`.
    pub fn stem(&self) -> String {
        let name = self
            .path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default();
        let bare = strip_compressed(&name);
        bare.rsplit_once('.')
            .filter(|(stem, _)| !stem.is_empty())
            .map_or(bare, |(stem, _)| stem)
            .to_owned()
    }
}

/// A name without the ending of a compressed file.
pub fn strip_compressed(name: &str) -> &str {
    COMPRESSED
        .iter()
        .find_map(|ending| {
            let at = name.len().checked_sub(ending.len())?;
            let (bare, last) = name.split_at_checked(at)?;
            (last.eq_ignore_ascii_case(ending) && !bare.is_empty()).then_some(bare)
        })
        .unwrap_or(name)
}

fn is_wanted(path: &Path) -> bool {
    let name = path
        .file_name()
        .map(|name| name.to_string_lossy().to_lowercase())
        .unwrap_or_default();
    let ending = strip_compressed(&name)
        .rsplit_once('.')
        .map(|(_, ending)| ending);
    ending.is_some_and(|ending| ENDINGS.contains(&ending))
}

/// Files by path; a file that is named and also lies in a named folder is one that is named.
#[derive(Default)]
struct Files {
    found: Vec<Found>,
    /// Canonical paths, so that a file is read once whatever leads to it.
    seen: BTreeSet<PathBuf>,
}

impl Files {
    /// Adds a file; `real` is its canonical path.
    fn add(&mut self, path: PathBuf, real: PathBuf, named: bool) {
        if self.seen.insert(real) {
            self.found.push(Found::new(path, named));
        } else if named && let Some(known) = self.found.iter_mut().find(|found| found.path == path)
        {
            known.named = true;
        }
    }
}

/// Every file of the inputs, each once, in order of path. Folders are searched recursively; links to
/// folders are not followed, so there is no loop. A name that is no file and has `*`, `?`, `[` or `{` in it is a
/// pattern; `**` goes through folders. `-` is standard input, which is copied to a temporary file.
pub fn discover(inputs: &[PathBuf]) -> Result<Vec<Found>> {
    let mut files = Files::default();
    for input in inputs {
        if input.as_os_str() == STDIN {
            if !files
                .found
                .iter()
                .any(|found| found.path.as_os_str() == STDIN)
            {
                files
                    .found
                    .push(spool(input, &mut std::io::stdin().lock())?);
            }
            continue;
        }
        let kind = match std::fs::metadata(input) {
            Ok(kind) => kind,
            Err(error) => {
                if is_pattern(input) {
                    matching(input, &mut files)?;
                    continue;
                }
                return Err(error).with_context(|| format!("{}: cannot be read", input.display()));
            }
        };
        if kind.is_dir() {
            search(input, &real(input), &mut |path, real| {
                if is_wanted(&path) {
                    files.add(path, real, false);
                }
            })?;
        } else if kind.is_file() {
            files.add(input.clone(), real(input), true);
        } else {
            // What comes through a pipe can be read once only, too.
            let mut pipe = File::open(input)
                .with_context(|| format!("{}: cannot be read", input.display()))?;
            files.found.push(spool(input, &mut pipe)?);
        }
    }
    files.found.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files.found)
}

/// Copies a stream to a file, since a file is looked at before it is read.
fn spool(path: &Path, from: &mut dyn std::io::Read) -> Result<Found> {
    let mut file = temporary::file(tempfile::Builder::new(), &std::env::temp_dir())
        .with_context(|| format!("{}: cannot be kept", path.display()))?;
    let length = std::io::copy(from, &mut file)
        .with_context(|| format!("{}: cannot be read", path.display()))?;
    Ok(Found {
        path: path.to_owned(),
        named: true,
        length,
        leads_nowhere: false,
        spooled: Some(Arc::new(file)),
    })
}

fn is_pattern(path: &Path) -> bool {
    path.to_string_lossy().contains(['*', '?', '[', '{'])
}

/// Adds the files that fit a pattern, and those in folders that do. The files count as named.
fn matching(pattern: &Path, files: &mut Files) -> Result<()> {
    let shown = pattern.display();
    // What exists as it is written is no pattern, even with a bracket in its name.
    let mut base = PathBuf::new();
    let mut parts = pattern.components().peekable();
    while let Some(part) = parts.peek() {
        let root = matches!(part, Component::Prefix(_) | Component::RootDir);
        if !root && !base.join(part).is_dir() {
            break;
        }
        base.push(part);
        parts.next();
    }
    let rest: PathBuf = parts.collect();
    let matcher = GlobBuilder::new(&rest.to_string_lossy())
        .literal_separator(true)
        .build()
        .with_context(|| format!("{shown}: no such file, and no valid pattern"))?
        .compile_matcher();
    let folder = if base.as_os_str().is_empty() {
        Path::new(".")
    } else {
        &base
    };
    let mut any = false;
    search(folder, &real(folder), &mut |path, real| {
        let inside = path.strip_prefix(folder).unwrap_or(&path).to_owned();
        let path = base.join(&inside);
        if matcher.is_match(&inside) {
            any = true;
            files.add(path, real, true);
        } else if inside
            .ancestors()
            .skip(1)
            .any(|above| matcher.is_match(above))
            && is_wanted(&path)
        {
            any = true;
            files.add(path, real, false);
        }
    })?;
    if !any {
        bail!("{shown}: no file fits this pattern");
    }
    Ok(())
}

/// The canonical path, or the path itself where there is none.
fn real(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

/// Calls a function with every file below a folder, and its canonical path; hidden files and folders are left out.
/// `real_folder` is the canonical path of the folder.
fn search(
    folder: &Path,
    real_folder: &Path,
    visit: &mut dyn FnMut(PathBuf, PathBuf),
) -> Result<()> {
    let entries = std::fs::read_dir(folder)
        .with_context(|| format!("{}: cannot be read", folder.display()))?;
    // The folder is closed before those below it are opened, so the number of open ones does not grow.
    let mut entries: Vec<_> = entries
        .collect::<std::io::Result<_>>()
        .with_context(|| format!("{}: cannot be read", folder.display()))?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        let kind = entry
            .file_type()
            .with_context(|| format!("{}: cannot be read", path.display()))?;
        let name = entry.file_name();
        if name.to_string_lossy().starts_with('.') {
            continue;
        }
        if kind.is_dir() {
            search(&path, &real_folder.join(&name), visit)?;
        } else if kind.is_file() {
            visit(path, real_folder.join(&name));
        } else if path.is_file() || (kind.is_symlink() && !path.exists()) {
            // A link to a folder is not followed; one that leads nowhere is told.
            let real = real(&path);
            visit(path, real);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stems_have_neither_ending_nor_that_of_compression() {
        let stem = |name: &str| Found::new(PathBuf::from(name), true).stem();
        assert_eq!(stem("x/crowdstrike-hosts.csv"), "crowdstrike-hosts");
        assert_eq!(stem("x/crowdstrike-hosts.csv.gz"), "crowdstrike-hosts");
        assert_eq!(stem("x/crowdstrike-hosts.csv.ZST"), "crowdstrike-hosts");
        assert_eq!(stem("v1.2.csv"), "v1.2");
        assert_eq!(stem(".csv"), ".csv");
    }

    fn names(inputs: &[PathBuf]) -> Vec<(String, bool)> {
        let found = discover(inputs).unwrap();
        found
            .iter()
            .map(|found| (found.stem(), found.named))
            .collect()
    }

    #[test]
    fn folders_are_searched_and_each_file_is_found_once() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("b");
        std::fs::create_dir(&inner).unwrap();
        for name in [
            "a.csv",
            "a.html",
            "b/c.json.gz",
            "b/d.csv.zst",
            "b/.hidden.csv",
        ] {
            std::fs::write(folder.path().join(name), "x").unwrap();
        }
        let inputs = [folder.path().to_owned(), folder.path().join("a.csv"), inner];
        let of = |name: &str, named| (name.to_owned(), named);
        assert_eq!(
            names(&inputs),
            [of("a", true), of("c", false), of("d", false)]
        );
    }

    #[test]
    fn patterns_find_files_and_brackets_in_names_are_names() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("b")).unwrap();
        for name in ["a[1].csv", "a1.csv", "b/a2.csv"] {
            std::fs::write(folder.path().join(name), "x").unwrap();
        }
        let find = |pattern: &str| {
            let found = names(&[folder.path().join(pattern)]);
            found.into_iter().map(|(name, _)| name).collect::<Vec<_>>()
        };
        assert_eq!(find("a[1].csv"), ["a[1]"]);
        assert_eq!(find("a?.csv"), ["a1"]);
        assert_eq!(find("*.csv"), ["a1", "a[1]"]);
        assert_eq!(find("**/a[12].csv"), ["a1", "a2"]);
        let error = discover(&[folder.path().join("z*.csv")]).unwrap_err();
        assert!(error.to_string().contains("no file fits"), "{error}");
    }
}
