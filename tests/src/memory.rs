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

/// What was in the writable memory of a process at one moment.
pub struct Memory(Vec<(Region, Vec<u8>)>);

impl Memory {
    /// Copies the memory of a process, which should be waiting meanwhile.
    pub fn of(process: u32) -> io::Result<Self> {
        let memory = File::open(format!("/proc/{process}/mem"))?;
        let mut regions = Vec::new();
        for region in writable_regions(process)? {
            let mut bytes = vec![0; usize::try_from(region.end - region.start).expect("a region fits in memory")];
            // Regions that the kernel keeps for itself cannot be read by anyone.
            if memory.read_exact_at(&mut bytes, region.start).is_ok() {
                regions.push((region, bytes));
            }
        }
        Ok(Self(regions))
    }

    /// Every place that holds these bytes.
    pub fn find(&self, needle: &[u8]) -> Vec<Find> {
        assert!(needle.len() >= 8, "a short needle is found by chance");
        let finds = self.0.iter().flat_map(|(region, bytes)| {
            let address = |at: usize| Find { address: region.start + at as u64, region: region.name.clone() };
            memchr::memmem::find_iter(bytes, needle).map(address)
        });
        finds.collect()
    }
}

struct Region {
    start: u64,
    end: u64,
    name: String,
}

/// The regions that a process can write to; what it cannot write, it cannot have left anything in.
fn writable_regions(process: u32) -> io::Result<Vec<Region>> {
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
