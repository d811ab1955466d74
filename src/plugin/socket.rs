use std::fs::{Permissions, set_permissions};
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};

use nix::unistd::Group;
use tempfile::TempDir;
use tokio::net::UnixListener;

use super::Error;
use super::invitation::Invitation;

/// `sun_path` of `sockaddr_un`, with its final NUL.
const LONGEST_PATH: usize = 108;

/// A listening unix socket in a folder of its own; both are removed when this is dropped.
pub(super) struct Socket {
    pub listener: UnixListener,
    pub path: PathBuf,
    _folder: TempDir,
}

impl Socket {
    /// Makes the socket where the invitation wants it, for this user and the invitation's group alone.
    ///
    /// # Errors
    /// When the folder, the socket or the group cannot be had.
    pub fn bind(invitation: &Invitation) -> Result<Self, Error> {
        let group = invitation.socket_group.as_deref().map(group).transpose()?;
        let parent = match &invitation.socket_folder {
            Some(folder) => PathBuf::from(folder),
            // A long TMPDIR is no reason to fail.
            None => Some(std::env::temp_dir()).filter(|it| fits(it)).unwrap_or_else(|| PathBuf::from("/tmp")),
        };
        if !fits(&parent) {
            return Err(Error::PathTooLong(parent.display().to_string()));
        }
        let failed = |source| Error::Socket { folder: parent.display().to_string(), source };
        // Nobody else can reach into the folder, so there is no moment at which the socket is open to others.
        let folder = tempfile::Builder::new()
            .prefix(PREFIX)
            .permissions(Permissions::from_mode(0o700))
            .tempdir_in(&parent)
            .map_err(failed)?;
        let path = folder.path().join(NAME);
        let listener = UnixListener::bind(&path).map_err(failed)?;
        set_permissions(&path, Permissions::from_mode(0o600)).map_err(failed)?;
        if let Some(group) = group {
            chown(&path, None, Some(group)).map_err(failed)?;
            set_permissions(&path, Permissions::from_mode(0o660)).map_err(failed)?;
            chown(folder.path(), None, Some(group)).map_err(failed)?;
            set_permissions(folder.path(), Permissions::from_mode(0o710)).map_err(failed)?;
        }
        Ok(Self { listener, path, _folder: folder })
    }
}

const PREFIX: &str = "loki-";
const NAME: &str = "plugin.sock";

/// Whether the socket's whole path in that folder is short enough; tempfile adds six characters to the prefix.
fn fits(parent: &Path) -> bool {
    parent.as_os_str().len() + "/".len() + PREFIX.len() + 6 + "/".len() + NAME.len() < LONGEST_PATH
}

/// The group's number; `name` may be the number itself.
fn group(name: &str) -> Result<u32, Error> {
    if let Ok(number) = name.parse() {
        return Ok(number);
    }
    match Group::from_name(name) {
        Ok(Some(group)) => Ok(group.gid.as_raw()),
        _ => Err(Error::NoSuchGroup(name.to_owned())),
    }
}
