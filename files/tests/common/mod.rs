//! Messages in files, and keys to move them between.

#![allow(dead_code, reason = "each test uses its part")]

use pocketkms::{
    ErrorKind, Provider, Secret,
    envelope::{
        AlgorithmSuite, Attempts, CommitmentPolicy, DecryptOptions, DecryptionMaterials, EncryptOptions,
        EncryptionClient, EncryptionMaterials, Keyring, MultiKeyring, Purpose, RawAesKeyring,
    },
};
use pocketkms_files::sidecar_path;
use std::{
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

/// A keyring of its own for each name.
pub(crate) fn keyring(name: &str) -> RawAesKeyring {
    let wrapping_key: Vec<u8> = name.bytes().cycle().take(32).collect();
    RawAesKeyring::new(&Provider::default(), "app", name, &Secret::from(wrapping_key)).unwrap()
}

/// Both, whichever a file uses.
pub(crate) fn either() -> MultiKeyring {
    let keyrings: Vec<Arc<dyn Keyring>> = vec![Arc::new(keyring("old")), Arc::new(keyring("new key"))];
    MultiKeyring::new(None, keyrings).unwrap()
}

/// A client that reads every suite.
pub(crate) fn reader() -> EncryptionClient {
    EncryptionClient::default().commitment_policy(CommitmentPolicy::RequireEncryptAllowDecrypt)
}

pub(crate) fn plaintext(length: usize) -> Vec<u8> {
    (0..length).map(|at| u8::try_from((at * 31 + at / 251) % 256).unwrap()).collect()
}

pub(crate) fn message(suite: AlgorithmSuite, key: &str, plaintext: &[u8]) -> Vec<u8> {
    let policy = if suite.is_committing() {
        CommitmentPolicy::RequireEncryptRequireDecrypt
    } else {
        CommitmentPolicy::ForbidEncryptAllowDecrypt
    };
    let options = EncryptOptions { algorithm_suite: Some(suite), ..Default::default() };
    let client = EncryptionClient::default().commitment_policy(policy);
    client.encrypt(&keyring(key), options, plaintext).unwrap().message
}

/// Writes messages of all suites under the key "old", and gives their files with their plaintexts.
pub(crate) fn store(directory: &Path, count: usize) -> Vec<(PathBuf, Vec<u8>)> {
    (0..count)
        .map(|number| {
            let suite = AlgorithmSuite::ALL[number % AlgorithmSuite::ALL.len()];
            let below = directory.join(format!("{}", number % 3));
            fs::create_dir_all(&below).unwrap();
            let (path, plaintext) = (below.join(format!("{number}.message")), plaintext(number * 1000));
            fs::write(&path, message(suite, "old", &plaintext)).unwrap();
            (path, plaintext)
        })
        .collect()
}

/// The plaintext of a stored message, with its sidecar if it has one.
pub(crate) fn open(keyring: &impl Keyring, path: &Path) -> pocketkms::Result<Vec<u8>> {
    let options = DecryptOptions { sidecar: fs::read(sidecar_path(path)).ok(), ..Default::default() };
    let decrypted = reader().decrypt(keyring, options, &fs::read(path).unwrap())?;
    Ok(decrypted.plaintext.into_exposed())
}

/// All files in and below a directory.
pub(crate) fn files(directory: &Path) -> Vec<PathBuf> {
    let (mut found, mut waiting) = (Vec::new(), vec![directory.to_owned()]);
    while let Some(directory) = waiting.pop() {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { waiting.push(path) } else { found.push(path) }
        }
    }
    found.sort();
    found
}

/// A keyring in the middle of whose work something happens: at its first decryption.
pub(crate) struct Meanwhile<F> {
    keyring: RawAesKeyring,
    happening: Mutex<Option<F>>,
}

impl<F: FnOnce() + Send> Meanwhile<F> {
    pub(crate) fn new(key: &str, happening: F) -> Self {
        Self { keyring: keyring(key), happening: Mutex::new(Some(happening)) }
    }
}

impl<F: FnOnce() + Send> Keyring for Meanwhile<F> {
    fn on_encrypt(&self, provider: &Provider, materials: &mut EncryptionMaterials) -> pocketkms::Result<()> {
        self.keyring.on_encrypt(provider, materials)
    }

    fn on_decrypt(
        &self,
        provider: &Provider,
        materials: &mut DecryptionMaterials,
        attempts: &mut Attempts<'_>,
    ) -> pocketkms::Result<()> {
        if let Some(happening) = self.happening.lock().unwrap().take() {
            happening();
        }
        self.keyring.on_decrypt(provider, materials, attempts)
    }

    fn fingerprint(&self, _: &Provider, _: Purpose<'_>) -> pocketkms::Result<Option<Vec<u8>>> {
        Ok(None)
    }
}

/// What the core says of a failure.
pub(crate) fn kind<T: std::fmt::Debug>(result: pocketkms_files::Result<T>) -> ErrorKind {
    match result {
        Err(pocketkms_files::Error::Message(error)) => error.kind(),
        other => panic!("{other:?}"),
    }
}

/// The result of work that may not block: a test that hangs says nothing.
pub(crate) fn without_blocking<T: Send + 'static>(what: &str, work: impl FnOnce() -> T + Send + 'static) -> T {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || sender.send(work()));
    receiver.recv_timeout(Duration::from_secs(120)).unwrap_or_else(|_| panic!("{what}: blocks"))
}

/// Ends what another thread does in a loop, also where an assertion fails.
pub(crate) struct Ending<'a>(pub(crate) &'a AtomicBool);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}
