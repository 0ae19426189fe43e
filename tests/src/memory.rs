//! A search through the memory of another process, as a debugger or a thief of core dumps would make it.
//!
//! The searcher is not the searched: a needle that lay in the same memory would be found where the search itself keeps
//! it.

use std::{
    fs::{File, read_to_string},
    io,
    os::unix::fs::FileExt,
};

/// Where a needle was found.
#[derive(Clone, Debug)]
pub struct Find {
    /// Its address.
    pub address: u64,
    /// What lies there: `[heap]`, `[stack]`, a file, or nothing for anonymous memory.
    pub region: String,
}

/// Every place in the writable memory of a process that holds these bytes.
pub fn search(process: u32, needle: &[u8]) -> io::Result<Vec<Find>> {
    assert!(needle.len() >= 8, "a short needle is found by chance");
    let memory = File::open(format!("/proc/{process}/mem"))?;
    let mut finds = Vec::new();
    for region in regions(process)? {
        let mut bytes = vec![0; usize::try_from(region.end - region.start).expect("a region fits in memory")];
        // Pages that were never touched, or vanished since, cannot be read: nothing is in them.
        if memory.read_exact_at(&mut bytes, region.start).is_err() {
            continue;
        }
        let places = bytes.windows(needle.len()).enumerate().filter(|(_, window)| *window == needle);
        let found = places.map(|(at, _)| Find { address: region.start + at as u64, region: region.name.clone() });
        finds.extend(found);
    }
    Ok(finds)
}

struct Region {
    start: u64,
    end: u64,
    name: String,
}

/// The regions that a process can write to; what it cannot write, it cannot have left anything in.
fn regions(process: u32) -> io::Result<Vec<Region>> {
    let maps = read_to_string(format!("/proc/{process}/maps"))?;
    let region = |line: &str| {
        let mut words = line.split_whitespace();
        let (start, end) = words.next()?.split_once('-')?;
        words.next()?.starts_with("rw").then_some(())?;
        let name = words.nth(3).unwrap_or_default().to_owned();
        let number = |text| u64::from_str_radix(text, 16).ok();
        Some(Region { start: number(start)?, end: number(end)?, name })
    };
    Ok(maps.lines().filter_map(region).collect())
}
