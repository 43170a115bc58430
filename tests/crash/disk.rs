//! What stands on the disk, and putting it there again.
//!
//! Owns [`Image`], the folder of the database and the state folder as they are at one instant, and
//! [`Disk`], which takes images and restores them. The journal knows files by their inodes, so an image is
//! never a copy: every file that was seen keeps a hard link in a folder beside, and restoring links that
//! very file into the very same folder again, with the bytes, mode, owner and time of last write that it
//! had. What a run does on an image is therefore exactly what it would do on the disk itself. One thing
//! it cannot show: a file that is kept never gives its inode to another one.

use std::collections::BTreeMap;
use std::fs::{self, File, Permissions};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use serde_json::{Value, json};

/// The folder of the database, and the state folder.
pub const DATABASE: usize = 0;
pub const STATE: usize = 1;

/// The names of a folder, with the inode that each stands for.
pub type Names = BTreeMap<String, u64>;

/// What a folder holds: by name, the inode and the file.
pub type Held<'a> = BTreeMap<&'a str, (u64, &'a Content)>;

/// What a file is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    pub bytes: Vec<u8>,
    pub mode: u32,
    pub owner: (u32, u32),
    pub modified: SystemTime,
}

/// Both folders at one instant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Image {
    pub names: [Names; 2],
    pub files: BTreeMap<u64, Arc<Content>>,
}

impl Image {
    /// The same for two images that differ in nothing but the numbers that the system gives: every run
    /// makes files with other inodes and times, and its journal names them.
    pub fn key(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        let mut order = Vec::new();
        for names in &self.names {
            for (name, inode) in names {
                let at = order.iter().position(|known| known == inode).unwrap_or(order.len());
                if at == order.len() {
                    order.push(*inode);
                }
                (name, at).hash(&mut hasher);
            }
            names.len().hash(&mut hasher);
        }
        for file in order.iter().map(|inode| &self.files[inode]) {
            (file.mode, file.owner).hash(&mut hasher);
            if !file.bytes.starts_with(b"{") {
                file.bytes.hash(&mut hasher);
                continue;
            }
            let mut last = Value::Null;
            for line in file.bytes.split_inclusive(|byte| *byte == b'\n') {
                match serde_json::from_slice(line) {
                    Ok(mut line) => {
                        self.number(&mut line, &order);
                        // What is said again says nothing else.
                        if line != last {
                            line.to_string().hash(&mut hasher);
                        }
                        last = line;
                    }
                    Err(_) => {
                        line.iter().filter(|byte| !byte.is_ascii_digit()).count().hash(&mut hasher)
                    }
                }
            }
        }
        hasher.finish()
    }

    /// The same for two images of the same files.
    pub fn rough_key(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.names.hash(&mut hasher);
        for (inode, file) in &self.files {
            (inode, file.bytes.len(), file.mode, file.owner).hash(&mut hasher);
        }
        hasher.finish()
    }

    /// In a line of a journal, puts the place of a file in the image for its inode, and whether it was
    /// written to since for its time.
    fn number(&self, line: &mut Value, order: &[u64]) {
        match line {
            Value::Object(fields) => {
                if let Some(inode) = fields.get("inode").and_then(Value::as_u64) {
                    let since = |file: &Arc<Content>| {
                        let since = file.modified.duration_since(SystemTime::UNIX_EPOCH).unwrap();
                        json!([since.as_secs(), since.subsec_nanos()])
                    };
                    let same = self.files.get(&inode).map(since).as_ref() == fields.get("modified");
                    let at = order.iter().position(|known| *known == inode);
                    fields.insert("inode".to_owned(), json!(at));
                    fields.insert("modified".to_owned(), json!(same));
                    fields.remove("born");
                }
                fields.values_mut().for_each(|value| self.number(value, order));
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.number(item, order)),
            _ => {}
        }
    }

    /// What the folder of the database holds, name by name.
    pub fn database(&self) -> Held<'_> {
        let names = self.names[DATABASE].iter();
        names.map(|(name, inode)| (name.as_str(), (*inode, &*self.files[inode]))).collect()
    }
}

/// Two folders, and a third one that keeps every file that was in them.
#[derive(Clone, Debug)]
pub struct Disk {
    pub folders: [PathBuf; 2],
    pub kept: PathBuf,
}

impl Disk {
    pub fn new(root: &Path) -> Self {
        let [database, state, kept] = ["hssys", "state", "kept"].map(|name| root.join(name));
        let disk = Self { folders: [database, state], kept };
        for folder in disk.folders.iter().chain([&disk.kept]) {
            fs::create_dir(folder).unwrap();
            fs::set_permissions(folder, Permissions::from_mode(0o750)).unwrap();
        }
        disk
    }

    fn kept(&self, inode: u64) -> PathBuf {
        self.kept.join(inode.to_string())
    }

    /// The inode that has a name; the file is kept from now on.
    pub fn keep(&self, folder: usize, name: &str) -> u64 {
        let path = self.folders[folder].join(name);
        let inode = fs::symlink_metadata(&path).unwrap().ino();
        let kept = self.kept(inode);
        if !kept.exists() {
            fs::hard_link(path, kept).unwrap();
        }
        inode
    }

    /// What a file that is kept is now.
    pub fn content(&self, inode: u64) -> Content {
        let path = self.kept(inode);
        let about = fs::metadata(&path).unwrap();
        Content {
            bytes: fs::read(path).unwrap(),
            mode: about.mode() & 0o7777,
            owner: (about.uid(), about.gid()),
            modified: about.modified().unwrap(),
        }
    }

    /// The names of a folder.
    pub fn names(&self, folder: usize) -> Vec<String> {
        let entries = fs::read_dir(&self.folders[folder]).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    /// What both folders are now.
    pub fn take(&self) -> Image {
        let mut image = Image::default();
        for folder in [DATABASE, STATE] {
            for name in self.names(folder) {
                let inode = self.keep(folder, &name);
                image.names[folder].insert(name, inode);
                image.files.entry(inode).or_insert_with(|| Arc::new(self.content(inode)));
            }
        }
        image
    }

    /// Makes both folders what they are in an image.
    pub fn put(&self, image: &Image) {
        for folder in [DATABASE, STATE] {
            for name in self.names(folder) {
                fs::remove_file(self.folders[folder].join(name)).unwrap();
            }
            for (name, inode) in &image.names[folder] {
                fs::hard_link(self.kept(*inode), self.folders[folder].join(name)).unwrap();
            }
        }
        for (inode, content) in &image.files {
            self.change(*inode, content);
        }
    }

    fn change(&self, inode: u64, content: &Content) {
        let is = self.content(inode);
        let path = self.kept(inode);
        if is.owner != content.owner {
            chown(&path, Some(content.owner.0), Some(content.owner.1)).unwrap();
        }
        if is.mode != content.mode || is.owner != content.owner {
            fs::set_permissions(&path, Permissions::from_mode(content.mode)).unwrap();
        }
        if is.bytes != content.bytes {
            fs::write(&path, &content.bytes).unwrap();
        }
        if is.bytes != content.bytes || is.modified != content.modified {
            let file = File::options().append(true).open(&path).unwrap();
            file.set_modified(content.modified).unwrap();
        }
    }
}
