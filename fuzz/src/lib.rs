//! Each of the [`targets`] as a program that `cargo fuzz` runs.

pub mod targets;

pub use libfuzzer_sys;

use std::path::Path;
use std::sync::OnceLock;

/// A folder for the files that a target writes. It is in memory where `TMPDIR` says so.
pub fn folder() -> &'static Path {
    static FOLDER: OnceLock<tempfile::TempDir> = OnceLock::new();
    FOLDER
        .get_or_init(|| {
            // A panic of the Parquet reader is caught and becomes an error. libFuzzer would end at every panic; so it does at
            // those that come through to it.
            std::panic::set_hook(Box::new(|panic| eprintln!("{panic}")));
            tempfile::tempdir().expect("a folder for temporary files")
        })
        .path()
}

/// The program that runs one target.
#[macro_export]
macro_rules! fuzz {
    ($name:literal) => {
        $crate::libfuzzer_sys::fuzz_target!(|data: &[u8]| {
            $crate::targets::run($name, $crate::folder(), data);
        });
    };
}
