//! Files that take the places of others, all of them or none, and only when they are complete.

#[cfg(unix)]
use std::io;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
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

/// Fails for a path at which no file can be put: a folder, a device or a pipe. A device would be replaced by a file, and
/// a pipe would wait for a reader.
pub fn can_be_file(path: &Path) -> Result<()> {
    match path.metadata() {
        Ok(about) if about.is_dir() => bail!("{}: is a folder", path.display()),
        Ok(about) if !about.is_file() => bail!(
            "{}: is a device or a pipe, not a file\n       write to standard output with `-o -` and --format",
            path.display()
        ),
        // What does not exist can be made; whatever else is wrong is said when it is written.
        _ => Ok(()),
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
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            // As for any new file; the default for temporary files is to be read by its owner only.
            builder.permissions(std::fs::Permissions::from_mode(0o666));
        }
        let file = temporary::file(builder, folder(&place))?;
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
        let mut folders: Vec<Folder> = Vec::new();
        for replacement in &self.complete {
            let path = folder(&replacement.place);
            if folders.iter().all(|folder| folder.path != path) {
                folders.push(Folder::open(path)?);
            }
        }
        let undisturbed = temporary::undisturbed();
        for Replacement { named, place, file } in self.complete {
            file.persist(&place)
                .with_context(|| format!("{}: cannot be written", named.display()))?;
        }
        drop(undisturbed);
        folders.iter().try_for_each(Folder::sync)
    }
}

/// A folder whose names are to last, where the system can make them.
struct Folder {
    path: PathBuf,
    /// Open, unless the system opens no folders or lets nobody read this one.
    #[cfg(unix)]
    open: Option<std::fs::File>,
}

#[cfg(unix)]
impl Folder {
    fn open(path: &Path) -> Result<Folder> {
        let open = match std::fs::File::open(path) {
            Ok(open) => Some(open),
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => None,
            Err(error) => {
                return Err(error).with_context(|| format!("{}: cannot be opened", path.display()));
            }
        };
        let path = path.to_owned();
        Ok(Folder { path, open })
    }

    fn sync(&self) -> Result<()> {
        match self.open.as_ref().map_or(Ok(()), std::fs::File::sync_all) {
            // Some file systems cannot. The files themselves are safe.
            Err(error)
                if !matches!(
                    error.kind(),
                    io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported
                ) =>
            {
                let path = self.path.display();
                Err(error).with_context(|| {
                    format!("{path}: its files are complete, but may be gone after a power failure")
                })
            }
            _ => Ok(()),
        }
    }
}

#[cfg(not(unix))]
impl Folder {
    fn open(path: &Path) -> Result<Folder> {
        let path = path.to_owned();
        Ok(Folder { path })
    }

    fn sync(&self) -> Result<()> {
        Ok(())
    }
}
