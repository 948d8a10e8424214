//! Temporary files, which a call that is interrupted removes. One that is killed cannot; then the next one does.

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use same_file::Handle;
use tempfile::{Builder, NamedTempFile};

/// How the names of the files begin; [`LETTERS`] letters and digits follow.
const PREFIX: &str = ".rundown-tmp-";
const LETTERS: usize = 6;

/// Every temporary file of this call. Those that are gone by now are there as well.
static FILES: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// Keeps an interruption away: while this lives, no file is removed by one.
pub struct Undisturbed(MutexGuard<'static, Vec<PathBuf>>);

/// Waits for an interruption that has begun, which does not end.
pub fn undisturbed() -> Undisturbed {
    Undisturbed(FILES.lock().unwrap_or_else(PoisonError::into_inner))
}

/// Makes a file in a folder, and removes those there that killed calls have left.
pub fn file(mut builder: Builder<'_, '_>, folder: &Path) -> io::Result<NamedTempFile> {
    builder.prefix(PREFIX).rand_bytes(LETTERS);
    let mut files = undisturbed();
    if !files.0.iter().any(|path| path.parent() == Some(folder)) {
        remove_left(folder);
    }
    loop {
        let file = builder.tempfile_in(folder)?;
        match file.as_file().try_lock() {
            // Where files cannot be locked nobody removes those that are left.
            Ok(()) | Err(TryLockError::Error(_)) if is_there(&file) => {
                files.0.push(file.path().to_owned());
                return Ok(file);
            }
            // Another call took it for one that is left, before it was locked.
            _ => {}
        }
    }
}

/// False when the name of a file leads elsewhere or nowhere.
fn is_there(file: &NamedTempFile) -> bool {
    let open = file.as_file().try_clone().and_then(Handle::from_file);
    match (open, Handle::from_path(file.path())) {
        (Ok(open), Ok(named)) => open == named,
        _ => false,
    }
}

/// Removes the files of calls that are gone: nobody holds their locks.
fn remove_left(folder: &Path) {
    let Ok(entries) = folder.read_dir() else {
        return;
    };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let is_ours = name
            .to_str()
            .and_then(|name| name.strip_prefix(PREFIX))
            .is_some_and(|end| {
                end.len() == LETTERS && end.bytes().all(|byte| byte.is_ascii_alphanumeric())
            });
        if !is_ours || !entry.file_type().is_ok_and(|kind| kind.is_file()) {
            continue;
        }
        let path = entry.path();
        if let Ok(file) = File::options().write(true).open(&path)
            && file.try_lock().is_ok()
        {
            // One that cannot be removed does no harm.
            let _gone = std::fs::remove_file(path);
        }
    }
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
