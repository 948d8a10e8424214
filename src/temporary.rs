//! Temporary files, which a call that is interrupted removes.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tempfile::{Builder, NamedTempFile};

/// Every temporary file of this call. Those that are gone by now are there as well.
static FILES: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// Keeps an interruption away: while this lives, no file is removed by one.
pub struct Undisturbed(MutexGuard<'static, Vec<PathBuf>>);

/// Waits for an interruption that has begun, which does not end.
pub fn undisturbed() -> Undisturbed {
    Undisturbed(FILES.lock().unwrap_or_else(PoisonError::into_inner))
}

/// Makes a file; without a folder, in that for temporary files.
pub fn file(builder: &Builder<'_, '_>, folder: Option<&Path>) -> io::Result<NamedTempFile> {
    let mut files = undisturbed();
    let file = match folder {
        Some(folder) => builder.tempfile_in(folder),
        None => builder.tempfile(),
    }?;
    files.0.push(file.path().to_owned());
    Ok(file)
}

/// Removes every file. Whoever calls it ends the program before the returned guard.
#[must_use]
pub fn remove_all() -> Undisturbed {
    let mut files = undisturbed();
    for path in files.0.drain(..) {
        // There is nobody left to be told, and nothing else to be done.
        let _gone = std::fs::remove_file(path);
    }
    files
}
