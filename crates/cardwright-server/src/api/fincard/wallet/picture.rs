//! Addresses as pictures that a telephone's camera reads.
//!
//! Law: a picture is part of its answer; nobody has to be asked for it, and nobody learns of it.

use std::fmt::Write as _;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use qrcode::{Color, EcLevel, QrCode};

use crate::error::{Error, Result};

/// How much white there is around the squares, in squares, as ISO/IEC 18004 wants it.
const MARGIN: usize = 4;

/// The picture of a text as a `data:` URL: an SVG that scales to any size.
pub(super) fn url(text: &str) -> Result<String> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M)
        .map_err(|error| Error::Corrupt(format!("no picture of an address: {error}")))?;
    let svg = drawn(&code.to_colors(), code.width());
    Ok(format!(
        "data:image/svg+xml;base64,{}",
        STANDARD.encode(svg)
    ))
}

/// Dark squares that stand beside each other are one rectangle: that is a third of the text.
fn drawn(colors: &[Color], width: usize) -> String {
    let mut path = String::new();
    for (row, line) in colors.chunks(width).enumerate() {
        let mut column = 0;
        for run in line.chunk_by(PartialEq::eq) {
            if run.first() == Some(&Color::Dark) {
                let (x, y, long) = (column + MARGIN, row + MARGIN, run.len());
                // Writing to a string cannot fail.
                let _ = write!(path, "M{x} {y}h{long}v1h-{long}z");
            }
            column += run.len();
        }
    }
    let side = width + 2 * MARGIN;
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\">\
         <path fill=\"#fff\" d=\"M0 0h{side}v{side}H0z\"/><path d=\"{path}\"/></svg>"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_dark_square_is_drawn_once_and_in_its_place() {
        let code = QrCode::with_error_correction_level("TQrZ9wBzVH2nEyS3X7d8", EcLevel::M)
            .expect("short enough");
        let (colors, width) = (code.to_colors(), code.width());
        let drawn = drawn(&colors, width);
        let path = drawn.split("<path d=\"").nth(1).expect("a path");
        let mut dark = vec![false; width * width];
        for part in path.split('M').skip(1) {
            let (at, rest) = part.split_once('h').expect("a run");
            let (x, y) = at.split_once(' ').expect("a place");
            let long: usize = rest
                .split('v')
                .next()
                .expect("its length")
                .parse()
                .expect("one");
            let (x, y): (usize, usize) = (x.parse().expect("one"), y.parse().expect("one"));
            for square in 0..long {
                let index = (y - MARGIN) * width + x - MARGIN + square;
                assert!(!dark[index], "drawn twice");
                dark[index] = true;
            }
        }
        let wanted: Vec<bool> = colors.iter().map(|color| *color == Color::Dark).collect();
        assert_eq!(dark, wanted);
        let url = url("TQrZ9wBzVH2nEyS3X7d8").expect("a picture");
        assert!(url.starts_with("data:image/svg+xml;base64,") && url.len() < 8_000);
    }
}
