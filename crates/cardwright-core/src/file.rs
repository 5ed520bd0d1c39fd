//! Files that callers send about holders: which are kept.

use crate::HolderRefusal;

/// The most bytes of a file: 2 MB, counted generously.
pub const FILE_BYTES_MAX: usize = 2 * 1024 * 1024;

/// What a file is, whatever its name says.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum FileKind {
    /// A JPEG picture.
    Jpeg,
    /// A PNG picture.
    Png,
    /// A PDF document.
    Pdf,
}

impl FileKind {
    /// Every kind.
    pub const ALL: [FileKind; 3] = [FileKind::Jpeg, FileKind::Png, FileKind::Pdf];

    /// The stored word.
    pub fn word(self) -> &'static str {
        match self {
            FileKind::Jpeg => "jpeg",
            FileKind::Png => "png",
            FileKind::Pdf => "pdf",
        }
    }

    /// Reads the stored word.
    pub fn from_word(word: &str) -> Option<FileKind> {
        FileKind::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// Its media type.
    pub fn media_type(self) -> &'static str {
        match self {
            FileKind::Jpeg => "image/jpeg",
            FileKind::Png => "image/png",
            FileKind::Pdf => "application/pdf",
        }
    }

    /// How names of such files end.
    pub fn extension(self) -> &'static str {
        match self {
            FileKind::Jpeg => "jpg",
            FileKind::Png => "png",
            FileKind::Pdf => "pdf",
        }
    }

    /// The bytes that every file of the kind begins with.
    fn signature(self) -> &'static [u8] {
        match self {
            FileKind::Jpeg => b"\xff\xd8\xff",
            FileKind::Png => b"\x89PNG\r\n\x1a\n",
            FileKind::Pdf => b"%PDF-",
        }
    }

    /// What a file is by its content; refuses one that is too large or of no kind that is kept.
    ///
    /// ```
    /// use cardwright_core::{FileKind, HolderRefusal};
    ///
    /// assert_eq!(FileKind::of(b"%PDF-1.7 ..."), Ok(FileKind::Pdf));
    /// assert_eq!(FileKind::of(b"GIF89a"), Err(HolderRefusal::FileTypeNotSupported));
    /// ```
    pub fn of(content: &[u8]) -> Result<FileKind, HolderRefusal> {
        if content.len() > FILE_BYTES_MAX {
            return Err(HolderRefusal::FileTooLarge);
        }
        FileKind::ALL
            .into_iter()
            .find(|kind| content.starts_with(kind.signature()))
            .ok_or(HolderRefusal::FileTypeNotSupported)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_what_it_begins_with_and_no_larger_than_it_may_be() {
        for kind in FileKind::ALL {
            assert_eq!(FileKind::from_word(kind.word()), Some(kind));
            let mut content = kind.signature().to_vec();
            assert_eq!(FileKind::of(&content), Ok(kind));
            let shorter = &content[..content.len() - 1];
            assert_eq!(
                FileKind::of(shorter),
                Err(HolderRefusal::FileTypeNotSupported)
            );
            let shifted = [b" ", content.as_slice()].concat();
            assert_eq!(
                FileKind::of(&shifted),
                Err(HolderRefusal::FileTypeNotSupported)
            );
            content.resize(FILE_BYTES_MAX, 0);
            assert_eq!(FileKind::of(&content), Ok(kind));
            content.push(0);
            assert_eq!(FileKind::of(&content), Err(HolderRefusal::FileTooLarge));
        }
        assert_eq!(FileKind::of(b""), Err(HolderRefusal::FileTypeNotSupported));
    }
}
