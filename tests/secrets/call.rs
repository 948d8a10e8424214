//! Calling the program.

use std::path::Path;
use std::process::{Command, Stdio};

/// What one call left behind.
pub(crate) struct Done {
    pub(crate) args: Vec<String>,
    pub(crate) code: Option<i32>,
    pub(crate) out: Vec<u8>,
    pub(crate) err: Vec<u8>,
}

impl Done {
    /// Fails unless the call ended with this code.
    #[track_caller]
    pub(crate) fn ends(self, code: i32) -> Done {
        assert_eq!(self.code, Some(code), "{:?}\n{}", self.args, self.error());
        self
    }

    pub(crate) fn error(&self) -> String {
        String::from_utf8_lossy(&self.err).into_owned()
    }
}

/// Runs `rundown ARG…` in a folder, with nothing of the caller's environment but what Windows needs to start a program.
pub(crate) fn rundown(folder: &Path, args: &[&str]) -> Done {
    let output = Command::new(env!("CARGO_BIN_EXE_rundown"))
        .current_dir(folder)
        .env_clear()
        .envs(std::env::var_os("SystemRoot").map(|root| ("SystemRoot", root)))
        .args(args)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    Done {
        args: args.iter().map(|&arg| arg.to_owned()).collect(),
        code: output.status.code(),
        out: output.stdout,
        err: output.stderr,
    }
}
