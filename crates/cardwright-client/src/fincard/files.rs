//! `common/file/upload`: the one call whose body is a form with a file.

use reqwest::multipart::{Form, Part};
use serde::Deserialize;

use super::Client;
use super::calls::{Repeat, granted};
use crate::transport::Content;
use crate::{Error, Result};

pub(super) const UPLOAD_PATH: &str = "common/file/upload";

/// A file to be kept: a jpg, jpeg, png or pdf by its content, at most 2 MB.
#[derive(Clone, PartialEq, Eq)]
pub struct SentFile {
    /// What it is called, with its ending.
    pub name: String,
    /// Its bytes.
    pub content: Vec<u8>,
}

/// It is somebody's passport: its bytes do not show.
impl std::fmt::Debug for SentFile {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            formatter,
            "SentFile({}, {} bytes)",
            self.name,
            self.content.len()
        )
    }
}

/// A file that was kept.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UploadedFile {
    /// Its id: what `idFrontId`, `idBackId` and `idHoldId` of a cardholder take.
    pub file_id: String,
}

impl Client {
    /// `common/file/upload`: keeps a file about a card or its holder.
    ///
    /// A server keeps what it is sent twice as two files, so this is made again only where no
    /// connection came about.
    pub async fn upload(&self, file: &SentFile) -> Result<UploadedFile> {
        let form = || {
            let part = Part::bytes(file.content.clone()).file_name(file.name.clone());
            let form = Form::new()
                .part("file", part)
                .text("fileName", file.name.clone())
                .text("category", "card");
            Ok::<_, Error>(Content::Form(form))
        };
        let answer = self.repeated(UPLOAD_PATH, form, Repeat::Connecting).await?;
        granted(UPLOAD_PATH, answer)
    }
}
