//! Occupations of the 2018 Standard Occupational Classification.

use std::sync::LazyLock;

const OCCUPATIONS: &str = include_str!("../data/occupations.tsv");

static ALL: LazyLock<Vec<Occupation>> = LazyLock::new(|| {
    let lines = OCCUPATIONS.lines().filter_map(|line| line.split_once('\t'));
    lines
        .map(|(code, title)| Occupation { code, title })
        .collect()
});

/// What somebody does for a living.
///
/// ```
/// use cardwright_core::Occupation;
///
/// let occupation = Occupation::find("11-1011").expect("an occupation");
/// assert_eq!(occupation.title(), "Chief Executives");
/// assert_eq!(Occupation::find("11-1012"), None);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Occupation {
    code: &'static str,
    title: &'static str,
}

impl Occupation {
    /// Every detailed occupation, by code.
    pub fn all() -> &'static [Occupation] {
        &ALL
    }

    /// The occupation with this code.
    pub fn find(code: &str) -> Option<Occupation> {
        let found = ALL.binary_search_by(|occupation| occupation.code.cmp(code));
        found.ok().map(|index| ALL[index])
    }

    /// Its code, such as `11-1011`.
    pub fn code(self) -> &'static str {
        self.code
    }

    /// Its title, in the plural.
    pub fn title(self) -> &'static str {
        self.title
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_detailed_occupation_is_there_and_found_by_its_code() {
        assert_eq!(Occupation::all().len(), 867);
        assert!(Occupation::all().is_sorted_by_key(|occupation| occupation.code));
        for occupation in Occupation::all() {
            let code = occupation.code();
            let (major, rest) = code.split_at(2);
            assert!(major.parse::<u8>().is_ok() && rest.starts_with('-') && code.len() == 7);
            assert_eq!(Occupation::find(code), Some(*occupation));
            assert!(!occupation.title().is_empty());
        }
    }
}
