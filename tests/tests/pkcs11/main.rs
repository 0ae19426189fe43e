//! A root key and the keys of a custom key store in a PKCS#11 token, `SoftHSM`'s: no mock, but the library that `scripts/setup/softhsm.sh` installs.
//!
//! `SoftHSM` finds its tokens by an environment variable. So this program starts itself, with settings in a folder that it removes again.

mod cluster;

use cryptoki::{
    context::{CInitializeArgs, CInitializeFlags, Pkcs11},
    mechanism::Mechanism,
    object::Attribute,
    session::UserType,
    types::AuthPin,
};
use pocketkms::{ErrorKind, KeyWrapper, Result, RootKey, RootKeyKind, Secret, Vault};
use pocketkms_roots::{TokenError, TokenKey};
use pocketkms_tests::{
    store::Shared,
    vault::{builder, explained, root, root_of},
};
use std::{
    env, fs,
    path::PathBuf,
    process::{Command, exit},
};

const FOLDER: &str = "POCKETKMS_TOKENS";
/// As long as the password of a custom key store has to be.
const PIN: &str = "9876543";
const LIBRARIES: [&str; 5] = [
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib64/libsofthsm2.so",
    "/usr/lib64/pkcs11/libsofthsm2.so",
    "/usr/local/lib/softhsm/libsofthsm2.so",
    "/opt/homebrew/lib/softhsm/libsofthsm2.so",
];

fn main() {
    if let Ok(folder) = env::var(FOLDER) {
        let token = Token { tokens: folder.into(), library: library() };
        let tests = if env::args().any(|argument| argument == "alone") { ALONE } else { BESIDE };
        for (name, test) in tests {
            test(&token);
            println!("test {name} ... ok");
        }
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let settings = folder.path().join("softhsm2.conf");
    let tokens = folder.path().join("tokens");
    fs::create_dir(&tokens).expect("a folder");
    fs::write(&settings, format!("directories.tokendir = {}\nlog.level = ERROR\n", tokens.display())).expect("a file");
    let run = |part: &str| {
        let program = env::current_exe().expect("this program");
        let mut child = Command::new(program);
        child.arg(part).env("SOFTHSM2_CONF", &settings).env(FOLDER, &tokens).status().expect("a child").success()
    };
    let passed = run("beside") && run("alone");
    drop(folder);
    exit(i32::from(!passed));
}

type Test = (&'static str, fn(&Token));

/// In a program that uses the library itself.
const BESIDE: &[Test] = &[
    ("the_key_never_leaves_the_token", the_key_never_leaves_the_token),
    ("another_key_opens_nothing", another_key_opens_nothing),
    ("a_kms_key_is_made_in_the_token_and_stays_there", cluster::a_kms_key_is_made_in_the_token_and_stays_there),
    (
        "a_program_that_is_logged_in_makes_no_wrong_pin_right",
        cluster::a_program_that_is_logged_in_makes_no_wrong_pin_right,
    ),
    ("a_user_may_have_a_name", cluster::a_user_may_have_a_name),
];

/// In one that does not.
const ALONE: &[Test] = &[
    ("a_token_opens_a_vault", a_token_opens_a_vault),
    ("no_person_can_keep_a_token", no_person_can_keep_a_token),
    ("a_wrong_pin_is_named", a_wrong_pin_is_named),
    ("what_is_not_there_is_named", what_is_not_there_is_named),
    ("a_token_that_was_gone_is_found_again", a_token_that_was_gone_is_found_again),
    ("keys_of_a_custom_key_store_are_used_in_the_token", cluster::keys_of_a_custom_key_store_are_used_in_the_token),
    (
        "a_wrong_pin_fails_the_connection_and_is_not_tried_again",
        cluster::a_wrong_pin_fails_the_connection_and_is_not_tried_again,
    ),
    ("a_token_behind_a_store_may_be_gone_and_back", cluster::a_token_behind_a_store_may_be_gone_and_back),
    ("what_is_no_token_is_no_cluster", cluster::what_is_no_token_is_no_cluster),
    ("a_token_that_makes_no_vector_encrypts_nothing", cluster::a_token_that_makes_no_vector_encrypts_nothing),
];

fn library() -> PathBuf {
    let given = env::var("POCKETKMS_SOFTHSM").ok().map(PathBuf::from);
    let library = given.into_iter().chain(LIBRARIES.map(PathBuf::from)).find(|path| path.exists());
    library.expect("SoftHSM: scripts/setup/softhsm.sh installs it")
}

/// `SoftHSM` with its tokens.
struct Token {
    tokens: PathBuf,
    library: PathBuf,
}

/// Makes a token, as its officer does.
fn make(context: &Pkcs11, label: &str) {
    make_of(context, label, PIN);
}

/// The same for a user with another PIN.
fn make_of(context: &Pkcs11, label: &str, user: &str) {
    let pin = |pin: &str| AuthPin::from(pin.to_owned());
    let slot = *context.get_slots_with_token().expect("slots").last().expect("a slot without a token yet");
    context.init_token(slot, &pin("officer"), label).expect("a token");
    let slots = context.get_slots_with_initialized_token().expect("slots");
    let labelled = |slot: &&_| context.get_token_info(**slot).is_ok_and(|info| info.label() == label);
    for slot in slots.iter().filter(labelled) {
        let session = context.open_rw_session(*slot).expect("a session");
        session.login(UserType::So, Some(&pin("officer"))).expect("the officer");
        session.init_pin(&pin(user)).expect("a PIN");
    }
}

impl Token {
    fn key(&self) -> TokenKey {
        self.key_of("my token", "pocketkms", PIN)
    }

    fn key_of(&self, token: &str, label: &str, pin: &str) -> TokenKey {
        TokenKey::new(&self.library, token, label, pin.to_owned())
    }

    fn root(&self) -> RootKey {
        self.key().root_key().expect("a root key")
    }
}

#[track_caller]
fn named<T>(result: Result<T>, kind: ErrorKind, expected: &TokenError) {
    let error = result.err().expect("an error");
    assert_eq!(error.kind(), kind, "{}", error.report());
    let origin = error.origin().and_then(|origin| origin.downcast_ref::<TokenError>());
    assert_eq!(origin, Some(expected), "{}", error.report());
}

fn the_key_never_leaves_the_token(token: &Token) {
    let context = Pkcs11::new(&token.library).unwrap();
    context.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)).unwrap();
    make(&context, "my token");
    token.key().generate().unwrap();
    named(token.key().generate(), ErrorKind::AlreadyExists, &TokenError::KeyExists("pocketkms".into()));
    let (key, secret) = (token.key(), Secret::from(vec![7; 32]));
    let (one, another) = (key.wrap(&secret).unwrap(), key.wrap(&secret).unwrap());
    assert!(one != another && one.len() == 1 + 12 + 32 + 16);
    assert!(key.unwrap(&one).unwrap().constant_time_eq(&secret));
    // A key that the token would give out is no root key.
    let slots = context.get_slots_with_initialized_token().unwrap();
    let session = context.open_rw_session(slots[0]).unwrap();
    session.login(UserType::User, Some(&AuthPin::from(PIN.to_owned()))).unwrap();
    for (label, sensitive, extractable) in [("loose", true, true), ("open", false, true), ("plain", false, false)] {
        let template = [
            Attribute::ValueLen(32.into()),
            Attribute::Label(label.into()),
            Attribute::Token(true),
            Attribute::Sensitive(sensitive),
            Attribute::Extractable(extractable),
            Attribute::Encrypt(true),
            Attribute::Decrypt(true),
        ];
        session.generate_key(&Mechanism::AesKeyGen, &template).unwrap();
        let wrapped = token.key_of("my token", label, PIN).wrap(&secret);
        named(wrapped, ErrorKind::Validation, &TokenError::Extractable(label.into()));
    }
    // Beside a session of the program's own, which stays logged in.
    assert!(key.unwrap(&one).unwrap().constant_time_eq(&secret));
    assert!(session.get_session_info().is_ok());
}

fn a_token_opens_a_vault(token: &Token) {
    let store = Shared::new();
    let vault = builder().0.create_in(store.clone(), &token.root()).unwrap();
    let info = vault.root_keys().unwrap().remove(0);
    assert_eq!(info.kind, RootKeyKind::Callback);
    assert_eq!(info.name.as_deref(), Some("pkcs11:token=my%20token;object=pocketkms;type=secret-key"));
    vault.add_root_key(&root(), "bytes").unwrap();
    Vault::builder().open(store.clone(), &token.root()).unwrap();
    vault.rotate_vault_key(&[&token.root(), &root()]).unwrap();
    Vault::builder().open(store.clone(), &token.root()).unwrap();
    Vault::builder().open_snapshot(&vault.snapshot().unwrap(), &token.root()).unwrap();
    let other = token.key_of("my token", "other", PIN).root_key().unwrap();
    explained(Vault::builder().open(store, &other), ErrorKind::WrongRootKey, &["another name"]);
}

fn no_person_can_keep_a_token(token: &Token) {
    let vault = builder().0.create_in_memory(&root()).unwrap();
    let first = vault.root_keys().unwrap().remove(0).id;
    vault.add_root_key(&token.root(), "token").unwrap();
    explained(vault.remove_root_key(&first), ErrorKind::LastRootKey, &["a person can keep"]);
    explained(vault.replace_root_key(&first, &token.root()), ErrorKind::LastRootKey, &["a person can keep"]);
    explained(vault.shred(&token.root()), ErrorKind::Validation, &["opens the vault already"]);
    vault.add_root_key(&root_of(8), "").unwrap();
    vault.remove_root_key(&first).unwrap();
}

fn a_wrong_pin_is_named(token: &Token) {
    let store = Shared::new();
    let vault = builder().0.create_in(store.clone(), &root()).unwrap();
    let before = store.records();
    for pin in ["12345", "", "no", "\0"] {
        let key = token.key_of("my token", "pocketkms", pin);
        named(key.wrap(&Secret::from(vec![7; 32])), ErrorKind::WrongRootKey, &TokenError::WrongPin);
        let added = vault.add_root_key(&key.root_key().unwrap(), "");
        named(added, ErrorKind::WrongRootKey, &TokenError::WrongPin);
    }
    assert_eq!(store.records(), before, "nothing was added");
    // A vault with several wraps of the token's key asks it once: it would lock itself.
    for _ in 0..3 {
        vault.add_root_key(&token.root(), "").unwrap();
    }
    let away = token.tokens.with_file_name("away");
    let wrong = token.key_of("my token", "pocketkms", "12345");
    named(wrong.wrap(&Secret::from(vec![7; 32])), ErrorKind::WrongRootKey, &TokenError::WrongPin);
    fs::rename(&token.tokens, &away).unwrap();
    let opened = Vault::builder().open(store.clone(), &wrong.root_key().unwrap());
    let error = opened.err().expect("an error");
    assert!(error.report().contains("the PIN of the token is wrong"), "{}", error.report());
    assert!(!error.report().contains("plug it in"), "it was not asked again: {}", error.report());
    fs::rename(&away, &token.tokens).unwrap();
    Vault::builder().open(store, &token.root()).unwrap();
}

fn what_is_not_there_is_named(token: &Token) {
    let secret = Secret::from(vec![7; 32]);
    let wrap = |key: TokenKey| key.wrap(&secret);
    let no_token = TokenError::NoToken("your token".into());
    named(wrap(token.key_of("your token", "pocketkms", PIN)), ErrorKind::KeyUnavailable, &no_token);
    let no_key = TokenError::NoKey("other".into());
    named(wrap(token.key_of("my token", "other", PIN)), ErrorKind::NotFound, &no_key);
    for library in ["/no/such/library.so", "/dev/null", "libc.so.6"] {
        let error = wrap(TokenKey::new(library, "my token", "pocketkms", PIN.to_owned())).expect_err("an error");
        let origin = error.origin().and_then(|origin| origin.downcast_ref::<TokenError>());
        assert!(matches!(origin, Some(TokenError::Module(path, _)) if path == library), "{}", error.report());
    }
}

/// Unplugged, as far as files can be: its folder is somewhere else for a while.
fn a_token_that_was_gone_is_found_again(token: &Token) {
    let store = Shared::new();
    builder().0.create_in(store.clone(), &token.root()).unwrap();
    let away = token.tokens.with_file_name("away");
    fs::rename(&token.tokens, &away).unwrap();
    let error = Vault::builder().open(store.clone(), &token.root()).err().expect("an error");
    assert_eq!(error.kind(), ErrorKind::KeyUnavailable, "{}", error.report());
    let _ = fs::remove_dir_all(&token.tokens);
    fs::rename(&away, &token.tokens).unwrap();
    Vault::builder().open(store, &token.root()).unwrap();
}

fn another_key_opens_nothing(token: &Token) {
    let secret = Secret::from(vec![7; 32]);
    token.key_of("my token", "second", PIN).generate().unwrap();
    let wrapped = token.key().wrap(&secret).unwrap();
    let second = token.key_of("my token", "second", PIN);
    for at in [0, 1, 20, wrapped.len() - 1] {
        let mut altered = wrapped.clone();
        altered[at] ^= 1;
        assert!(token.key().unwrap(&altered).is_err(), "byte {at}");
    }
    for cut in [&wrapped[..0], &wrapped[..12], &wrapped[..40]] {
        assert!(token.key().unwrap(cut).is_err());
    }
    let error = second.unwrap(&wrapped).err().expect("an error");
    assert!(error.origin().is_some_and(|origin| origin.is::<TokenError>()), "{}", error.report());
    // Two tokens of one label cannot be distinguished.
    let context = Pkcs11::new(&token.library).unwrap();
    make(&context, "twin");
    token.key_of("twin", "pocketkms", PIN).generate().unwrap();
    make(&context, "twin");
    let wrapped = token.key_of("twin", "pocketkms", PIN).wrap(&secret);
    named(wrapped, ErrorKind::Validation, &TokenError::SeveralTokens("twin".into()));
}
