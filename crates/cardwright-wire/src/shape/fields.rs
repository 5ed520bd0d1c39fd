//! The two-faced cursor a shape talks to: it reads a body, or it takes notes for the documents.

use utoipa::openapi::schema::Schema;
use zeroize::Zeroizing;

use super::outline::{Outline, Presence};
use super::{Fault, FaultKind, Policy, Read};
use crate::json::Json;
use crate::kind::{Kind, Parsed, Refused};

/// How many unknown fields are named; more would only send the caller's own body back.
const UNKNOWN_NAMED_MAX: usize = 32;

/// How many characters of an unknown name are given back.
const UNKNOWN_NAME_CHARS_MAX: usize = 64;

/// The names of one field, the main one first. A dot descends: `personalInfo.firstName`,
/// `kycDocuments.0.documentType`.
#[derive(Debug, Clone)]
pub struct Names(NameList);

/// Most fields have one name, which needs no memory of its own.
#[derive(Debug, Clone)]
enum NameList {
    One([&'static str; 1]),
    Many(Vec<&'static str>),
}

impl From<&'static str> for Names {
    fn from(name: &'static str) -> Names {
        Names(NameList::One([name]))
    }
}

impl<const N: usize> From<&[&'static str; N]> for Names {
    fn from(names: &[&'static str; N]) -> Names {
        Names(NameList::Many(names.to_vec()))
    }
}

impl Names {
    fn main(&self) -> &'static str {
        self.all().first().copied().unwrap_or_default()
    }

    pub(super) fn all(&self) -> &[&'static str] {
        match &self.0 {
            NameList::One(name) => name,
            NameList::Many(names) => names,
        }
    }
}

/// One of two things.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Either<A, B> {
    /// The first was given.
    First(A),
    /// The second was given.
    Second(B),
}

impl<A, B> Either<A, B> {
    /// One type out of both.
    pub fn fold<T>(self, first: impl FnOnce(A) -> T, second: impl FnOnce(B) -> T) -> T {
        match self {
            Either::First(value) => first(value),
            Either::Second(value) => second(value),
        }
    }
}

/// The fields of one object: of a body being read, or of a schema being drawn.
pub struct Fields<'a> {
    policy: Policy,
    mode: Mode<'a>,
}

enum Mode<'a> {
    Reading(Reading<'a>),
    Describing(Outline),
}

struct Reading<'a> {
    members: &'a [(String, Json)],
    /// First segments of all names asked for, some more than once: whatever else the body holds is
    /// unknown.
    declared: Vec<&'static str>,
    /// Main names of the fields that were there, well-formed or not. A shape has few: looking through
    /// them costs less than keeping them in order.
    present: Vec<&'static str>,
    faults: Vec<Fault>,
    canonical: Vec<(&'static str, Zeroizing<String>)>,
}

/// What came of asking for a field. While a schema is drawn every field counts as faulty: there is
/// no value, and nobody to complain to.
enum Looked<T> {
    Absent,
    Faulty,
    Given(T),
}

enum Found<'a> {
    Absent,
    /// Something on the way, at this path, is not what can be descended into.
    Blocked(String),
    Here(&'a Json),
}

impl<'a> Fields<'a> {
    pub(super) fn reading(members: &'a [(String, Json)], policy: Policy) -> Fields<'a> {
        let reading = Reading {
            members,
            declared: Vec::new(),
            present: Vec::new(),
            faults: Vec::new(),
            canonical: Vec::new(),
        };
        Fields {
            policy,
            mode: Mode::Reading(reading),
        }
    }

    pub(super) fn describing(policy: Policy) -> Fields<'a> {
        Fields {
            policy,
            mode: Mode::Describing(Outline::new(policy)),
        }
    }

    /// A field that must be there. `None` once it is faulty.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "declarations read better without `&`"
    )]
    pub fn required<K: Kind>(&mut self, names: impl Into<Names>, kind: K) -> Option<K::Out> {
        let names = names.into();
        match self.look(&names, &kind, Presence::Required) {
            Looked::Given(value) => return Some(value),
            Looked::Absent => self.fault(names.main(), FaultKind::Required),
            Looked::Faulty => {}
        }
        None
    }

    /// A field that may be left out. `None` once it is faulty, `Some(None)` when it is absent.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "declarations read better without `&`"
    )]
    pub fn optional<K: Kind>(
        &mut self,
        names: impl Into<Names>,
        kind: K,
    ) -> Option<Option<K::Out>> {
        match self.look(&names.into(), &kind, Presence::Optional) {
            Looked::Given(value) => Some(Some(value)),
            Looked::Absent => Some(None),
            Looked::Faulty => None,
        }
    }

    /// Two fields of which exactly one must be there.
    pub fn either<A: Kind, B: Kind>(
        &mut self,
        (first, first_kind): (&'static str, A),
        (second, second_kind): (&'static str, B),
    ) -> Option<Either<A::Out, B::Out>> {
        let one = self.optional(first, first_kind);
        let other = self.optional(second, second_kind);
        let (one_given, other_given) = match &mut self.mode {
            Mode::Describing(outline) => {
                outline.exactly_one(&[first, second]);
                return None;
            }
            Mode::Reading(reading) => (
                reading.present.contains(&first),
                reading.present.contains(&second),
            ),
        };
        match (one_given, other_given) {
            (false, false) => self.fault(first, FaultKind::Required),
            (true, true) => self.fault(second, FaultKind::NotAllowed),
            (true, false) => return one.flatten().map(Either::First),
            (false, true) => return other.flatten().map(Either::Second),
        }
        None
    }

    /// Exactly one of these fields, already asked for by their main names, must be there; the first
    /// is the one that is called missing.
    pub fn exactly_one(&mut self, names: &[&'static str]) {
        let given: Vec<&'static str> = match &mut self.mode {
            Mode::Describing(outline) => return outline.exactly_one(names),
            Mode::Reading(reading) => names
                .iter()
                .copied()
                .filter(|name| reading.present.contains(name))
                .collect(),
        };
        match (given.as_slice(), names.first()) {
            ([], Some(&first)) => self.fault(first, FaultKind::Required),
            ([_, others @ ..], _) => {
                for &other in others {
                    self.fault(other, FaultKind::NotAllowed);
                }
            }
            ([], None) => {}
        }
    }

    /// At least one of these fields, already asked for by their main names, must be there; the
    /// first is the one that is called missing.
    pub fn at_least_one(&mut self, names: &[&'static str]) {
        let missing = match &mut self.mode {
            Mode::Describing(outline) => return outline.at_least_one(names),
            Mode::Reading(reading) => !names.iter().any(|name| reading.present.contains(name)),
        };
        if let (true, Some(&first)) = (missing, names.first()) {
            self.fault(first, FaultKind::Required);
        }
    }

    /// These fields, already asked for by their main names, go together: once one is there, the
    /// others are required.
    pub fn all_or_none(&mut self, names: &[&'static str]) {
        let reading = match &mut self.mode {
            Mode::Describing(outline) => return outline.go_together(names),
            Mode::Reading(reading) => reading,
        };
        let absent: Vec<_> = names
            .iter()
            .filter(|name| !reading.present.contains(*name))
            .collect();
        if absent.len() < names.len() {
            for &name in absent {
                self.fault(name, FaultKind::Required);
            }
        }
    }

    /// These fields, already asked for by their main names, must all be there for a reason that only
    /// a body can give. The documents cannot say so in a schema; the reason's field says it in words.
    pub fn demand(&mut self, names: &[&'static str]) {
        let Mode::Reading(reading) = &mut self.mode else {
            return;
        };
        for &name in names {
            if !reading.present.contains(&name) {
                reading.report(Fault::new(name, FaultKind::Required));
            }
        }
    }

    /// Reports what only the shape itself can see, such as a rule between two fields.
    pub fn fault(&mut self, field: impl Into<String>, kind: FaultKind) {
        if let Mode::Reading(reading) = &mut self.mode {
            reading.report(Fault::new(field, kind));
        }
    }

    fn look<K: Kind>(&mut self, names: &Names, kind: &K, presence: Presence) -> Looked<K::Out> {
        let policy = self.policy;
        match &mut self.mode {
            Mode::Reading(reading) => reading.look(names, kind, policy),
            Mode::Describing(outline) => {
                outline.field(names, &kind.schema(), presence);
                Looked::Faulty
            }
        }
    }

    pub(super) fn describe(self) -> Schema {
        match self.mode {
            Mode::Describing(outline) => outline.into_schema(),
            Mode::Reading(_) => Schema::default(),
        }
    }

    pub(super) fn finish<T>(self, value: Option<T>) -> Result<Read<T>, Vec<Fault>> {
        let Mode::Reading(mut reading) = self.mode else {
            return Err(Vec::new());
        };
        if self.policy == Policy::Strict {
            reading.report_unknown();
        }
        match value {
            Some(value) if reading.faults.is_empty() => Ok(Read {
                value,
                canonical: canonical_object(&reading.canonical),
            }),
            // A shape that gives up without a reason still must not pass for one without faults.
            _ if reading.faults.is_empty() => Err(vec![Fault::new("body", FaultKind::Invalid)]),
            _ => Err(reading.faults),
        }
    }
}

impl Reading<'_> {
    fn look<K: Kind>(&mut self, names: &Names, kind: &K, policy: Policy) -> Looked<K::Out> {
        let faults_before = self.faults.len();
        let mut first: Option<Parsed<K::Out>> = None;
        let mut blocked = false;
        for &name in names.all() {
            self.declared.push(first_segment(name));
            let value = match find(self.members, name, policy) {
                Found::Absent => continue,
                Found::Blocked(at) => {
                    self.report(Fault::new(at, FaultKind::Invalid));
                    blocked = true;
                    continue;
                }
                Found::Here(value) => value,
            };
            self.present.push(names.main());
            match (kind.parse(value), &first) {
                (Err(refused), _) => self.refuse(name, refused),
                (Ok(parsed), None) => first = Some(parsed),
                (Ok(parsed), Some(known)) if parsed.canonical == known.canonical => {}
                (Ok(_), Some(_)) => self.report(Fault::new(names.main(), FaultKind::Conflict)),
            }
        }
        if blocked || self.faults.len() > faults_before {
            return Looked::Faulty;
        }
        let Some(parsed) = first else {
            return Looked::Absent;
        };
        let canonical = Zeroizing::new(parsed.canonical);
        self.canonical.push((names.main(), canonical));
        Looked::Given(parsed.value)
    }

    fn refuse(&mut self, name: &str, refused: Refused) {
        match refused {
            Refused::Invalid => self.report(Fault::new(name, FaultKind::Invalid)),
            Refused::InvalidAmount => self.report(Fault::new(name, FaultKind::InvalidAmount)),
            Refused::NotAllowed => self.report(Fault::new(name, FaultKind::NotAllowed)),
            Refused::Inside(faults) => {
                for fault in faults {
                    self.report(Fault::new(format!("{name}.{}", fault.field), fault.kind));
                }
            }
        }
    }

    /// One blocked path stands in the way of many names; it is reported once.
    fn report(&mut self, fault: Fault) {
        if !self.faults.contains(&fault) {
            self.faults.push(fault);
        }
    }

    fn report_unknown(&mut self) {
        let unknown = self.members.iter().map(|(name, _)| name.as_str());
        let unknown = unknown.filter(|name| !self.declared.contains(name));
        let faults: Vec<Fault> = unknown
            .take(UNKNOWN_NAMED_MAX)
            .map(|name| {
                name.chars()
                    .take(UNKNOWN_NAME_CHARS_MAX)
                    .collect::<String>()
            })
            .map(|name| Fault::new(name, FaultKind::Unknown))
            .collect();
        self.faults.extend(faults);
    }
}

fn first_segment(name: &'static str) -> &'static str {
    name.split_once('.').map_or(name, |(first, _)| first)
}

/// Follows a dotted name. Nothing on the way is absence; something of another type is a block.
fn find<'a>(members: &'a [(String, Json)], path: &str, policy: Policy) -> Found<'a> {
    let says_nothing = |value: &Json| match value {
        Json::Null => true,
        Json::Text(text) => text.is_empty(),
        _ => false,
    };
    // Most names are of one segment, and every body is asked for dozens.
    if !path.contains('.') {
        let here =
            member(members, path).filter(|value| policy == Policy::Strict || !says_nothing(value));
        return here.map_or(Found::Absent, Found::Here);
    }
    let mut at: Option<&'a Json> = None;
    let mut end = 0;
    for segment in path.split('.') {
        let next = match (at, segment.parse::<usize>()) {
            (None, _) => member(members, segment),
            (Some(Json::Object(members)), Err(_)) => member(members, segment),
            (Some(Json::Array(elements)), Ok(index)) => elements.get(index),
            (Some(_), _) => return Found::Blocked(path[..end].to_owned()),
        };
        end += segment.len() + usize::from(end > 0);
        match next {
            None => return Found::Absent,
            Some(value) if policy == Policy::Lenient && says_nothing(value) => {
                return Found::Absent;
            }
            Some(value) => at = Some(value),
        }
    }
    at.map_or(Found::Absent, Found::Here)
}

fn member<'a>(members: &'a [(String, Json)], name: &str) -> Option<&'a Json> {
    members
        .iter()
        .find(|(key, _)| key == name)
        .map(|(_, value)| value)
}

/// The members as one canonical text; names are our own and need no escaping.
///
/// There is room for all of it from the start: growing would leave copies behind that nobody wipes.
fn canonical_object(members: &[(&'static str, Zeroizing<String>)]) -> Zeroizing<String> {
    let punctuation = "\"\":,".len();
    let room =
        |(name, canonical): &(&str, Zeroizing<String>)| name.len() + canonical.len() + punctuation;
    let room = "{}".len() + members.iter().map(room).sum::<usize>();
    let mut object = Zeroizing::new(String::with_capacity(room));
    object.push('{');
    for (index, (name, canonical)) in members.iter().enumerate() {
        let separator = if index == 0 { "\"" } else { ",\"" };
        for part in [separator, name, "\":", canonical] {
            object.push_str(part);
        }
    }
    object.push('}');
    object
}
