//! A power cut: what was written and never synchronized is taken back, all of it or by chance.
//!
//! The server runs with `powerloss.c` preloaded, which logs what each change of a database file
//! destroys. Read backwards from the kill, the log leads each file back to what the disk had
//! promised to hold. A real disk may hold more than that, in any order and cut at any sector, so
//! two of the three ways to cut let some of it survive.

use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::desk::Desk;
use crate::durability::dice::Dice;

const SOURCE: &str = include_str!("powerloss.c");
const HEADER_BYTES: usize = 48;
const MAGIC: u32 = 0x6c77_726f;
/// The piece that a disk writes whole or not at all.
const SECTOR_BYTES: usize = 512;

/// What becomes of changes that nobody had asked the disk to keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    /// None survives, the names of new files included.
    Everything,
    /// Each survives or does not.
    Writes,
    /// Each sector of each survives or does not.
    Sectors,
}

impl Cut {
    pub(crate) fn any(dice: &mut Dice) -> Cut {
        match dice.within(0..=2) {
            0 => Cut::Everything,
            1 => Cut::Writes,
            _ => Cut::Sectors,
        }
    }
}

/// What a cut found in the log and did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Undone {
    /// Changes that were recorded.
    pub(crate) changes: u64,
    /// Synchronizations that had ended.
    pub(crate) synchronized: u64,
    /// Changes that the disk had not promised to keep.
    pub(crate) at_risk: u64,
    /// Of these, the ones that survived, whole or in part.
    pub(crate) survived: u64,
}

impl Undone {
    pub(crate) fn add(&mut self, other: Undone) {
        self.changes += other.changes;
        self.synchronized += other.synchronized;
        self.at_risk += other.at_risk;
        self.survived += other.survived;
    }
}

/// The compiled library and the directory it keeps its log in.
pub(crate) struct Model {
    library: PathBuf,
    directory: PathBuf,
}

impl Model {
    /// Compiles the library on a desk.
    pub(crate) fn compile(desk: &Desk) -> Model {
        let source = desk.file("power/powerloss.c", SOURCE);
        let library = desk.path("power/powerloss.so");
        let compiled = Command::new("cc")
            .args(["-shared", "-fPIC", "-O2", "-Wall", "-Werror", "-o"])
            .arg(&library)
            .args([&source, "-lpthread"])
            .output();
        let compiled = compiled.unwrap();
        assert!(compiled.status.success(), "{compiled:?}");
        Model {
            library,
            directory: desk.path("power"),
        }
    }

    /// Makes a command run with the library.
    pub(crate) fn watch(&self, command: &mut Command) {
        command
            .env("LD_PRELOAD", &self.library)
            .env("POWERLOSS_DIRECTORY", &self.directory);
    }

    /// Cuts the power of a program that has ended, and forgets what it did.
    pub(crate) fn cut(&self, cut: Cut, dice: &mut Dice) -> Undone {
        let log = self.directory.join("log");
        let Ok(bytes) = fs::read(&log) else {
            return Undone::default(); // It ended before it began.
        };
        let undone = Past::read(&bytes, self.directory.clone()).cut(cut, dice);
        fs::remove_file(log).unwrap();
        for entry in fs::read_dir(&self.directory).unwrap() {
            let path = entry.unwrap().path();
            if path.display().to_string().contains("/removed-") {
                fs::remove_file(path).unwrap();
            }
        }
        undone
    }
}

/// One record of the log; its fields mean what `powerloss.c` says.
#[derive(Clone, Debug)]
struct Record {
    kind: Kind,
    file: u32,
    offset: u64,
    count: u64,
    size: u64,
    payload: Vec<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Named,
    Written,
    Cut,
    Removed,
    Syncing,
    Synced,
}

impl Kind {
    fn of(number: u32) -> Option<Kind> {
        Some(match number {
            1 => Kind::Named,
            2 => Kind::Written,
            3 => Kind::Cut,
            4 => Kind::Removed,
            5 => Kind::Syncing,
            6 => Kind::Synced,
            _ => return None,
        })
    }
}

/// Reads one record and what follows it. The last one may be cut short by the kill; its change had
/// not begun then.
fn record(bytes: &[u8]) -> Option<(Record, &[u8])> {
    let (header, rest) = bytes.split_at_checked(HEADER_BYTES)?;
    let small = |at: usize| u32::from_ne_bytes(header[at..at + 4].try_into().unwrap());
    let large = |at: usize| u64::from_ne_bytes(header[at..at + 8].try_into().unwrap());
    assert_eq!(small(0), MAGIC, "the log is damaged");
    let (payload, rest) = rest.split_at_checked(small(12) as usize)?;
    let unsummed = [&header[..40], &[0; 8], payload];
    let sum = unsummed
        .iter()
        .flat_map(|part| part.iter())
        .fold(0xcbf2_9ce4_8422_2325_u64, |sum, byte| {
            (sum ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3)
        });
    assert_eq!(sum, large(40), "the log is damaged");
    let record = Record {
        kind: Kind::of(small(4)).unwrap(),
        file: small(8),
        offset: large(16),
        count: large(24),
        size: large(32),
        payload: payload.to_vec(),
    };
    Some((record, rest))
}

/// Everything that happened to the database files of one process.
struct Past {
    records: Vec<Record>,
    paths: HashMap<u32, PathBuf>,
    /// How many records each file or directory had been asked, and had promised, to keep.
    kept: HashMap<PathBuf, usize>,
    directory: PathBuf,
}

impl Past {
    fn read(mut bytes: &[u8], directory: PathBuf) -> Past {
        let mut past = Past {
            records: Vec::new(),
            paths: HashMap::new(),
            kept: HashMap::new(),
            directory,
        };
        let mut asked = HashMap::new();
        while let Some((record, rest)) = record(bytes) {
            bytes = rest;
            match record.kind {
                Kind::Named => {
                    let path = String::from_utf8(record.payload.clone()).unwrap();
                    past.paths.insert(record.file, path.into());
                }
                Kind::Syncing => {
                    asked.insert(record.offset, past.records.len());
                }
                Kind::Synced => {
                    let path = past.paths[&record.file].clone();
                    let kept = past.kept.entry(path).or_default();
                    *kept = asked[&record.offset].max(*kept);
                }
                Kind::Written | Kind::Cut | Kind::Removed => {}
            }
            past.records.push(record);
        }
        past
    }

    fn is_kept(&self, at: usize, path: &Path) -> bool {
        self.kept.get(path).is_some_and(|kept| at < *kept)
    }

    fn cut(&self, cut: Cut, dice: &mut Dice) -> Undone {
        let count = |kinds: &[Kind]| {
            let found = self.records.iter().filter(|one| kinds.contains(&one.kind));
            found.count() as u64
        };
        let mut undone = Undone {
            changes: count(&[Kind::Written, Kind::Cut]),
            synchronized: count(&[Kind::Synced]),
            ..Undone::default()
        };
        let taken_back = self.take_back(cut);
        undone.at_risk = taken_back.len() as u64;
        if cut != Cut::Everything {
            for (record, after) in taken_back.iter().rev() {
                let path = &self.paths[&record.file];
                undone.survived += u64::from(again(path, record, after, (cut, dice)));
            }
        }
        undone
    }

    /// Leads every file back to what was promised; gives what was undone, the last change first,
    /// each with the bytes it had written.
    fn take_back(&self, cut: Cut) -> Vec<(&Record, Vec<u8>)> {
        let mut taken_back = Vec::new();
        // What a kept removal ended is another file than the one that has the name now.
        let mut ended: Vec<&Path> = Vec::new();
        for (at, record) in self.records.iter().enumerate().rev() {
            let Some(path) = self.paths.get(&record.file) else {
                continue;
            };
            if ended.contains(&path.as_path()) {
                continue;
            }
            let folder = path.parent().unwrap();
            let name_is_kept = self.is_kept(at, folder) || cut != Cut::Everything;
            match record.kind {
                Kind::Written | Kind::Cut if !self.is_kept(at, path) => {
                    taken_back.push((record, undo(path, record)));
                }
                Kind::Named if record.count == 1 && !name_is_kept => {
                    fs::remove_file(path).unwrap();
                }
                Kind::Removed if name_is_kept => ended.push(path),
                Kind::Removed => {
                    let aside = self.directory.join(format!("removed-{}", record.offset));
                    fs::rename(aside, path).unwrap();
                }
                _ => {}
            }
        }
        taken_back
    }
}

fn open(path: &Path) -> File {
    let file = OpenOptions::new().read(true).write(true).open(path);
    file.unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Undoes a change; gives the bytes it had written, none if the kill came before it.
fn undo(path: &Path, record: &Record) -> Vec<u8> {
    let file = open(path);
    let mut after = vec![0; usize::try_from(record.count).unwrap()];
    let mut found = 0;
    while found < after.len() {
        let place = record.offset + found as u64;
        match file.read_at(&mut after[found..], place).unwrap() {
            0 => break,
            count => found += count,
        }
    }
    after.truncate(found);
    file.set_len(record.size).unwrap();
    file.write_all_at(&record.payload, record.offset).unwrap();
    after
}

/// Does a change again as far as chance has it; says whether anything of it was done.
fn again(path: &Path, record: &Record, after: &[u8], (cut, dice): (Cut, &mut Dice)) -> bool {
    let file = open(path);
    let piece_bytes = match (record.kind, cut) {
        (Kind::Cut, _) => {
            let survives = dice.one_in(2);
            if survives {
                file.set_len(record.offset).unwrap();
            }
            return survives;
        }
        (_, Cut::Sectors) => SECTOR_BYTES,
        _ => after.len().max(1),
    };
    let mut survived = false;
    for (number, piece) in after.chunks(piece_bytes).enumerate() {
        if dice.one_in(2) {
            let place = record.offset + (number * piece_bytes) as u64;
            file.write_all_at(piece, place).unwrap();
            survived = true;
        }
    }
    survived
}

/// A program that leaves a file in every state the model tells apart.
const WRITER: &str = "
import os
d = os.getcwd()
def opened(name, flags=os.O_RDWR | os.O_CREAT):
    return os.open(f'{d}/{name}', flags, 0o600)
folder = os.open(d, os.O_RDONLY)
kept = opened('cardwright.db')
os.write(kept, b'a' * 2048)
os.fsync(folder)
os.fdatasync(kept)
os.pwrite(kept, b'b' * 1024, 512)
os.pwrite(kept, b'c' * 1024, 2048)
os.ftruncate(kept, 100)
nameless = opened('cardwright.db-wal')
os.write(nameless, b'd' * 512)
os.fsync(nameless)
os.unlink(f'{d}/cardwright.db-old')
os.write(opened('other'), b'e')
";

fn cut_after_writing(cut: Cut, seed: u64) -> (Desk, Undone) {
    let desk = Desk::new();
    let model = Model::compile(&desk);
    desk.file("d/cardwright.db-old", "old");
    let mut command = Command::new("python3");
    command
        .args(["-c", WRITER])
        .current_dir(desk.path("d").canonicalize().unwrap());
    model.watch(&mut command);
    let ran = command.output().unwrap();
    assert!(ran.status.success(), "{ran:?}");
    let undone = model.cut(cut, &mut Dice::new(seed));
    (desk, undone)
}

#[test]
fn a_power_cut_takes_back_what_was_not_synchronized_and_nothing_else() {
    if !super::can_cut_power() {
        return;
    }
    let (desk, undone) = cut_after_writing(Cut::Everything, 1);
    let read = |name: &str| fs::read(desk.path(name)).unwrap();
    assert_eq!(read("d/cardwright.db"), [b'a'; 2048]);
    assert_eq!(read("d/cardwright.db-old"), b"old");
    assert_eq!(read("d/other"), b"e", "not a file of the database");
    assert!(!desk.path("d/cardwright.db-wal").exists());
    let expected = Undone {
        changes: 5,
        synchronized: 3,
        at_risk: 3,
        survived: 0,
    };
    assert_eq!(undone, expected);
}

#[test]
fn a_power_cut_may_leave_any_part_of_what_was_not_synchronized() {
    if !super::can_cut_power() {
        return;
    }
    let mut seen = Vec::new();
    for seed in 1..=12 {
        let (desk, undone) = cut_after_writing(Cut::Sectors, seed);
        let database = fs::read(desk.path("d/cardwright.db")).unwrap();
        assert_eq!(
            fs::read(desk.path("d/cardwright.db-wal")).unwrap(),
            [b'd'; 512]
        );
        assert!(!desk.path("d/cardwright.db-old").exists());
        assert_eq!(undone.at_risk, 3, "{undone:?}");
        // What was synchronized and not written again stands, unless the cut of the end survived.
        assert!(database.len() == 100 || database[..512] == [b'a'; 512]);
        let sectors: String = database.chunks(512).map(|one| char::from(one[0])).collect();
        seen.push(sectors);
    }
    seen.sort();
    seen.dedup();
    assert!(seen.len() > 3, "{seen:?}");
    assert!(seen.contains(&"a".to_owned()), "the end was cut: {seen:?}");
}
