//! Writes the seeds of every target to `FOLDER/TARGET/NAME`.

use std::{env, fs, io, path::PathBuf, process::ExitCode};

fn main() -> ExitCode {
    let Some(folder) = env::args_os().nth(1) else {
        eprintln!("usage: fuzz-targets FOLDER");
        return ExitCode::FAILURE;
    };
    match write(&PathBuf::from(folder)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("the seeds could not be written: {error}");
            ExitCode::FAILURE
        }
    }
}

fn write(folder: &std::path::Path) -> io::Result<()> {
    for target in fuzz_targets::TARGETS {
        let folder = folder.join(target.name);
        fs::create_dir_all(&folder)?;
        let seeds = (target.seeds)();
        let count = seeds.len();
        let mut bytes = 0;
        for (name, seed) in seeds {
            bytes += seed.len();
            fs::write(folder.join(name), seed)?;
        }
        println!("{count} seeds of {bytes} bytes in {}", folder.display());
    }
    Ok(())
}
