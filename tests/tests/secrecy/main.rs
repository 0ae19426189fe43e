//! Secrets are wiped: searched for in the memory of a process that used them.
//!
//! The searched processes are `secret-keeper`, `key-keeper` and `message-keeper` in `src/bin`. What they hold secret follows
//! from a seed, so that this process can compute every secret by itself.
#![cfg(target_os = "linux")]

mod curves;
mod messages;
mod rsa;
mod vault;

use pocketkms_tests::{
    memory::Memory,
    providers,
    secrets::{Given, secret},
};
use std::{
    io::{BufRead, BufReader, Read, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

/// The process that is searched.
struct Keeper {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Keeper {
    fn start(program: &str, arguments: &[&str]) -> Self {
        let mut command = Command::new(program);
        let mut child =
            command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the keeper");
        let input = child.stdin.take().expect("a pipe");
        let output = BufReader::new(child.stdout.take().expect("a pipe"));
        Self { child, input, output }
    }

    /// Waits for the next checkpoint, and takes what is public there.
    fn wait(&mut self) -> Vec<Vec<u8>> {
        let lines = self.output.by_ref().lines().map(|line| line.expect("a keeper who lives"));
        lines.take_while(|line| !line.is_empty()).map(|line| hex::decode(line).expect("digits")).collect()
    }

    fn send_on(&mut self) {
        self.input.write_all(b"\n").expect("a keeper who lives");
    }

    fn memory(&self) -> Memory {
        Memory::of(self.child.id()).expect("memory that may be read")
    }
}

/// A secret, or a part of one that is long.
struct Needle {
    kind: Kind,
    name: String,
    bytes: Vec<u8>,
}

impl Needle {
    fn new(kind: Kind, name: impl Into<String>, bytes: &[u8]) -> Self {
        Self { kind, name: name.into(), bytes: bytes.to_vec() }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// The root key or the passphrase: there while the `RootKey` is.
    Root,
    /// What was answered in the clear, or is held beside it: there while the answer is.
    Answer,
    /// A key material, prepared: there while the key is.
    Material,
    /// The vault key, prepared: there while the vault is open.
    Vault,
    /// A key that a cipher was made of: the cipher may have it in this form or in another; when it is gone, in none.
    Prepared,
    /// What is made of a secret and used at once: there no longer than the call.
    Passing,
}

/// Searches at each checkpoint, of which the first has been reached, and checks that exactly those secrets are there that
/// are in use.
fn search(mut keeper: Keeper, needles: &[Needle], stages: &[(&str, &[Kind])]) {
    let mut faults = Vec::new();
    for (number, (stage, in_use)) in stages.iter().enumerate() {
        if number > 0 {
            keeper.send_on();
            keeper.wait();
        }
        let memory = keeper.memory();
        for Needle { kind, name, bytes } in needles {
            // Memory that was freed is partly overwritten by the allocator's own notes: a half is enough.
            let finds = bytes.chunks_exact(16).flat_map(|part| memory.find(part));
            let finds: Vec<_> = finds.map(|find| format!("{:#x} {}", find.address, find.region)).collect();
            match (in_use.contains(kind), finds.is_empty()) {
                (true, _) if *kind == Kind::Prepared => {}
                // A search that would find nothing anyway proves nothing.
                (true, true) => faults.push(format!("{stage}: {name} is not found, though it is in use")),
                (false, false) => faults.push(format!("{stage}: {name} is left behind at {}", finds.join(", "))),
                _ => {}
            }
        }
    }
    keeper.send_on();
    assert!(keeper.child.wait().expect("a keeper who ends").success());
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

fn search_a_vault(root: &str) {
    let mut keeper = Keeper::start(env!("CARGO_BIN_EXE_secret-keeper"), &[root]);
    let public = keeper.wait();
    let stages: [(&str, &[Kind]); 5] = [
        ("everything is in use", &[Kind::Root, Kind::Answer, Kind::Material, Kind::Vault]),
        ("the answers are dropped", &[Kind::Root, Kind::Material, Kind::Vault]),
        ("the vault is locked", &[Kind::Root]),
        ("the keys are deleted", &[Kind::Root, Kind::Vault]),
        ("the vault is closed", &[]),
    ];
    search(keeper, &vault::needles(root == "passphrase", &public), &stages);
}

#[test]
fn nothing_is_left_of_a_vault_with_a_root_key() {
    search_a_vault("raw");
}

#[test]
fn nothing_is_left_of_a_vault_with_a_passphrase() {
    search_a_vault("passphrase");
}

#[test]
fn nothing_is_left_of_keys() {
    for (name, _) in providers::all() {
        println!("{name}");
        // The crate `rsa` leaves numbers behind that it computed with (SECURITY.md).
        let files = if name.starts_with("RustCrypto") { vec![] } else { rsa::files() };
        let arguments: Vec<_> = [name].into_iter().chain(files.iter().map(String::as_str)).collect();
        let mut keeper = Keeper::start(env!("CARGO_BIN_EXE_key-keeper"), &arguments);
        let mut needles = curves::needles(&keeper.wait());
        needles.extend(Given::AEAD_KEYS.map(|key| Needle::new(Kind::Answer, format!("{key:?}"), secret(key).expose())));
        if !files.is_empty() {
            needles.extend(rsa::needles());
        }
        let stages: [(&str, &[Kind]); 2] = [("everything is in use", &[Kind::Answer]), ("nothing is in use", &[])];
        search(keeper, &needles, &stages);
    }
}

#[test]
fn nothing_is_left_of_messages() {
    for (name, _) in providers::all() {
        println!("{name}");
        let mut keeper = Keeper::start(env!("CARGO_BIN_EXE_message-keeper"), &[name]);
        let needles = messages::needles(&keeper.wait());
        let stages: [(&str, &[Kind]); 3] = [
            ("everything is in use", &[Kind::Answer, Kind::Material, Kind::Prepared]),
            ("the streams are dropped", &[Kind::Material, Kind::Prepared]),
            ("nothing is in use", &[]),
        ];
        search(keeper, &needles, &stages);
    }
}
