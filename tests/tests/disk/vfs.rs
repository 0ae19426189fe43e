//! A system of files for SQLite that writes down all that reaches the disk, and fails on request.
//!
//! It passes every call on to SQLite's own. What is written down are the writes, truncations, syncs and removals, in their
//! order, and between them what the vault answered: from that an image of the disk can be made as a loss of power would leave
//! it at any moment (`image.rs`).

use rusqlite::ffi;
use std::{
    ffi::{CStr, CString, c_char, c_int, c_void},
    mem::{offset_of, size_of},
    path::PathBuf,
    ptr,
    sync::{Mutex, MutexGuard, Once, PoisonError},
};

/// The name to open files by.
pub(crate) const NAME: &str = "pocketkms-tests";

/// What happened, in its order.
#[derive(Clone, Debug)]
pub(crate) enum Event {
    Write {
        file: PathBuf,
        offset: u64,
        bytes: Vec<u8>,
    },
    Truncate {
        file: PathBuf,
        length: u64,
    },
    Sync {
        file: PathBuf,
    },
    Remove {
        file: PathBuf,
    },
    /// The vault answered a call.
    Answer(String),
}

/// What fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The sync of that number, counted from 0, and none after it.
    Sync(usize),
    /// All syncs from that one on.
    Syncs(usize),
    /// There is room for so many bytes more.
    Room(usize),
    /// The write of that number, half of which is done.
    Write(usize),
}

#[derive(Default)]
struct Disk {
    events: Vec<Event>,
    fault: Option<Fault>,
    syncs: usize,
    writes: usize,
    written: usize,
    failed: usize,
}

static DISK: Mutex<Option<Disk>> = Mutex::new(None);
/// One test at a time has the disk.
static TURN: Mutex<()> = Mutex::new(());

fn disk() -> MutexGuard<'static, Option<Disk>> {
    DISK.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The disk, of one test.
pub(crate) struct Recording(#[expect(dead_code, reason = "held")] MutexGuard<'static, ()>);

#[allow(clippy::unused_self, reason = "its owner has the disk")]
impl Recording {
    pub(crate) fn start() -> Self {
        static REGISTERED: Once = Once::new();
        REGISTERED.call_once(register);
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        *disk() = Some(Disk::default());
        Self(turn)
    }

    /// From now on something fails, or nothing any more. Answers how often something has.
    pub(crate) fn plan(&self, fault: Option<Fault>) -> usize {
        let mut disk = disk();
        let disk = disk.as_mut().expect("it was started");
        (disk.fault, disk.syncs, disk.writes, disk.written) = (fault, 0, 0, 0);
        std::mem::take(&mut disk.failed)
    }

    pub(crate) fn answered(&self, answer: impl Into<String>) {
        note(Event::Answer(answer.into()));
    }

    pub(crate) fn events(&self) -> Vec<Event> {
        disk().as_ref().expect("it was started").events.clone()
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        *disk() = None;
    }
}

fn note(event: Event) {
    if let Some(disk) = disk().as_mut() {
        disk.events.push(event);
    }
}

/// What the disk says to a sync.
fn sync(file: &Opened) -> c_int {
    let mut disk = disk();
    let Some(disk) = disk.as_mut() else { return ffi::SQLITE_OK };
    let number = disk.syncs;
    disk.syncs += 1;
    match disk.fault {
        Some(Fault::Sync(which)) if which == number => {}
        Some(Fault::Syncs(which)) if which <= number => {}
        _ => {
            disk.events.push(Event::Sync { file: file.path() });
            return ffi::SQLITE_OK;
        }
    }
    disk.failed += 1;
    ffi::SQLITE_IOERR_FSYNC
}

/// What the disk says to a write, and how much of it is done.
fn write(file: &Opened, offset: u64, bytes: &[u8]) -> (c_int, usize) {
    let mut disk = disk();
    let Some(disk) = disk.as_mut() else { return (ffi::SQLITE_OK, bytes.len()) };
    let number = disk.writes;
    disk.writes += 1;
    let (code, done) = match disk.fault {
        Some(Fault::Room(room)) if disk.written + bytes.len() > room => (ffi::SQLITE_FULL, 0),
        Some(Fault::Write(which)) if which == number => (ffi::SQLITE_IOERR_WRITE, bytes.len() / 2),
        _ => (ffi::SQLITE_OK, bytes.len()),
    };
    disk.written += done;
    disk.failed += usize::from(code != ffi::SQLITE_OK);
    disk.events.push(Event::Write { file: file.path(), offset, bytes: bytes[..done].to_vec() });
    (code, done)
}

/// A file as SQLite sees it; that of its own system of files follows in memory.
#[repr(C)]
struct Opened {
    base: ffi::sqlite3_file,
    /// Null for a temporary file.
    name: *const c_char,
    real: [u64; 0],
}

impl Opened {
    /// SQLite keeps the name as long as the file is open.
    fn path(&self) -> PathBuf {
        let name = unsafe { CStr::from_ptr(self.name) };
        PathBuf::from(name.to_str().expect("a path of a test"))
    }

    fn is_temporary(&self) -> bool {
        self.name.is_null()
    }
}

unsafe fn opened<'a>(file: *mut ffi::sqlite3_file) -> &'a Opened {
    unsafe { &*file.cast::<Opened>() }
}

unsafe fn real(file: *mut ffi::sqlite3_file) -> *mut ffi::sqlite3_file {
    unsafe { file.cast::<u8>().add(offset_of!(Opened, real)).cast() }
}

/// Calls the method of SQLite's own file.
macro_rules! pass_on {
    ($file:ident . $method:ident ( $($argument:expr),* )) => {{
        let real = unsafe { real($file) };
        let method = unsafe { (*(*real).pMethods).$method }.expect("SQLite's own file has it");
        unsafe { method(real, $($argument),*) }
    }};
}

/// Methods that do nothing else.
macro_rules! passed_on {
    ($($name:ident = $method:ident ( $($argument:ident : $type:ty),* ) -> $result:ty;)*) => {
        $(unsafe extern "C" fn $name(file: *mut ffi::sqlite3_file, $($argument: $type),*) -> $result {
            pass_on!(file.$method($($argument),*))
        })*
    };
}
passed_on! {
    read = xRead(to: *mut c_void, length: c_int, offset: i64) -> c_int;
    file_size = xFileSize(size: *mut i64) -> c_int;
    lock = xLock(level: c_int) -> c_int;
    unlock = xUnlock(level: c_int) -> c_int;
    check_lock = xCheckReservedLock(result: *mut c_int) -> c_int;
    control = xFileControl(operation: c_int, argument: *mut c_void) -> c_int;
    sector_size = xSectorSize() -> c_int;
    characteristics = xDeviceCharacteristics() -> c_int;
    shm_map = xShmMap(page: c_int, size: c_int, extend: c_int, to: *mut *mut c_void) -> c_int;
    shm_lock = xShmLock(offset: c_int, number: c_int, flags: c_int) -> c_int;
    shm_unmap = xShmUnmap(remove: c_int) -> c_int;
}

unsafe extern "C" fn shm_barrier(file: *mut ffi::sqlite3_file) {
    pass_on!(file.xShmBarrier());
}

unsafe extern "C" fn close(file: *mut ffi::sqlite3_file) -> c_int {
    pass_on!(file.xClose())
}

unsafe extern "C" fn write_to(file: *mut ffi::sqlite3_file, from: *const c_void, length: c_int, offset: i64) -> c_int {
    let opened = unsafe { opened(file) };
    if opened.is_temporary() {
        return pass_on!(file.xWrite(from, length, offset));
    }
    let bytes = unsafe { std::slice::from_raw_parts(from.cast::<u8>(), usize::try_from(length).expect("a length")) };
    let (code, done) = write(opened, u64::try_from(offset).expect("an offset"), bytes);
    let written = pass_on!(file.xWrite(from, c_int::try_from(done).expect("less"), offset));
    if code == ffi::SQLITE_OK { written } else { code }
}

unsafe extern "C" fn truncate(file: *mut ffi::sqlite3_file, length: i64) -> c_int {
    let opened = unsafe { opened(file) };
    if !opened.is_temporary() {
        note(Event::Truncate { file: opened.path(), length: u64::try_from(length).expect("a length") });
    }
    pass_on!(file.xTruncate(length))
}

unsafe extern "C" fn sync_to(file: *mut ffi::sqlite3_file, flags: c_int) -> c_int {
    let opened = unsafe { opened(file) };
    match if opened.is_temporary() { ffi::SQLITE_OK } else { sync(opened) } {
        ffi::SQLITE_OK => pass_on!(file.xSync(flags)),
        failed => failed,
    }
}

static METHODS: ffi::sqlite3_io_methods = ffi::sqlite3_io_methods {
    iVersion: 2, // no memory maps of the database
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write_to),
    xTruncate: Some(truncate),
    xSync: Some(sync_to),
    xFileSize: Some(file_size),
    xLock: Some(lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(check_lock),
    xFileControl: Some(control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(characteristics),
    xShmMap: Some(shm_map),
    xShmLock: Some(shm_lock),
    xShmBarrier: Some(shm_barrier),
    xShmUnmap: Some(shm_unmap),
    xFetch: None,
    xUnfetch: None,
};

unsafe fn system(vfs: *mut ffi::sqlite3_vfs) -> *mut ffi::sqlite3_vfs {
    unsafe { (*vfs).pAppData.cast() }
}

unsafe extern "C" fn open(
    vfs: *mut ffi::sqlite3_vfs,
    name: ffi::sqlite3_filename,
    file: *mut ffi::sqlite3_file,
    flags: c_int,
    granted: *mut c_int,
) -> c_int {
    unsafe {
        let system = system(vfs);
        (*file).pMethods = ptr::null();
        let code = (*system).xOpen.expect("it opens files")(system, name, real(file), flags, granted);
        if code == ffi::SQLITE_OK {
            (*file.cast::<Opened>()).name = name;
            (*file).pMethods = &raw const METHODS;
        }
        code
    }
}

unsafe extern "C" fn remove(vfs: *mut ffi::sqlite3_vfs, name: *const c_char, sync_folder: c_int) -> c_int {
    unsafe {
        let system = system(vfs);
        let path = CStr::from_ptr(name).to_str().expect("a path of a test");
        note(Event::Remove { file: PathBuf::from(path) });
        (*system).xDelete.expect("it removes files")(system, name, sync_folder)
    }
}

/// The same as SQLite's own, but for opening and removing.
fn register() {
    unsafe {
        let system = ffi::sqlite3_vfs_find(ptr::null());
        assert!(!system.is_null());
        let mut own = *system;
        own.szOsFile += c_int::try_from(size_of::<Opened>()).expect("a small structure");
        own.pNext = ptr::null_mut();
        own.zName = CString::new(NAME).expect("a name").into_raw();
        own.pAppData = system.cast();
        own.xOpen = Some(open);
        own.xDelete = Some(remove);
        assert_eq!(ffi::sqlite3_vfs_register(Box::into_raw(Box::new(own)), 0), ffi::SQLITE_OK);
    }
}
