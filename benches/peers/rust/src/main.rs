//! PocketKMS in a Rust program as a contender: answers the orchestrator's requests, a JSON object a line. See
//! `benches/peers/README.md`.

use pocketkms::{
    Provider, Secret,
    envelope::{
        DecryptOptions, DecryptWriter, EncryptOptions, EncryptWriter, EncryptionClient, Keyring, RawAesKeyring,
    },
};
use serde::{Deserialize, Serialize};
use std::{
    error::Error,
    fs::{self, File},
    hint::black_box,
    io::{self, BufRead, Read, Write, stdin, stdout},
    path::{Path, PathBuf},
    sync::Arc,
    time::Instant,
};

const PIECE: usize = 1 << 20;

type Result<T, E = Box<dyn Error>> = std::result::Result<T, E>;

#[derive(Deserialize)]
struct Request {
    #[serde(flatten)]
    task: Task,
    stream: bool,
}

#[derive(Deserialize)]
#[serde(tag = "do", rename_all = "lowercase")]
enum Task {
    Make { plaintext: PathBuf, message: PathBuf },
    Time { op: Op, input: PathBuf, calls: u32 },
    Memory { op: Op, input: PathBuf },
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Op {
    Encrypt,
    Decrypt,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Outcome {
    Made { bytes: u64 },
    Timed { seconds: f64, calls: u32 },
    Resident { before: u64, peak: u64 },
}

#[derive(Serialize)]
struct Answer {
    how: &'static str,
    #[serde(flatten)]
    outcome: Outcome,
}

struct Contender {
    client: EncryptionClient,
    keyring: Arc<dyn Keyring>,
}

fn main() -> Result<()> {
    let client = EncryptionClient::new(Provider::default());
    let key: Vec<u8> = (0..32).collect();
    let keyring = Arc::new(RawAesKeyring::new(client.provider(), "peers", "key", &Secret::copy_of(&key))?);
    let contender = Contender { client, keyring };
    report(&serde_json::json!({ "versions": { "pocketkms": env!("CARGO_PKG_VERSION") } }))?;
    for line in stdin().lock().lines() {
        match serde_json::from_str(&line?).map_err(Into::into).and_then(|request| contender.answer(request)) {
            Ok(answer) => report(&answer)?,
            // Reported to the orchestrator, which decides whether the table can show it.
            Err(error) => report(&serde_json::json!({ "cannot": error.to_string() }))?,
        }
    }
    Ok(())
}

fn report(what: &impl Serialize) -> Result<()> {
    let mut out = stdout().lock();
    serde_json::to_writer(&mut out, what)?;
    writeln!(out)?;
    Ok(out.flush()?)
}

impl Contender {
    fn answer(&self, Request { task, stream }: Request) -> Result<Answer> {
        let outcome = match task {
            Task::Make { plaintext, message } => self.make(&plaintext, &message, stream)?,
            Task::Time { op, input, calls } => self.time(op, &input, calls, stream)?,
            Task::Memory { op, input } => self.memory(op, &input, stream)?,
        };
        Ok(Answer { how: if stream { "stream" } else { "whole" }, outcome })
    }

    /// Writes the message of a plaintext, and makes sure that it decrypts to it.
    fn make(&self, plaintext: &Path, message: &Path, stream: bool) -> Result<Outcome> {
        let mut decrypted = Vec::new();
        if stream {
            self.stream(Op::Encrypt, File::open(plaintext)?, &mut File::create(message)?)?;
            self.stream(Op::Decrypt, File::open(message)?, &mut decrypted)?;
        } else {
            fs::write(message, self.encrypt(&fs::read(plaintext)?)?)?;
            decrypted.extend_from_slice(self.decrypt(&fs::read(message)?)?.expose());
        }
        if decrypted != fs::read(plaintext)? {
            return Err("decrypted to something else".into());
        }
        Ok(Outcome::Made { bytes: message.metadata()?.len() })
    }

    /// The input is in memory before the clock starts, and the output goes nowhere.
    fn time(&self, op: Op, input: &Path, calls: u32, stream: bool) -> Result<Outcome> {
        let data = fs::read(input)?;
        let start = Instant::now();
        for _ in 0..calls {
            self.once(op, &data, stream)?;
        }
        Ok(Outcome::Timed { seconds: start.elapsed().as_secs_f64(), calls })
    }

    fn once(&self, op: Op, data: &[u8], stream: bool) -> Result<()> {
        match op {
            _ if stream => self.stream(op, data, &mut io::sink())?,
            Op::Encrypt => drop(black_box(self.encrypt(data)?)),
            Op::Decrypt => drop(black_box(self.decrypt(data)?)),
        }
        Ok(())
    }

    /// The most that is resident during one operation; a stream reads from a file.
    fn memory(&self, op: Op, input: &Path, stream: bool) -> Result<Outcome> {
        let before = resident("VmRSS")?;
        if stream {
            let source = File::open(input)?;
            forget_peak()?;
            self.stream(op, source, &mut io::sink())?;
        } else {
            let data = fs::read(input)?;
            forget_peak()?;
            self.once(op, &data, false)?;
        }
        Ok(Outcome::Resident { before, peak: resident("VmHWM")? })
    }

    fn encrypt(&self, plaintext: &[u8]) -> Result<Vec<u8>> {
        Ok(self.client.encrypt(&self.keyring, EncryptOptions::default(), plaintext)?.message)
    }

    fn decrypt(&self, message: &[u8]) -> Result<Secret> {
        Ok(self.client.decrypt(&self.keyring, DecryptOptions::default(), message)?.plaintext)
    }

    fn stream(&self, op: Op, source: impl Read, sink: &mut impl Write) -> Result<()> {
        match op {
            Op::Encrypt => {
                let encryptor = self.client.encryptor(&self.keyring, EncryptOptions::default())?;
                let mut writer = EncryptWriter::new(encryptor, sink);
                copy(source, &mut writer)?;
                writer.finish()?;
            }
            Op::Decrypt => {
                let decryptor = self.client.decryptor(Arc::new(self.keyring.clone()), DecryptOptions::default());
                let mut writer = DecryptWriter::new(decryptor, sink);
                copy(source, &mut writer)?;
                writer.finish()?;
            }
        }
        Ok(())
    }
}

/// As `io::copy`, in pieces that processors can share.
fn copy(mut source: impl Read, sink: &mut impl Write) -> Result<()> {
    let mut piece = vec![0; PIECE];
    loop {
        match source.read(&mut piece)? {
            0 => return Ok(()),
            length => sink.write_all(&piece[..length])?,
        }
    }
}

/// Bytes, as Linux counts them for this process.
fn resident(field: &str) -> Result<u64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':')).ok_or("no such field")?;
    let kib: u64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kib * 1024)
}

fn forget_peak() -> Result<()> {
    Ok(fs::write("/proc/self/clear_refs", "5")?)
}
