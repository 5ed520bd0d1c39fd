//! The data directory and the `sandbox.json` a sandbox leaves in it.

use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;

use cardwright_client::{SandboxFile, SandboxFileFault};
use clap::Args;

use crate::Failure;

/// Where a command looks for what a sandbox wrote.
#[derive(Args)]
pub(crate) struct DataDirectory {
    /// Data directory of the sandbox whose sandbox.json is used
    #[arg(
        global = true,
        long,
        value_name = "DIR",
        env = "CARDWRIGHT_DATA",
        default_value = "./cardwright-data"
    )]
    pub(crate) data: PathBuf,
}

impl DataDirectory {
    /// Reads `sandbox.json`; `instead` names the flags that make it unnecessary.
    pub(crate) fn sandbox(&self, instead: &str) -> Result<Sandbox, Failure> {
        let path = self.data.join("sandbox.json");
        let text = fs::read_to_string(&path).map_err(|error| {
            let advice = match error.kind() {
                ErrorKind::NotFound => {
                    format!("start `cardwright sandbox`, name its directory with --data, or give {instead}")
                }
                _ => format!("make it readable, or give {instead}"),
            };
            Failure::Usage(format!("{}: {error}; {advice}", path.display()))
        })?;
        let file = SandboxFile::parse(&text)
            .map_err(|fault| Failure::Usage(format!("{}: {fault}", path.display())))?;
        Ok(Sandbox { path, file })
    }
}

/// A `sandbox.json` and where it came from.
pub(crate) struct Sandbox {
    path: PathBuf,
    file: SandboxFile,
}

impl Sandbox {
    /// The file itself.
    pub(crate) fn into_file(self) -> SandboxFile {
        self.file
    }

    /// Reads an entry; where it is missing, the error names the file.
    pub(crate) fn entry<'a, T>(
        &'a self,
        read: impl FnOnce(&'a SandboxFile) -> Result<T, SandboxFileFault>,
    ) -> Result<T, Failure> {
        read(&self.file)
            .map_err(|fault| Failure::Usage(format!("{}: {fault}", self.path.display())))
    }
}
