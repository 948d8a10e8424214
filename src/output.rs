//! Files that take the places of others, all of them or none, and only when they are complete.

use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use tempfile::NamedTempFile;

use crate::temporary;

/// The folder of a file.
pub fn folder(path: &Path) -> &Path {
    path.parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}

/// True when both paths lead to one file, by whatever names and links; also when the file does not exist yet.
pub fn is_same(one: &Path, other: &Path) -> bool {
    match same_file::is_same_file(one, other) {
        Ok(same) => same,
        Err(_) => {
            one.file_name() == other.file_name()
                && same_file::is_same_file(folder(one), folder(other)).unwrap_or(one == other)
        }
    }
}

/// Files to be written.
#[derive(Debug, Default)]
pub struct Files {
    complete: Vec<Replacement>,
}

#[derive(Debug)]
struct Replacement {
    /// As the user named it.
    named: PathBuf,
    /// Where the file goes: what a link leads to, since the link itself stays.
    place: PathBuf,
    file: NamedTempFile,
}

impl Replacement {
    fn new(path: &Path) -> Result<Replacement> {
        let place = if path.is_symlink() {
            path.canonicalize()?
        } else {
            path.to_owned()
        };
        let mut builder = tempfile::Builder::new();
        builder.prefix(".rundown-");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            // As for any new file; the default for temporary files is to be read by its owner only.
            builder.permissions(std::fs::Permissions::from_mode(0o666));
        }
        let file = temporary::file(&builder, Some(folder(&place)))?;
        Ok(Replacement {
            named: path.to_owned(),
            place,
            file,
        })
    }

    fn fill(&self, write: impl FnOnce(&mut (dyn Write + Send)) -> Result<()>) -> Result<()> {
        let mut writer = BufWriter::new(self.file.as_file());
        write(&mut writer)?;
        writer.flush()?;
        drop(writer);
        // Who may read the file that is replaced may read the new one, and nobody else.
        if let Ok(about) = self.place.metadata() {
            self.file.as_file().set_permissions(about.permissions())?;
        }
        self.file.as_file().sync_all()?;
        Ok(())
    }
}

impl Files {
    /// Writes a file beside its place. Fails when it cannot be written whole; nothing is replaced then.
    pub fn write(
        &mut self,
        path: &Path,
        write: impl FnOnce(&mut (dyn Write + Send)) -> Result<()>,
    ) -> Result<()> {
        let cannot = || format!("{}: cannot be written", path.display());
        let file = Replacement::new(path).with_context(cannot)?;
        file.fill(write).with_context(cannot)?;
        self.complete.push(file);
        Ok(())
    }

    /// Puts the files in their places.
    pub fn finish(self) -> Result<()> {
        let undisturbed = temporary::undisturbed();
        let mut folders: Vec<PathBuf> = Vec::new();
        for replacement in self.complete {
            let Replacement { named, place, file } = replacement;
            file.persist(&place)
                .with_context(|| format!("{}: cannot be written", named.display()))?;
            let folder = folder(&place).to_owned();
            if !folders.contains(&folder) {
                folders.push(folder);
            }
        }
        drop(undisturbed);
        for folder in folders {
            sync(&folder).with_context(|| format!("{}: cannot be written", folder.display()))?;
        }
        Ok(())
    }
}

/// Makes the names in a folder last, where the system can.
#[cfg(unix)]
fn sync(folder: &Path) -> io::Result<()> {
    match std::fs::File::open(folder).and_then(|folder| folder.sync_all()) {
        // Some file systems cannot, and some folders may be written but not read. The files themselves are safe.
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::InvalidInput
                    | io::ErrorKind::Unsupported
                    | io::ErrorKind::PermissionDenied
            ) =>
        {
            Ok(())
        }
        done => done,
    }
}

#[cfg(not(unix))]
fn sync(_folder: &Path) -> io::Result<()> {
    Ok(())
}
