//! Where the vectors are: the copies in this repository, and the whole set beside it.
//!
//! The cases that were made for this project are copied into `tests/vectors/aws-esdk`. The others, which AWS's SDKs
//! wrote, are read from `../shared/vectors/aws-esdk` beside the repository. Where that is missing, one line says so,
//! and with `CI=true` it is a failure.

use super::manifest::{Case, Key, Manifest};
use std::{
    env, fs,
    path::{Path, PathBuf},
};

/// What the sources begin with whose cases are copied.
const COPIED: &str = "generated-";

/// A folder of vectors.
pub struct Folder {
    path: PathBuf,
    /// What is in it.
    pub manifest: Manifest,
}

impl Folder {
    fn read(path: PathBuf) -> Self {
        let file = path.join("manifest.json");
        let text = fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let manifest: Manifest =
            serde_json::from_slice(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        assert_eq!(manifest.format, "esdk-vectors-1");
        assert_eq!(manifest.cases.len(), manifest.count, "{} states another count", file.display());
        assert!(manifest.count > 0, "{} has no cases", file.display());
        Self { path, manifest }
    }

    fn file(&self, name: &str) -> Vec<u8> {
        let path = self.path.join(name);
        fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }
}

/// A case with the folder that has its files.
#[derive(Clone, Copy)]
pub struct Vector<'a> {
    folder: &'a Folder,
    /// What is known of it.
    pub case: &'a Case,
}

impl Vector<'_> {
    /// The message.
    pub fn message(&self) -> Vec<u8> {
        self.folder.file(&self.case.message)
    }

    /// The plaintext, where it is kept.
    pub fn plaintext(&self) -> Option<Vec<u8>> {
        self.case.plaintext.as_ref().map(|name| self.folder.file(name))
    }

    /// The key of that name.
    pub fn key(&self, name: &str) -> &Key {
        self.folder.manifest.keys.get(name).unwrap_or_else(|| panic!("there is no key {name}"))
    }
}

/// All vectors that are there.
pub struct Vectors {
    /// The copies in this repository.
    pub own: Folder,
    /// The whole set.
    pub shared: Option<Folder>,
}

impl Vectors {
    /// Reads what there is.
    pub fn load() -> Self {
        let own = Folder::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/aws-esdk"));
        let shared = beside();
        let shared = shared.is_dir().then_some(shared);
        if shared.is_none() {
            let missing = "the vectors that AWS's SDKs wrote are not at ../shared/vectors";
            assert!(env::var("CI").as_deref() != Ok("true"), "{missing}");
            println!("{missing}: only the {} copied ones run", own.manifest.count);
        }
        Self { own, shared: shared.map(Folder::read) }
    }

    /// Every case once.
    pub fn cases(&self) -> impl Iterator<Item = Vector<'_>> {
        let own = self.own.manifest.cases.iter().map(|case| Vector { folder: &self.own, case });
        let others = self.shared.iter().flat_map(|folder| {
            let others = folder.manifest.cases.iter().filter(|case| !is_copied(case));
            others.map(move |case| Vector { folder, case })
        });
        own.chain(others)
    }

    /// The cases of the whole set that have to be among the copies.
    pub fn to_be_copied(&self) -> Option<impl Iterator<Item = Vector<'_>>> {
        let folder = self.shared.as_ref()?;
        let copied = folder.manifest.cases.iter().filter(|case| is_copied(case));
        Some(copied.map(move |case| Vector { folder, case }))
    }
}

/// Another file of the whole set, if it is there.
pub fn beside_file(name: &str) -> Option<Vec<u8>> {
    let path = beside().join(name);
    path.is_file().then(|| fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display())))
}

fn beside() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/vectors/aws-esdk")
}

fn is_copied(case: &Case) -> bool {
    case.source.starts_with(COPIED)
}
