//! The disk as a loss of power leaves it.

use super::vfs::Event;
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// Numbers that look random and are the same in every run (xorshift).
pub(crate) struct Numbers(pub(crate) u64);

impl Numbers {
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}

/// What becomes of writes that were not synced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unsynced {
    /// None is there.
    Dropped,
    /// All are.
    Kept,
    /// Some are, in no order, and each sector of them by itself.
    Torn,
    /// The last one is there, and was cut short; what came before is not.
    LastShortened,
}

pub(crate) const ALL: [Unsynced; 4] = [Unsynced::Dropped, Unsynced::Kept, Unsynced::Torn, Unsynced::LastShortened];

/// What a disk writes whole.
const SECTOR: usize = 512;

/// Writes the files into a folder as they are when the power goes after these events.
pub(crate) fn write(events: &[Event], unsynced: Unsynced, random: &mut Numbers, folder: &Path) {
    let mut files: BTreeMap<PathBuf, (Vec<u8>, Vec<&Event>)> = BTreeMap::new();
    for event in events {
        match event {
            Event::Write { file, .. } | Event::Truncate { file, .. } => {
                files.entry(file.clone()).or_default().1.push(event);
            }
            Event::Sync { file } => {
                let (content, pending) = files.entry(file.clone()).or_default();
                pending.drain(..).for_each(|event| apply(content, event));
            }
            Event::Remove { file } => drop(files.remove(file)),
            Event::Answer(_) => {}
        }
    }
    for (file, (mut content, pending)) in files {
        let last = pending.len().saturating_sub(1);
        for (number, event) in pending.into_iter().enumerate() {
            match (unsynced, event) {
                (Unsynced::Kept, _) => apply(&mut content, event),
                (Unsynced::Torn, Event::Write { offset, bytes, .. }) => {
                    for (sector, part) in bytes.chunks(SECTOR).enumerate() {
                        if random.below(2) == 0 {
                            put(&mut content, *offset + (sector * SECTOR) as u64, part);
                        }
                    }
                }
                (Unsynced::LastShortened, Event::Write { offset, bytes, .. }) if number == last => {
                    put(&mut content, *offset, &bytes[..bytes.len() / 3]);
                }
                _ => {}
            }
        }
        fs::write(folder.join(file.file_name().expect("a file")), content).expect("room");
    }
}

fn apply(content: &mut Vec<u8>, event: &Event) {
    match event {
        Event::Write { offset, bytes, .. } => put(content, *offset, bytes),
        Event::Truncate { length, .. } => content.truncate(usize::try_from(*length).expect("a small file")),
        _ => {}
    }
}

fn put(content: &mut Vec<u8>, offset: u64, bytes: &[u8]) {
    let offset = usize::try_from(offset).expect("a small file");
    if content.len() < offset + bytes.len() {
        content.resize(offset + bytes.len(), 0);
    }
    content[offset..][..bytes.len()].copy_from_slice(bytes);
}
