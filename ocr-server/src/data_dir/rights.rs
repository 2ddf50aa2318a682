//! Who may use the data directory, on systems of the Unix family.

use std::{
    fs::{self, DirBuilder, Permissions},
    os::unix::fs::{DirBuilderExt, PermissionsExt},
    path::Path,
};

use anyhow::{Context, Result};

/// Rights of the directory: its owner's only.
const PRIVATE: u32 = 0o700;
/// The rights of everybody but the owner.
const OTHERS: u32 = 0o077;
/// Set on directories that belong to everybody, such as `/tmp`.
const STICKY: u32 = 0o1000;
/// Files by which a directory is known to be a data directory.
const OURS: [&str; 3] = ["ocr.sqlite", "secret", "blobs"];
/// From now on every file and directory that this process makes is its user's only.
pub(super) fn make_new_files_private() {
    rustix::process::umask(rustix::fs::Mode::from_bits_truncate(OTHERS));
}

/// See [`super::prepare`].
pub(super) fn prepare(path: &Path) -> Result<()> {
    let made = DirBuilder::new().recursive(true).mode(PRIVATE).create(path);
    made.with_context(|| format!("{} cannot be created", path.display()))?;
    let unreadable = || format!("{} cannot be read", path.display());
    let rights = fs::metadata(path).with_context(unreadable)?.permissions().mode();
    if rights & OTHERS == 0 {
        return Ok(());
    }
    let ours = OURS.iter().any(|name| path.join(name).exists());
    let empty = || fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_none());
    let narrowed = rights & STICKY == 0
        && (ours || empty())
        && fs::set_permissions(path, Permissions::from_mode(PRIVATE)).is_ok();
    if !narrowed {
        tracing::warn!(
            "{} can be entered by other users of this machine; chmod 700 keeps them out",
            path.display()
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rights(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o7777
    }

    #[test]
    fn the_directory_is_its_owners_only() {
        let folder = tempfile::tempdir().unwrap();
        let made = folder.path().join("a/b");
        prepare(&made).unwrap();
        assert_eq!(rights(&made), PRIVATE);

        let open = |name: &str, mode| {
            let path = folder.path().join(name);
            fs::create_dir(&path).unwrap();
            fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
            path
        };
        let empty = open("empty", 0o755);
        let older = open("older", 0o755);
        fs::write(older.join("secret"), b"x").unwrap();
        let foreign = open("foreign", 0o755);
        fs::write(foreign.join("thesis.txt"), b"x").unwrap();
        let everybodys = open("everybodys", 0o1777);
        for path in [&empty, &older, &foreign, &everybodys] {
            prepare(path).unwrap();
        }
        assert_eq!(rights(&empty), PRIVATE);
        assert_eq!(rights(&older), PRIVATE);
        assert_eq!(rights(&foreign), 0o755, "somebody else keeps files there");
        assert_eq!(rights(&everybodys), 0o1777);
    }
}
