//! A file that is being written in an opened folder.
//!
//! Owns [`OpenFile`]: its bytes, its owner, its permissions, and its way to the disk. Of a large file
//! what was written so far goes to the disk while the rest is still coming, on a thread of its own, so
//! that the sync at the end has little left to do.
//! Invariant: a disk that fails is told by [`OpenFile::sync`] at the latest, also where it failed on the
//! way, for the system tells of it only once.

use std::fmt;
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::sync::mpsc::{self, SyncSender};
use std::thread::{self, JoinHandle};

use rustix::fs::{self, FallocateFlags, Mode};
use rustix::io::Errno;
use rustix::process::{Gid, Uid};

use super::folder::{Entry, Operation, Watch};

/// Bytes that are handed to the system at once. For more of them Linux looks for memory in one large
/// piece, and in a virtual machine that gives memory back to its host that can take five times as long.
const PIECE: usize = 128 << 10;
/// Bytes after which what was written is sent to the disk.
const STRETCH: usize = 32 << 20;

/// A file that is open for writing.
pub struct OpenFile {
    fd: File,
    name: String,
    watch: Option<Watch>,
    /// Bytes since the last stretch.
    since: usize,
    ahead: Option<Ahead>,
}

/// The thread that sends to the disk what was written so far.
struct Ahead {
    wake: SyncSender<()>,
    thread: JoinHandle<io::Result<()>>,
}

impl Ahead {
    fn new(fd: &File) -> io::Result<Self> {
        let fd = fd.try_clone()?;
        let (wake, woken) = mpsc::sync_channel(1);
        let work = move || woken.into_iter().try_for_each(|()| fd.sync_data());
        Ok(Self { wake, thread: thread::Builder::new().spawn(work)? })
    }

    fn end(self) -> io::Result<()> {
        drop(self.wake);
        self.thread.join().unwrap_or_else(|_| Err(io::Error::other("a thread ended")))
    }
}

impl fmt::Debug for OpenFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("OpenFile").field(&self.name).finish()
    }
}

impl OpenFile {
    pub(super) fn new(fd: File, name: String, watch: Option<Watch>) -> Self {
        Self { fd, name, watch, since: 0, ahead: None }
    }

    fn watch(&self, operation: Operation<'_>) -> io::Result<()> {
        self.watch.as_ref().map_or(Ok(()), |watch| watch.sees(operation))
    }

    /// Reserves room, where the file system can; where it cannot, writing will tell.
    ///
    /// # Errors
    /// A disk that is full.
    pub fn reserve(&self, size: u64) -> io::Result<()> {
        self.watch(Operation::Reserve(&self.name))?;
        match fs::fallocate(self.fd.as_fd(), FallocateFlags::empty(), 0, size) {
            Ok(()) | Err(Errno::OPNOTSUPP | Errno::NOSYS | Errno::INVAL) => Ok(()),
            Err(cause) => Err(cause.into()),
        }
    }

    /// Makes it share all bytes of another file, where the file system can; false where it cannot, for
    /// whatever reason: then they have to be copied.
    ///
    /// # Errors
    /// Somebody who watches forbids it.
    pub fn share(&self, from: &File) -> io::Result<bool> {
        self.watch(Operation::Write(&self.name))?;
        #[cfg(target_os = "linux")]
        let shared = fs::ioctl_ficlone(&self.fd, from).is_ok();
        #[cfg(not(target_os = "linux"))]
        let (shared, _) = (false, from);
        Ok(shared)
    }

    /// Gives it an owner and a group.
    ///
    /// # Errors
    /// What the system says.
    pub fn own(&self, uid: u32, gid: u32) -> io::Result<()> {
        self.watch(Operation::Own(&self.name))?;
        let (uid, gid) = (Uid::from_raw(uid), Gid::from_raw(gid));
        Ok(fs::fchown(self.fd.as_fd(), Some(uid), Some(gid))?)
    }

    /// Gives it its permissions.
    ///
    /// # Errors
    /// What the system says.
    pub fn permit(&self, mode: u32) -> io::Result<()> {
        self.watch(Operation::Mode(&self.name))?;
        Ok(fs::fchmod(self.fd.as_fd(), Mode::from_raw_mode(mode))?)
    }

    /// What it is now.
    ///
    /// # Errors
    /// What the system says.
    pub fn about(&self) -> io::Result<Entry> {
        Ok(Entry::of(&fs::fstat(self.fd.as_fd())?))
    }

    /// Makes durable what it holds.
    ///
    /// # Errors
    /// What the system says, now or on the way.
    pub fn sync(&mut self) -> io::Result<()> {
        self.watch(Operation::SyncFile(&self.name))?;
        self.ahead.take().map_or(Ok(()), Ahead::end)?;
        self.fd.sync_all()
    }
}

impl Write for OpenFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.watch(Operation::Write(&self.name))?;
        let count = self.fd.write(bytes.get(..PIECE).unwrap_or(bytes))?;
        self.since += count;
        if self.since >= STRETCH {
            self.since = 0;
            if self.ahead.is_none() {
                self.ahead = Some(Ahead::new(&self.fd)?);
            }
            // One that is still at it takes this stretch along next time; one that ended has failed,
            // and the sync tells.
            if let Some(ahead) = &self.ahead {
                let _ = ahead.wake.try_send(());
            }
        }
        Ok(count)
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
