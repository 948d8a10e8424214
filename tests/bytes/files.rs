//! Folders, patterns, names, links, and the same bytes twice.

use std::path::{Path, PathBuf};

use rundown::input::{InputOptions, Loaded, load};

use crate::common::small::{HEADER, gzip, put, row};
use crate::csv;

fn read(inputs: &[PathBuf]) -> Loaded {
    load(inputs, &InputOptions::default()).unwrap()
}

/// The files that were read, from a folder on.
fn paths(loaded: &Loaded, folder: &Path) -> Vec<String> {
    let folder = format!("{}/", folder.to_string_lossy().replace('\\', "/"));
    let files = loaded.files.iter();
    files.map(|file| file.path.replace(&folder, "")).collect()
}

/// The files that were skipped, from a folder on, with the reasons.
fn skipped(loaded: &Loaded, folder: &Path) -> Vec<(String, String)> {
    let folder = format!("{}/", folder.to_string_lossy().replace('\\', "/"));
    let skipped = loaded.skipped.iter();
    skipped
        .map(|skipped| {
            (
                skipped.path.replace(&folder, ""),
                skipped.reason.replace(&folder, ""),
            )
        })
        .collect()
}

/// CSV of one run.
fn one(number: u32) -> String {
    format!("{HEADER}\n{}\n", row(number))
}

/// A folder of these files, each holding another run.
fn folder_of(names: &[&str]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (number, name) in (1..).zip(names) {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let text = one(number);
        let packed = path.extension().is_some_and(|ending| ending == "gz");
        let bytes = if packed {
            gzip(text.as_bytes())
        } else {
            text.into_bytes()
        };
        std::fs::write(path, bytes).unwrap();
    }
    folder
}

#[test]
fn folders_are_searched_for_exports_and_nothing_else() {
    let wanted = [
        "A.CSV",
        "b/c/d/e.csv.gz",
        "b/f.Tsv",
        "g.txt",
        "h.json",
        "i.jsonl",
        "j.ndjson",
        "k.parquet",
        "l l.csv",
    ];
    let folder = folder_of(&wanted);
    for (name, bytes) in [
        (".hidden.csv", csv()),
        ("b/.git/x.csv", csv()),
        ("notes.md", csv()),
        ("runs.csv.bak", csv()),
        ("runs.csv~", csv()),
        ("csv", csv()),
        ("picture.png", "\u{89}PNG".to_owned()),
        ("archive.zip", "PK\u{3}\u{4}".to_owned()),
    ] {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    put(folder.path(), "pets.csv", b"name,legs\nRex,4\n");
    put(folder.path(), "empty.csv", b"");
    let loaded = read(&[folder.path().to_owned()]);
    assert_eq!(paths(&loaded, folder.path()), wanted);
    assert_eq!(loaded.records.len(), wanted.len());
    let skipped = skipped(&loaded, folder.path());
    let names: Vec<_> = skipped.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(names, ["empty.csv", "pets.csv"]);
    assert!(skipped[1].1.contains("\"legs\""), "{skipped:?}");
}

#[test]
fn a_folder_may_have_the_name_of_a_file() {
    let folder = folder_of(&["runs.csv/a.csv"]);
    let loaded = read(&[folder.path().join("runs.csv")]);
    assert_eq!(paths(&loaded, folder.path()), ["runs.csv/a.csv"]);
    assert_eq!(
        paths(&read(&[folder.path().to_owned()]), folder.path()),
        ["runs.csv/a.csv"]
    );
}

#[test]
fn a_file_is_read_once_whatever_leads_to_it() {
    let folder = folder_of(&["a.csv", "b/c.csv"]);
    let at = |name: &str| folder.path().join(name);
    let loaded = read(&[
        folder.path().to_owned(),
        at("a.csv"),
        at("b/../a.csv"),
        at("b"),
        at("b/*.csv"),
        at("./b/c.csv"),
    ]);
    assert_eq!(loaded.records.len(), 2);
    assert_eq!(loaded.files.len(), 2, "{:?}", paths(&loaded, folder.path()));
    assert!(loaded.skipped.is_empty(), "{:?}", loaded.skipped);
}

#[test]
fn the_same_bytes_under_another_name_are_skipped_and_named() {
    let folder = folder_of(&["a.csv"]);
    std::fs::create_dir(folder.path().join("copies")).unwrap();
    for copy in ["b.csv", "copies/a.csv", "copies/a (1).csv"] {
        std::fs::copy(folder.path().join("a.csv"), folder.path().join(copy)).unwrap();
    }
    std::fs::hard_link(folder.path().join("a.csv"), folder.path().join("z.csv")).unwrap();
    let loaded = read(&[folder.path().to_owned()]);
    assert_eq!((loaded.records.len(), loaded.files.len()), (1, 1));
    let reason = "the same bytes as a.csv, which was read";
    let expected = ["b.csv", "copies/a (1).csv", "copies/a.csv", "z.csv"]
        .map(|name| (name.to_owned(), reason.to_owned()));
    assert_eq!(skipped(&loaded, folder.path()), expected);
}

#[test]
fn empty_lists_are_no_copies_of_each_other() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["a.json", "b.json"] {
        put(folder.path(), name, b"{\"value\": []}");
    }
    let loaded = read(&[folder.path().to_owned()]);
    assert_eq!(paths(&loaded, folder.path()), ["a.json", "b.json"]);
}

#[test]
fn hidden_files_and_folders_are_read_when_they_are_named() {
    let folder = folder_of(&[".a.csv", ".b/c.csv", ".b/.d.csv"]);
    let loaded = read(&[folder.path().join(".a.csv"), folder.path().join(".b")]);
    assert_eq!(paths(&loaded, folder.path()), [".a.csv", ".b/c.csv"]);
}

/// What a pattern finds in a folder.
fn find(folder: &Path, pattern: &str) -> Vec<String> {
    paths(&read(&[folder.join(pattern)]), folder)
}

#[test]
fn patterns_find_files_and_brackets_in_names_are_names() {
    let folder = folder_of(&["a[1].csv", "a1.csv", "b/a2.csv", "b/c/a3.csv", "{x}.csv"]);
    for (pattern, found) in [
        ("a[1].csv", &["a[1].csv"][..]),
        ("a[0-9].csv", &["a1.csv"]),
        ("a*.csv", &["a1.csv", "a[1].csv"]),
        ("a?.csv", &["a1.csv"]),
        ("*/a2.csv", &["b/a2.csv"]),
        ("b/**/*.csv", &["b/a2.csv", "b/c/a3.csv"]),
        ("**/a[23].csv", &["b/a2.csv", "b/c/a3.csv"]),
        ("{a1,b/a2}.csv", &["a1.csv", "b/a2.csv"]),
        ("{x}.csv", &["{x}.csv"]),
    ] {
        assert_eq!(find(folder.path(), pattern), found, "{pattern}");
    }
}

#[test]
fn patterns_find_files_in_a_folder_with_brackets_in_its_name() {
    let folder = folder_of(&["[2026]/a.csv", "[2026]/b.csv"]);
    let found = find(folder.path(), "[2026]/*.csv");
    assert_eq!(found, ["[2026]/a.csv", "[2026]/b.csv"]);
}

#[test]
fn a_folder_that_fits_a_pattern_is_searched() {
    let folder = folder_of(&["2026-10/a.csv", "2026-11/b.csv", "other/c.csv"]);
    let found = read(&[folder.path().join("2026-*")]);
    assert_eq!(
        paths(&found, folder.path()),
        ["2026-10/a.csv", "2026-11/b.csv"]
    );
}

#[test]
fn what_is_not_there_is_an_error_that_names_it() {
    let folder = folder_of(&["a.csv"]);
    for (name, says) in [
        ("missing.csv", "missing.csv: cannot be read"),
        ("b*.csv", "b*.csv: no file fits"),
        ("no/such/*.csv", "*.csv: no file fits"),
        ("a.csv/b.csv", "b.csv: cannot be read"),
        ("[.csv", "[.csv: no such file"),
    ] {
        let inputs = [folder.path().join("a.csv"), folder.path().join(name)];
        let error = format!("{:#}", load(&inputs, &InputOptions::default()).unwrap_err());
        assert!(error.contains(says), "{name}: {error}");
    }
}

#[test]
fn names_in_any_script_are_names() {
    let names = ["a b.csv", "näme.csv", "日本.csv", "😀.csv"];
    let folder = folder_of(&names);
    assert_eq!(
        paths(&read(&[folder.path().to_owned()]), folder.path()),
        names
    );
    assert_eq!(
        paths(&read(&[folder.path().join("日*.csv")]), folder.path()),
        ["日本.csv"]
    );
}

#[cfg(unix)]
mod unix {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn links_are_followed_to_files_and_loops_end() {
        let folder = folder_of(&["a.csv", "b/c.csv"]);
        let at = |name: &str| folder.path().join(name);
        symlink(".", at("loop")).unwrap();
        symlink("..", at("b/up")).unwrap();
        symlink("itself", at("itself")).unwrap();
        symlink("a.csv", at("link.csv")).unwrap();
        symlink("b", at("folder")).unwrap();
        let loaded = read(&[folder.path().to_owned()]);
        assert_eq!(paths(&loaded, folder.path()), ["a.csv", "b/c.csv"]);
        // A link that is named is followed, to a file and to a folder.
        let outside = tempfile::tempdir().unwrap();
        symlink(at("b"), outside.path().join("to-folder")).unwrap();
        symlink(at("a.csv"), outside.path().join("to-file.csv")).unwrap();
        let inputs = [
            outside.path().join("to-folder"),
            outside.path().join("to-file.csv"),
        ];
        let loaded = read(&inputs);
        assert_eq!(
            paths(&loaded, outside.path()),
            ["to-file.csv", "to-folder/c.csv"]
        );
        // In a folder, too, a link to a file elsewhere is a file.
        let loaded = read(&[outside.path().to_owned()]);
        assert_eq!(paths(&loaded, outside.path()), ["to-file.csv"]);
    }

    #[test]
    fn signs_of_patterns_in_names_are_names() {
        let folder = folder_of(&["odd*name?.csv", "oddXname1.csv"]);
        assert_eq!(find(folder.path(), "odd*name?.csv"), ["odd*name?.csv"]);
    }

    #[test]
    fn a_link_to_nothing_is_named() {
        let folder = folder_of(&["a.csv"]);
        symlink("gone.csv", folder.path().join("b.csv")).unwrap();
        let error = load(&[folder.path().join("b.csv")], &InputOptions::default()).unwrap_err();
        assert!(
            format!("{error:#}").contains("b.csv: cannot be read"),
            "{error:#}"
        );
        // In a folder it is skipped, or the folder cannot be read; it is not passed over in silence.
        match load(&[folder.path().to_owned()], &InputOptions::default()) {
            Ok(loaded) => {
                let skipped = skipped(&loaded, folder.path());
                let names: Vec<_> = skipped.iter().map(|(path, _)| path.as_str()).collect();
                assert_eq!(names, ["b.csv"], "{skipped:?}");
            }
            Err(error) => assert!(format!("{error:#}").contains("b.csv"), "{error:#}"),
        }
    }

    #[test]
    fn a_name_that_is_no_utf_8_is_read_and_shown() {
        let folder = folder_of(&[]);
        let name = OsStr::from_bytes(b"caf\xe9.csv");
        let path = folder.path().join(name);
        std::fs::write(&path, one(1)).unwrap();
        for inputs in [
            [path],
            [folder.path().to_owned()],
            [folder.path().join("caf*.csv")],
        ] {
            let loaded = read(&inputs);
            assert_eq!(loaded.records.len(), 1, "{inputs:?}");
            assert_eq!(
                paths(&loaded, folder.path()),
                ["caf\u{fffd}.csv"],
                "{inputs:?}"
            );
        }
    }

    #[test]
    fn a_file_that_fails_while_it_is_read_is_an_error_that_names_it() {
        // Reading the first page of a process's memory is an input or output error.
        let memory = Path::new("/proc/self/mem");
        if !memory.exists() {
            return;
        }
        let folder = folder_of(&["a.csv"]);
        symlink(memory, folder.path().join("b.csv")).unwrap();
        for inputs in [[folder.path().to_owned()], [folder.path().join("b.csv")]] {
            let error = load(&inputs, &InputOptions::default()).unwrap_err();
            assert!(
                format!("{error:#}").contains("b.csv: cannot be read"),
                "{error:#}"
            );
            assert!(!error.is::<rundown::Unusable>(), "{error:#}");
        }
    }
}
