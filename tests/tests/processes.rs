//! Several processes on one vault in a file: one that changes keys and root keys while another one uses them, some that race for
//! a name, one that revokes grants while others use them, one that may only read; and a medium that is read-only, or full.
//!
//! The test starts itself as those processes.

#[cfg(unix)]
mod unix {
    use pocketkms::{
        ErrorKind, ManualClock, Result, Vault, VaultBuilder,
        api::{
            BillItem, BillRequest, Blob, CreateAliasRequest, CreateGrantRequest, CreateKeyRequest, DisableKeyRequest,
            EnableKeyRequest, EncryptRequest, GrantOperation, ListKeysRequest, RevokeGrantRequest,
            RotateKeyOnDemandRequest,
        },
    };
    use pocketkms_sqlite::VaultFile;
    use pocketkms_tests::vault::{
        Opened, START, context, create_alias, create_key, decrypt, describe, encrypt, error, root, root_of,
    };
    use std::{
        env, fs,
        io::{BufRead, BufReader, Lines, Write},
        os::unix::{fs::PermissionsExt, process::CommandExt},
        path::{Path, PathBuf},
        process::{Child, ChildStdin, ChildStdout, Command, Stdio},
        sync::{
            Mutex,
            atomic::{AtomicBool, AtomicUsize, Ordering},
        },
        thread,
    };

    const ROUNDS: u8 = 8;
    const RACERS: usize = 3;
    const RACES: usize = 20;
    /// A user that owns nothing, where the test has all rights.
    const NOBODY: u32 = 65534;

    pub(super) fn main() {
        let arguments: Vec<String> = env::args().skip(1).collect();
        match &*arguments.iter().map(|argument| &**argument).collect::<Vec<_>>() {
            ["child", "administrator", path, key] => administrate(Path::new(path), key),
            ["child", "grantor", path, key] => give_and_take(Path::new(path), key),
            ["child", "racer", path] => race(Path::new(path)),
            ["child", "reader", path, key] => read_only(Path::new(path), key),
            ["child", "mounts", folder] => on_mounts(Path::new(folder)),
            // What a test runner asks of a harness.
            ["--list", ..] => println!("processes: test"),
            _ => {
                keys_and_root_keys_are_changed_under_load();
                a_grant_is_revoked_under_load();
                one_process_alone_gets_a_name();
                a_file_that_may_only_be_read();
                other_media();
            }
        }
    }

    fn open(path: &Path) -> Opened {
        Vault::builder().open_file(path, &root()).expect("the vault").into()
    }

    fn try_encrypt(kms: &Opened, key: &str, plaintext: &[u8]) -> Result<Blob> {
        let request = EncryptRequest {
            key_id: key.into(),
            plaintext: plaintext.to_vec().into(),
            encryption_context: Some(context()),
            ..Default::default()
        };
        kms.encrypt(request).map(|response| response.ciphertext_blob)
    }

    fn create(folder: &Path) -> (PathBuf, Opened) {
        let path = folder.join("keys.vault");
        let vault = Vault::builder().create_file(&path, &root()).expect("a vault");
        (path, vault.into())
    }

    /// A child that does one thing for each line that it is sent, and answers with a line.
    struct Other {
        child: Child,
        input: ChildStdin,
        output: Lines<BufReader<ChildStdout>>,
    }

    impl Other {
        fn start(arguments: &[&str]) -> Self {
            let mut command = Command::new(env::current_exe().expect("this program"));
            command.arg("child").args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
            let mut child = command.spawn().expect("a child");
            let input = child.stdin.take().expect("its input");
            let output = BufReader::new(child.stdout.take().expect("its output")).lines();
            Self { child, input, output }
        }

        fn send(&mut self, line: &str) {
            writeln!(self.input, "{line}").expect("a child that listens");
        }

        fn hear(&mut self) -> String {
            self.output.next().expect("a child that goes on").expect("text")
        }

        fn ask(&mut self, line: &str) -> String {
            self.send(line);
            self.hear()
        }

        fn end(mut self) {
            drop(self.input);
            assert!(self.child.wait().expect("it ends").success());
        }
    }

    /// Answers each line of the input with a line.
    fn serve(mut answer: impl FnMut(&str) -> String) {
        for line in std::io::stdin().lines() {
            println!("{}", answer(&line.expect("text")));
        }
    }

    // --- keys and root keys

    fn administrate(path: &Path, key: &str) {
        let kms = open(path);
        let key_id = || key.to_string();
        let mut current = root();
        let mut added = String::new();
        serve(|line| {
            let (what, number) = line.split_once(' ').expect("two words");
            let number: u8 = number.parse().expect("a number");
            match what {
                "disable" => kms.disable_key(DisableKeyRequest { key_id: key_id() }),
                "enable" => kms.enable_key(EnableKeyRequest { key_id: key_id() }),
                "rotate" => kms.rotate_key_on_demand(RotateKeyOnDemandRequest { key_id: key_id() }).map(drop),
                "add" => kms.vault.add_root_key(&root_of(number), "another").map(|id| added = id),
                "renew" => kms.vault.rotate_vault_key(&[&current, &root_of(number)]),
                "remove" => kms.vault.remove_root_key(&added),
                // The first of all, by which the other process has it open.
                "take" => {
                    current = root_of(number);
                    let first = kms.vault.root_keys().expect("root keys").swap_remove(0).id;
                    kms.vault.add_root_key(&current, "the last").and_then(|_| kms.vault.remove_root_key(&first))
                }
                _ => panic!("{line}"),
            }
            .expect(line);
            "done".into()
        });
    }

    fn keys_and_root_keys_are_changed_under_load() {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let (path, kms) = create(folder.path());
        let key = create_key(&kms).key_id;
        let mut other = Other::start(&["administrator", path.to_str().expect("text"), &key]);
        let (is_over, calls, blobs) = (AtomicBool::new(false), AtomicUsize::new(0), Mutex::new(Vec::new()));
        let use_it = |kms: &Opened| -> Result<()> {
            let blob = try_encrypt(kms, &key, b"kept")?;
            assert_eq!(decrypt(kms, &blob)?, b"kept");
            blobs.lock().expect("no panic").push(blob);
            Ok(())
        };
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    while !is_over.load(Ordering::SeqCst) {
                        match use_it(&kms) {
                            Ok(()) => drop(create_key(&kms)),
                            Err(error) => assert_eq!(error.kind(), ErrorKind::Disabled, "{}", error.report()),
                        }
                        calls.fetch_add(1, Ordering::SeqCst);
                    }
                });
            }
            for round in 0..ROUNDS {
                assert_eq!(other.ask(&format!("disable {round}")), "done");
                // Seen at the next call.
                assert_eq!(error(try_encrypt(&kms, &key, b"kept")).kind(), ErrorKind::Disabled);
                assert_eq!(other.ask(&format!("enable {round}")), "done");
                use_it(&kms).expect("an enabled key");
                for what in ["rotate", "add", "renew", "remove"] {
                    assert_eq!(other.ask(&format!("{what} {}", 100 + round)), "done");
                    use_it(&kms).expect("a vault whose keys are changed");
                }
            }
            is_over.store(true, Ordering::SeqCst);
        });
        assert!(calls.into_inner() > usize::from(ROUNDS));
        let blobs = blobs.into_inner().expect("no panic");
        for blob in &blobs {
            assert_eq!(decrypt(&kms, blob).expect("its material"), b"kept");
        }
        assert_eq!(kms.vault.verify().expect("a whole vault"), []);
        // The root key that this process opened it with is taken away.
        assert_eq!(other.ask("take 200"), "done");
        assert_eq!(error(kms.create_key(CreateKeyRequest::default())).kind(), ErrorKind::WrongRootKey);
        other.end();
        drop(kms);
        assert_eq!(error(Vault::builder().open_file(&path, &root())).kind(), ErrorKind::WrongRootKey);
        let kms = Opened::from(Vault::builder().open_file(&path, &root_of(200)).expect("the vault"));
        for blob in &blobs {
            assert_eq!(decrypt(&kms, blob).expect("its material"), b"kept");
        }
        assert_eq!(kms.vault.verify().expect("a whole vault"), []);
        println!("{ROUNDS} rounds of changes by another process, {} ciphertexts open", blobs.len());
    }

    // --- grants

    const GRANTEE: &str = "arn:aws:iam::000000000000:user/grantee";

    /// Gives a grant on the key and takes it away, as it is told.
    fn give_and_take(path: &Path, key: &str) {
        let kms: Opened = standing().open_file(path, &root()).expect("the vault").into();
        let mut grant = String::new();
        serve(|line| {
            match line {
                "give" => {
                    let request = CreateGrantRequest {
                        key_id: key.into(),
                        grantee_principal: Some(GRANTEE.into()),
                        operations: vec![GrantOperation::Encrypt],
                        ..Default::default()
                    };
                    grant = kms.create_grant(request).expect(line).grant_id;
                }
                "take" => {
                    let request = RevokeGrantRequest { key_id: key.into(), grant_id: grant.clone(), dry_run: None };
                    kms.revoke_grant(request).expect(line);
                }
                _ => panic!("{line}"),
            }
            "done".into()
        });
    }

    fn a_grant_is_revoked_under_load() {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let path = folder.path().join("keys.vault");
        let kms: Opened = standing().create_file(&path, &root()).expect("a vault").into();
        // No one but the root user, and who has a grant.
        let policy = r#"{"Statement": {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::000000000000:root"}, "Action": "kms:*", "Resource": "*",
            "Condition": {"ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::000000000000:root"}}}}"#;
        let request = CreateKeyRequest { policy: Some(policy.into()), ..Default::default() };
        let key = kms.create_key(request).expect("a key").key_metadata.key_id;
        let mut other = Other::start(&["grantor", path.to_str().expect("text"), &key]);
        let caller = kms.vault.caller().with_principal(GRANTEE).expect("a caller");
        let (grantee, is_over, calls) = (kms.vault.client_as(caller), AtomicBool::new(false), AtomicUsize::new(0));
        let use_it = || {
            let request = EncryptRequest { key_id: key.clone(), plaintext: b"x".to_vec().into(), ..Default::default() };
            calls.fetch_add(1, Ordering::SeqCst);
            grantee.encrypt(request)
        };
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    while !is_over.load(Ordering::SeqCst) {
                        if let Err(error) = use_it() {
                            assert_eq!(error.kind(), ErrorKind::AccessDenied, "{}", error.report());
                        }
                    }
                });
            }
            for _ in 0..u32::from(ROUNDS) * 4 {
                // Seen at the next call, both.
                assert_eq!(error(use_it()).kind(), ErrorKind::AccessDenied);
                assert_eq!(other.ask("give"), "done");
                use_it().expect("a grant");
                assert_eq!(other.ask("take"), "done");
            }
            is_over.store(true, Ordering::SeqCst);
        });
        other.end();
        assert_eq!(kms.vault.verify().expect("a whole vault"), []);
        // What both did is on one bill, each request once. The processes made a key, and gave and took.
        let used = calls.into_inner() as u64;
        let made = 1 + 2 * 4 * u64::from(ROUNDS);
        assert_eq!(requests(&kms), used + made);
        let again: Opened = standing().open_file(&path, &root()).expect("the vault").into();
        assert_eq!(requests(&again), used + made);
        println!("a grant given and revoked {} times by another process, {used} calls", u32::from(ROUNDS) * 4);
    }

    /// How many the account has made.
    fn requests(kms: &Opened) -> u64 {
        let bill = kms.vault.bill(&BillRequest { month: "2023-11".into(), ..Default::default() }).expect("a bill");
        bill.lines.iter().find(|line| line.item == BillItem::Requests).map_or(0, |line| line.quantity)
    }

    /// With a clock that stands still in November 2023.
    fn standing() -> VaultBuilder {
        Vault::builder().clock(ManualClock::new(START))
    }

    // --- a name

    fn race(path: &Path) {
        let kms = open(path);
        let key = create_key(&kms).key_id;
        println!("{key}");
        serve(|alias| {
            let request = CreateAliasRequest { alias_name: alias.into(), target_key_id: key.clone() };
            match kms.create_alias(request) {
                Ok(()) => "won".into(),
                Err(error) => error.name().into(),
            }
        });
    }

    fn one_process_alone_gets_a_name() {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let (path, kms) = create(folder.path());
        let mut racers: Vec<_> = (0..RACERS).map(|_| Other::start(&["racer", path.to_str().expect("text")])).collect();
        let keys: Vec<_> = racers.iter_mut().map(Other::hear).collect();
        for number in 0..RACES {
            let alias = format!("alias/{number}");
            for racer in &mut racers {
                racer.send(&alias);
            }
            let answers: Vec<_> = racers.iter_mut().map(Other::hear).collect();
            let winner = answers.iter().position(|answer| answer == "won").expect("a winner");
            assert_eq!(describe(&kms, &alias).key_id, keys[winner]);
            let lost = answers.iter().filter(|answer| *answer == "AlreadyExistsException").count();
            assert_eq!(lost, RACERS - 1, "{answers:?}");
        }
        racers.into_iter().for_each(Other::end);
        assert_eq!(kms.vault.verify().expect("a whole vault"), []);
        println!("{RACERS} processes raced for {RACES} names, one won each");
    }

    // --- a file that may only be read

    fn read_only(path: &Path, key: &str) {
        let kms = open(path);
        describe(&kms, key);
        let blob = encrypt(&kms, key, b"kept");
        assert_eq!(decrypt(&kms, &blob).expect("a plaintext"), b"kept");
        let error = error(kms.create_key(CreateKeyRequest::default()));
        assert_eq!(error.kind(), ErrorKind::StoreReadOnly, "{}", error.report());
        assert!(error.message().contains("nothing was changed"));
        assert_eq!(kms.list_keys(ListKeysRequest::default()).expect("a list").keys.len(), 1);
    }

    fn a_file_that_may_only_be_read() {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let (path, kms) = create(folder.path());
        let key = create_key(&kms).key_id;
        drop(kms);
        let set = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("it is ours");
        set(folder.path(), 0o777);
        set(&path, 0o444);
        let mut command = Command::new(env::current_exe().expect("this program"));
        command.args(["child", "reader", path.to_str().expect("text"), &key]);
        // Modes are nothing to a process that has all rights.
        if fs::OpenOptions::new().write(true).open(&path).is_ok() {
            command.uid(NOBODY);
        }
        assert!(command.status().expect("a child").success());
        set(&path, 0o600);
        // What the reader left beside it belongs to no one.
        let kms = open(&path);
        assert_eq!(describe(&kms, &key).key_id, key);
        create_key(&kms);
        println!("a file that may only be read can be read, and nothing else");
    }

    // --- media

    /// Needs a name space of mounts of its own, which not every system gives.
    fn other_media() {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let unshare = || {
            let mut command = Command::new("unshare");
            command.args(["--user", "--map-root-user", "--mount"]);
            command
        };
        if !unshare().arg("true").stderr(Stdio::null()).status().is_ok_and(|status| status.success()) {
            println!("NOT TESTED HERE: a read-only medium and a full one, since nothing can be mounted");
            return;
        }
        let this = env::current_exe().expect("this program");
        let status = unshare().arg(this).args(["child", "mounts"]).arg(folder.path()).status();
        assert!(status.expect("a child").success());
        println!("a read-only medium and a full one are named, and nothing is lost");
    }

    fn mount(options: &[&str], at: &Path) {
        assert!(Command::new("mount").args(options).arg(at).status().expect("mount").success());
    }

    fn on_mounts(at: &Path) {
        mount(&["-t", "tmpfs", "-o", "size=2m", "none"], at);
        let (path, kms) = create(at);
        let first = create_key(&kms).key_id;
        create_alias(&kms, "alias/first", &first);
        let blob = encrypt(&kms, &first, b"kept");
        // Something else takes nearly all the room.
        let other = at.join("something else");
        fs::write(&other, vec![1; 1024 * 1024]).expect("room");
        let mut keys = vec![first.clone()];
        let error = loop {
            match kms.create_key(CreateKeyRequest::default()) {
                Ok(key) => keys.push(key.key_metadata.key_id),
                Err(error) => break error,
            }
            assert!(keys.len() < 10_000, "the medium is never full");
        };
        assert_eq!(error.kind(), ErrorKind::StoreFull, "{}", error.report());
        let all_is_there = |kms: &Opened| {
            assert_eq!(decrypt(kms, &blob).expect("a plaintext"), b"kept");
            for key in &keys {
                drop(describe(kms, key));
            }
            assert_eq!(kms.vault.verify().expect("a whole vault"), []);
        };
        all_is_there(&kms);
        // There is room again.
        fs::remove_file(&other).expect("it is there");
        keys.push(create_key(&kms).key_id);
        let all_is_there = |kms: &Opened| {
            for key in &keys {
                drop(describe(kms, key));
            }
        };
        drop(kms);
        all_is_there(&open(&path));

        mount(&["-o", "remount,ro"], at);
        let error = self::error(Vault::builder().open_file(&path, &root()));
        assert_eq!(error.kind(), ErrorKind::StoreReadOnly, "{}", error.report());
        mount(&["-o", "remount,rw"], at);
        all_is_there(&open(&path));
    }
}

fn main() {
    #[cfg(unix)]
    unix::main();
}
