//! One opened folder, and everything that is done in it.
//!
//! Owns [`Folder`]: a folder that was opened once, so that nobody can put another one in its place, and
//! the operations on names in it. No link is followed, nothing is replaced but by [`Folder::rename`],
//! and a name never has a slash. A [`Watch`] sees every operation before it happens and can forbid it:
//! that is how tests stop the program at each of them.
//! Invariant: an operation that returned is in the order of calls; what must outlive a power failure is
//! followed by [`Folder::sync`] or [`OpenFile::sync`].

use std::fmt;
use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustix::fs::{self, Access, AtFlags, FileType, FlockOperation, Mode, OFlags, Stat};
use rustix::io::Errno;

use super::open_file::OpenFile;

/// What is about to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation<'a> {
    /// All names are listed.
    List,
    /// It is looked at what has a name.
    Look(&'a str),
    /// A small file is read.
    Read(&'a str),
    /// A file is made.
    Create(&'a str),
    /// A file is opened to add to its end.
    Append(&'a str),
    /// Room for a file is reserved.
    Reserve(&'a str),
    /// Bytes are written to a file.
    Write(&'a str),
    /// A file gets its owner and group.
    Own(&'a str),
    /// A file gets its mode.
    Mode(&'a str),
    /// A file is synced.
    SyncFile(&'a str),
    /// A file gets a second name.
    Link(&'a str, &'a str),
    /// A file gets another name, which may be that of a file that goes.
    Rename(&'a str, &'a str),
    /// A name is removed.
    Remove(&'a str),
    /// The folder is synced.
    Sync,
}

/// Sees every operation before it happens; an error stands for that of the system.
#[derive(Clone)]
pub struct Watch(Arc<Look>);

type Look = dyn Fn(Operation<'_>) -> io::Result<()> + Send + Sync;

impl Watch {
    /// Somebody who sees every operation.
    pub fn new(look: impl Fn(Operation<'_>) -> io::Result<()> + Send + Sync + 'static) -> Self {
        Self(Arc::new(look))
    }

    pub(super) fn sees(&self, operation: Operation<'_>) -> io::Result<()> {
        (self.0)(operation)
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Watch")
    }
}

/// An opened folder.
#[derive(Clone)]
pub struct Folder {
    fd: Arc<OwnedFd>,
    path: PathBuf,
    watch: Option<Watch>,
}

impl fmt::Debug for Folder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Folder").field(&self.path).finish()
    }
}

/// What has a name in a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Whether it is a regular file; a link, a folder or a device is none.
    pub is_file: bool,
    /// Its size in bytes.
    pub size: u64,
    /// Tells it from every other file of the file system.
    pub inode: u64,
    /// Seconds and nanoseconds of its last write.
    pub modified: (i64, i64),
    /// Seconds and nanoseconds of its making, where the system tells: a number is used again once its
    /// file is gone.
    pub born: Option<(i64, i64)>,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Permissions, the lowest twelve bits of the mode.
    pub mode: u32,
}

impl Entry {
    #[allow(
        clippy::unnecessary_cast,
        clippy::cast_lossless,
        trivial_numeric_casts,
        reason = "the fields have other widths on other systems"
    )]
    pub(super) fn of(about: &Stat) -> Self {
        Self {
            is_file: FileType::from_raw_mode(about.st_mode) == FileType::RegularFile,
            size: u64::try_from(about.st_size).unwrap_or_default(),
            inode: about.st_ino as u64,
            modified: (about.st_mtime as i64, about.st_mtime_nsec as i64),
            born: None,
            uid: about.st_uid,
            gid: about.st_gid,
            mode: about.st_mode as u32 & 0o7777,
        }
    }
}

impl Folder {
    /// Opens a folder, which must not be a link.
    ///
    /// # Errors
    /// What the system says.
    pub fn open(path: &Path) -> io::Result<Self> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let fd = fs::open(path, flags, Mode::empty())?;
        Ok(Self { fd: Arc::new(fd), path: path.to_owned(), watch: None })
    }

    /// The same, with somebody who sees every operation.
    #[must_use]
    pub fn watched(mut self, watch: Option<Watch>) -> Self {
        self.watch = watch;
        self
    }

    /// What it is called.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn watch(&self, operation: Operation<'_>) -> io::Result<()> {
        self.watch.as_ref().map_or(Ok(()), |watch| watch.sees(operation))
    }

    /// Locks it against other runs for as long as this process lives; false where another one has it.
    ///
    /// # Errors
    /// A file system that knows no locks.
    pub fn lock(&self) -> io::Result<bool> {
        match fs::flock(&*self.fd, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(true),
            Err(Errno::WOULDBLOCK) => Ok(false),
            Err(cause) => Err(cause.into()),
        }
    }

    /// Another handle of the folder: a lock that it has holds until all of them are closed, in whatever
    /// process.
    ///
    /// # Errors
    /// What the system says.
    pub fn handle(&self) -> io::Result<OwnedFd> {
        self.fd.try_clone()
    }

    /// What the folder itself is.
    ///
    /// # Errors
    /// What the system says.
    pub fn about(&self) -> io::Result<Entry> {
        Ok(Entry::of(&fs::fstat(&*self.fd)?))
    }

    /// Whether this account may make files in it; a disk that is read-only is told when one is made.
    pub fn is_writable(&self) -> bool {
        let wanted = Access::WRITE_OK | Access::EXEC_OK;
        let answer = fs::accessat(&*self.fd, ".", wanted, AtFlags::EACCESS);
        !matches!(answer, Err(Errno::ACCESS))
    }

    /// Bytes that are free for this account.
    ///
    /// # Errors
    /// What the system says.
    pub fn space(&self) -> io::Result<u64> {
        let about = fs::fstatvfs(&*self.fd)?;
        Ok(about.f_bavail.saturating_mul(about.f_frsize))
    }

    /// What has a name; none where nothing has.
    ///
    /// # Errors
    /// What the system says.
    pub fn look(&self, name: &str) -> io::Result<Option<Entry>> {
        self.watch(Operation::Look(name))?;
        match fs::statat(&*self.fd, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(about) => Ok(Some(Entry { born: self.born(name), ..Entry::of(&about) })),
            Err(Errno::NOENT) => Ok(None),
            Err(cause) => Err(cause.into()),
        }
    }

    #[cfg(target_os = "linux")]
    fn born(&self, name: &str) -> Option<(i64, i64)> {
        use rustix::fs::StatxFlags;
        let about =
            fs::statx(&*self.fd, name, AtFlags::SYMLINK_NOFOLLOW, StatxFlags::BTIME).ok()?;
        let told = about.stx_mask & StatxFlags::BTIME.bits() != 0;
        told.then_some((about.stx_btime.tv_sec, i64::from(about.stx_btime.tv_nsec)))
    }

    #[cfg(not(target_os = "linux"))]
    fn born(&self, _: &str) -> Option<(i64, i64)> {
        None
    }

    /// Every name in it that is text, sorted.
    ///
    /// # Errors
    /// What the system says.
    pub fn names(&self) -> io::Result<Vec<String>> {
        self.watch(Operation::List)?;
        let mut names = Vec::new();
        for entry in fs::Dir::read_from(&*self.fd)? {
            if let Ok(name) = entry?.file_name().to_str()
                && name != "."
                && name != ".."
            {
                names.push(name.to_owned());
            }
        }
        names.sort_unstable();
        Ok(names)
    }

    /// Reads a small file.
    ///
    /// # Errors
    /// What the system says; a link; a file larger than `most`.
    pub fn read(&self, name: &str, most: u64) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.open_to_read(name)?.take(most + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > most {
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, "the file is too large"));
        }
        Ok(bytes)
    }

    /// Opens a file to read.
    ///
    /// # Errors
    /// What the system says; a link.
    pub fn open_to_read(&self, name: &str) -> io::Result<std::fs::File> {
        self.watch(Operation::Read(name))?;
        let flags = OFlags::RDONLY | OFlags::NONBLOCK;
        Ok(self.open_file(name, flags, Mode::empty())?.into())
    }

    /// Makes a file that does not exist, for its owner alone.
    ///
    /// # Errors
    /// What the system says.
    pub fn create(&self, name: &str) -> io::Result<OpenFile> {
        self.watch(Operation::Create(name))?;
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL;
        self.file(name, self.open_file(name, flags, Mode::RUSR | Mode::WUSR)?)
    }

    /// Opens a file to add to its end.
    ///
    /// # Errors
    /// What the system says.
    pub fn append(&self, name: &str) -> io::Result<OpenFile> {
        self.watch(Operation::Append(name))?;
        self.file(name, self.open_file(name, OFlags::WRONLY | OFlags::APPEND, Mode::empty())?)
    }

    fn open_file(&self, name: &str, flags: OFlags, mode: Mode) -> io::Result<OwnedFd> {
        let flags = flags | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        Ok(fs::openat(&*self.fd, name, flags, mode)?)
    }

    fn file(&self, name: &str, fd: OwnedFd) -> io::Result<OpenFile> {
        Ok(OpenFile::new(fd.into(), name.to_owned(), self.watch.clone()))
    }

    /// Gives a file a second name, which nothing may have.
    ///
    /// # Errors
    /// What the system says.
    pub fn link(&self, from: &str, to: &str) -> io::Result<()> {
        self.watch(Operation::Link(from, to))?;
        Ok(fs::linkat(&*self.fd, from, &*self.fd, to, AtFlags::empty())?)
    }

    /// Gives a file another name; what had that name goes, in one step.
    ///
    /// # Errors
    /// What the system says.
    pub fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.watch(Operation::Rename(from, to))?;
        Ok(fs::renameat(&*self.fd, from, &*self.fd, to)?)
    }

    /// Removes a name; one that is gone already is no error.
    ///
    /// # Errors
    /// What the system says.
    pub fn remove(&self, name: &str) -> io::Result<()> {
        self.watch(Operation::Remove(name))?;
        match fs::unlinkat(&*self.fd, name, AtFlags::empty()) {
            Ok(()) | Err(Errno::NOENT) => Ok(()),
            Err(cause) => Err(cause.into()),
        }
    }

    /// Makes durable what names the folder has.
    ///
    /// # Errors
    /// What the system says.
    pub fn sync(&self) -> io::Result<()> {
        self.watch(Operation::Sync)?;
        Ok(fs::fsync(&*self.fd)?)
    }

    /// Writes a small file, whole or not at all, over one of the same name.
    ///
    /// # Errors
    /// What the system says.
    pub fn put(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let part = format!(".hsmirror-{name}.part");
        self.remove(&part)?;
        let mut file = self.create(&part)?;
        file.write_all(bytes)?;
        file.sync()?;
        self.rename(&part, name)?;
        self.sync()
    }
}
