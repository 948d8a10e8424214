//! Which files to read: files, folders, patterns, and standard input.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use globset::GlobBuilder;
use tempfile::NamedTempFile;

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
    /// What came from standard input, which can be read once only.
    spooled: Option<Arc<NamedTempFile>>,
}

impl Found {
    fn new(path: PathBuf, named: bool) -> Found {
        Found {
            path,
            named,
            spooled: None,
        }
    }

    /// The path for a reader, with `/` on every system.
    pub fn shown(&self) -> String {
        if self.spooled.is_some() {
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
    fn add(&mut self, path: PathBuf, named: bool) {
        let real = path.canonicalize().unwrap_or_else(|_| path.clone());
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
            if !files.found.iter().any(|found| found.spooled.is_some()) {
                files.found.push(spool()?);
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
            search(input, &mut |path| {
                if is_wanted(&path) {
                    files.add(path, false);
                }
            })?;
        } else {
            files.add(input.clone(), true);
        }
    }
    files.found.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files.found)
}

/// Copies standard input to a file, since a file is looked at before it is read.
fn spool() -> Result<Found> {
    let mut file = NamedTempFile::new().context("standard input: cannot be kept")?;
    std::io::copy(&mut std::io::stdin().lock(), &mut file)
        .context("standard input: cannot be read")?;
    Ok(Found {
        path: PathBuf::from(STDIN),
        named: true,
        spooled: Some(Arc::new(file)),
    })
}

fn is_pattern(path: &Path) -> bool {
    path.to_string_lossy().contains(['*', '?', '[', '{'])
}

/// Adds the files that fit a pattern. They count as named, except that files of other kinds are left out.
fn matching(pattern: &Path, files: &mut Files) -> Result<()> {
    let shown = pattern.display();
    // The part before the first pattern is where to look.
    let base: PathBuf = pattern
        .components()
        .take_while(|part| {
            matches!(part, Component::Prefix(_) | Component::RootDir)
                || !is_pattern(Path::new(part))
        })
        .collect();
    let matcher = GlobBuilder::new(&pattern.to_string_lossy())
        .literal_separator(true)
        .build()
        .with_context(|| format!("{shown}: no such file, and no valid pattern"))?
        .compile_matcher();
    let folder = if base.as_os_str().is_empty() {
        Path::new(".")
    } else {
        &base
    };
    let before = files.seen.len();
    let mut any = false;
    if folder.is_dir() {
        search(folder, &mut |path| {
            let path = match path.strip_prefix(".") {
                Ok(bare) if base.as_os_str().is_empty() => bare.to_owned(),
                _ => path,
            };
            if matcher.is_match(&path) {
                any = true;
                files.add(path, true);
            }
        })?;
    }
    if files.seen.len() == before && !any {
        bail!("{shown}: no file fits this pattern");
    }
    Ok(())
}

/// Calls a function with every file below a folder; hidden files and folders are left out.
fn search(folder: &Path, visit: &mut dyn FnMut(PathBuf)) -> Result<()> {
    let entries = std::fs::read_dir(folder)
        .with_context(|| format!("{}: cannot be read", folder.display()))?;
    // The folder is closed before those below it are opened, so the number of open ones does not grow.
    let mut entries: Vec<_> = entries
        .collect::<std::io::Result<_>>()
        .with_context(|| format!("{}: cannot be read", folder.display()))?;
    entries.sort_by_key(std::fs::DirEntry::path);
    for entry in entries {
        let path = entry.path();
        let kind = entry
            .file_type()
            .with_context(|| format!("{}: cannot be read", path.display()))?;
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        if kind.is_dir() {
            search(&path, visit)?;
        } else if kind.is_file() || path.is_file() {
            visit(path);
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
