//! Which files to read.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// Endings of files that are opened in a folder. A named file is opened whatever its ending.
const ENDINGS: [&str; 7] = ["csv", "tsv", "txt", "json", "jsonl", "ndjson", "parquet"];

/// A file to read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Found {
    /// The file.
    pub path: PathBuf,
    /// The user named it, so it must be usable.
    pub named: bool,
}

impl Found {
    /// The path for a reader, with `/` on every system.
    pub fn shown(&self) -> String {
        self.path.to_string_lossy().replace('\\', "/")
    }

    /// The file's name without its ending, and without `.gz`.
    pub fn stem(&self) -> String {
        let name = self
            .path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default();
        let bare = strip_gz(&name);
        bare.rsplit_once('.')
            .filter(|(stem, _)| !stem.is_empty())
            .map_or(bare, |(stem, _)| stem)
            .to_owned()
    }
}

fn strip_gz(name: &str) -> &str {
    match name
        .len()
        .checked_sub(3)
        .and_then(|at| name.split_at_checked(at))
    {
        Some((bare, ending)) if ending.eq_ignore_ascii_case(".gz") && !bare.is_empty() => bare,
        _ => name,
    }
}

fn is_wanted(path: &Path) -> bool {
    let name = path
        .file_name()
        .map(|name| name.to_string_lossy().to_lowercase())
        .unwrap_or_default();
    let ending = strip_gz(&name).rsplit_once('.').map(|(_, ending)| ending);
    ending.is_some_and(|ending| ENDINGS.contains(&ending))
}

/// Every file of the inputs, each once, in order of path. Folders are searched recursively; links to
/// folders are not followed, so there is no loop.
pub fn discover(inputs: &[PathBuf]) -> Result<Vec<Found>> {
    let mut found = BTreeSet::new();
    let mut seen = BTreeSet::new();
    for input in inputs {
        let kind = std::fs::metadata(input)
            .with_context(|| format!("{}: cannot be read", input.display()))?;
        if kind.is_dir() {
            search(input, &mut seen, &mut found)?;
        } else {
            // A file that is named and also lies in a named folder is read once, as a named one.
            found.remove(&Found {
                path: input.clone(),
                named: false,
            });
            seen.insert(input.canonicalize().unwrap_or_else(|_| input.clone()));
            found.insert(Found {
                path: input.clone(),
                named: true,
            });
        }
    }
    Ok(found.into_iter().collect())
}

fn search(folder: &Path, seen: &mut BTreeSet<PathBuf>, found: &mut BTreeSet<Found>) -> Result<()> {
    let entries = std::fs::read_dir(folder)
        .with_context(|| format!("{}: cannot be read", folder.display()))?;
    let mut paths = Vec::new();
    for entry in entries {
        paths.push(entry.with_context(|| format!("{}: cannot be read", folder.display()))?);
    }
    paths.sort_by_key(std::fs::DirEntry::path);
    for entry in paths {
        let path = entry.path();
        let kind = entry
            .file_type()
            .with_context(|| format!("{}: cannot be read", path.display()))?;
        let hidden = entry.file_name().to_string_lossy().starts_with('.');
        if hidden {
            continue;
        }
        if kind.is_dir() {
            search(&path, seen, found)?;
        } else if is_wanted(&path)
            && path.is_file()
            && seen.insert(path.canonicalize().unwrap_or_else(|_| path.clone()))
        {
            found.insert(Found { path, named: false });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stems_have_neither_ending_nor_gz() {
        let stem = |name: &str| {
            Found {
                path: PathBuf::from(name),
                named: true,
            }
            .stem()
        };
        assert_eq!(stem("x/crowdstrike-hosts.csv"), "crowdstrike-hosts");
        assert_eq!(stem("x/crowdstrike-hosts.csv.gz"), "crowdstrike-hosts");
        assert_eq!(stem("v1.2.csv"), "v1.2");
        assert_eq!(stem(".csv"), ".csv");
    }

    #[test]
    fn folders_are_searched_and_each_file_is_found_once() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("b");
        std::fs::create_dir(&inner).unwrap();
        for name in ["a.csv", "a.html", "b/c.json.gz", "b/.hidden.csv"] {
            std::fs::write(folder.path().join(name), "x").unwrap();
        }
        let inputs = [folder.path().to_owned(), folder.path().join("a.csv"), inner];
        let names: Vec<_> = discover(&inputs)
            .unwrap()
            .iter()
            .map(|found| (found.stem(), found.named))
            .collect();
        assert_eq!(names, [("a".to_owned(), true), ("c".to_owned(), false)]);
    }
}
