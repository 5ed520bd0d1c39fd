//! Server-sent events taken apart (WHATWG HTML, section 9.2.6), as far as our servers say them.

/// The longest block that is taken; the longest real ones are a hundredth of it.
const BLOCK_LIMIT_BYTES: usize = 4 * 1024 * 1024;

/// A block of lines: an event, or only an id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Block {
    /// Its name; empty where it has none.
    pub(super) event: String,
    /// Behind which to come back.
    pub(super) id: Option<String>,
    /// What it says.
    pub(super) data: String,
}

/// Bytes of a stream, block by block.
#[derive(Debug, Default)]
pub(super) struct Blocks {
    unread: Vec<u8>,
}

/// A block has no end.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TooLong;

impl Blocks {
    /// Takes more bytes.
    pub(super) fn take(&mut self, bytes: &[u8]) -> Result<(), TooLong> {
        self.unread.extend_from_slice(bytes);
        if self.unread.len() > BLOCK_LIMIT_BYTES && end_of_block(&self.unread).is_none() {
            return Err(TooLong);
        }
        Ok(())
    }

    /// The next whole block.
    pub(super) fn next(&mut self) -> Option<Block> {
        let end = end_of_block(&self.unread)?;
        let rest = self.unread.split_off(end);
        let bytes = std::mem::replace(&mut self.unread, rest);
        let text = String::from_utf8_lossy(&bytes);
        let mut block = Block::default();
        for line in text.lines() {
            let (name, value) = line.split_once(':').unwrap_or((line, ""));
            let value = value.strip_prefix(' ').unwrap_or(value);
            match name {
                "event" => value.clone_into(&mut block.event),
                "id" => block.id = Some(value.to_owned()),
                "data" if block.data.is_empty() => value.clone_into(&mut block.data),
                "data" => {
                    block.data.push('\n');
                    block.data.push_str(value);
                }
                // A comment, or what a later server may say.
                _ => {}
            }
        }
        Some(block)
    }
}

/// Behind the empty line that ends the first block.
fn end_of_block(bytes: &[u8]) -> Option<usize> {
    let ends = |end: &[u8]| {
        let found = bytes.windows(end.len()).position(|window| window == end);
        found.map(|at| at + end.len())
    };
    match (ends(b"\n\n"), ends(b"\r\n\r\n")) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pieces: &[&str]) -> Vec<(String, Option<String>, String)> {
        let mut blocks = Blocks::default();
        let mut read = Vec::new();
        for piece in pieces {
            assert_eq!(blocks.take(piece.as_bytes()), Ok(()));
            while let Some(block) = blocks.next() {
                read.push((block.event, block.id, block.data));
            }
        }
        read
    }

    #[test]
    fn blocks_are_found_however_the_bytes_are_cut_and_half_a_block_is_none() {
        let text = "retry: 1\nevent: ready\nid: 7\ndata: {}\n\n: waiting\nid: 8\n\n\
                    event: message\r\nid: \u{e9}9\r\ndata: a\r\ndata:b\r\n\r\nevent: half\n";
        let owned = |text: &str| text.to_owned();
        let expected = vec![
            (owned("ready"), Some(owned("7")), owned("{}")),
            (owned(""), Some(owned("8")), owned("")),
            (owned("message"), Some(owned("\u{e9}9")), owned("a\nb")),
        ];
        assert_eq!(read(&[text]), expected);
        for cut in (0..text.len()).filter(|cut| text.is_char_boundary(*cut)) {
            let (left, right) = text.split_at(cut);
            assert_eq!(read(&[left, right]), expected, "cut at {cut}");
        }
    }

    #[test]
    fn a_block_without_an_end_is_given_up() {
        let mut blocks = Blocks::default();
        let long = vec![b'a'; BLOCK_LIMIT_BYTES];
        assert_eq!(blocks.take(&long), Ok(()));
        assert_eq!(blocks.take(b"a"), Err(TooLong));
    }
}
