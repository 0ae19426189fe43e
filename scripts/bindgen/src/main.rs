//! The glue between a compiled library and its language: JavaScript by wasm-bindgen, Swift and Kotlin by UniFFI.
//!
//! ```text
//! pocketkms-bindgen javascript MODULE.wasm OUT_NAME OUT_DIR
//! pocketkms-bindgen swift|kotlin LIBRARY CONFIG.toml OUT_DIR
//! ```

use anyhow::{Result, bail};
use uniffi_bindgen::bindings::{GenerateOptions, TargetLanguage, generate};
use wasm_bindgen_cli_support::Bindgen;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["javascript", module, name, folder] => javascript(module, name, folder),
        ["swift", library, config, folder] => uniffi(TargetLanguage::Swift, library, config, folder),
        ["kotlin", library, config, folder] => uniffi(TargetLanguage::Kotlin, library, config, folder),
        _ => bail!("usage: javascript MODULE NAME FOLDER | swift LIBRARY CONFIG FOLDER | kotlin LIBRARY CONFIG FOLDER"),
    }
}

fn javascript(module: &str, name: &str, folder: &str) -> Result<()> {
    // The package has types of its own; names of functions and of the compiler are no use to those who download it.
    Bindgen::new()
        .input_path(module)
        .out_name(name)
        .web(true)?
        .typescript(false)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate(folder)
}

fn uniffi(language: TargetLanguage, library: &str, config: &str, folder: &str) -> Result<()> {
    generate(GenerateOptions {
        languages: vec![language],
        source: library.into(),
        out_dir: folder.into(),
        config_override: Some(config.into()),
        format: false,
        crate_filter: None,
        metadata_no_deps: true,
    })
}
