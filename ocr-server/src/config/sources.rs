//! Where values come from: the environment, then a file, then the table's defaults.

use std::{
    collections::BTreeMap,
    fmt, fs,
    path::{Path, PathBuf},
    str::FromStr,
    time::Duration,
};

use anyhow::{Context, Result, bail};
use secrecy::SecretString;

use super::{
    declared::SETTINGS,
    table::{DefaultValue, Setting},
};

/// The file that is read when no other is named, in the current directory.
const DEFAULT_FILE: &str = "ocr-server.toml";
/// Names the file.
const FILE_VARIABLE: &str = "OCR_CONFIG";
/// Prefix of our environment variables. An unknown variable with this prefix is an error.
const OURS: &str = "OCR_";
/// Variables that belong to the tests.
const TESTS: &str = "OCR_TEST_";

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Nobody set it.
    Default,
    /// This environment variable, or the file that it names.
    Variable(String),
    /// This file.
    File(PathBuf),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::Variable(name) => f.write_str(name),
            Self::File(path) => path.display().fmt(f),
        }
    }
}

/// The values that somebody set.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    values: BTreeMap<&'static str, (String, Origin)>,
}

impl Sources {
    /// The environment of this process and the file it names, else `ocr-server.toml` where there is one.
    ///
    /// # Errors
    /// For a file that cannot be read, and for names that nobody knows.
    pub fn of_this_process() -> Result<Self> {
        let environment: BTreeMap<String, String> = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        let named = environment.get(FILE_VARIABLE).filter(|path| !path.is_empty());
        let path = named.map_or_else(|| PathBuf::from(DEFAULT_FILE), PathBuf::from);
        let file = match fs::read_to_string(&path) {
            Ok(text) => Some((path, text)),
            Err(error) if named.is_none() && error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => return Err(error).with_context(|| format!("{} cannot be read", path.display())),
        };
        let file = file.as_ref().map(|(path, text)| (path.as_path(), text.as_str()));
        Self::read(&environment, file)
    }

    /// Values from `environment` and the text of a `file`. Empty ones count as not set.
    ///
    /// # Errors
    /// For text that is not TOML, and for names that nobody knows.
    pub fn read(environment: &BTreeMap<String, String>, file: Option<(&Path, &str)>) -> Result<Self> {
        let mut values = BTreeMap::new();
        if let Some((path, text)) = file {
            let table: toml::Table =
                toml::from_str(text).with_context(|| format!("{} is not TOML", path.display()))?;
            for (key, value) in flattened("", &table) {
                let setting = by_key(&key).with_context(|| {
                    let nearest = nearest(&key, SETTINGS.iter().map(|setting| setting.key));
                    format!("{}: there is no setting {key}{nearest}", path.display())
                })?;
                if !value.is_empty() {
                    values.insert(setting.key, (value, Origin::File(path.to_owned())));
                }
            }
        }
        for (name, value) in environment.iter().filter(|(_, value)| !value.is_empty()) {
            if let Some((setting, value)) = from_variable(name, value)? {
                values.insert(setting.key, (value, Origin::Variable(name.clone())));
            }
        }
        Ok(Self { values })
    }

    /// The value of `key` and where it comes from; `None` when nobody set it.
    pub fn get(&self, key: &str) -> Option<(&str, &Origin)> {
        self.values.get(key).map(|(text, origin)| (text.as_str(), origin))
    }

    /// Whether somebody set `setting`.
    pub(super) fn is_set(&self, setting: Setting) -> bool {
        self.values.contains_key(setting.key)
    }

    /// The text of `setting`, if somebody set it.
    pub(super) fn text(&self, setting: Setting) -> Option<String> {
        self.get(setting.key).map(|(text, _)| text.to_owned())
    }

    /// The secret of `setting`, if somebody set it.
    pub(super) fn secret(&self, setting: Setting) -> Option<SecretString> {
        self.text(setting).map(SecretString::from)
    }

    /// The path that `setting` names, if somebody set it.
    pub(super) fn path(&self, setting: Setting) -> Option<PathBuf> {
        self.text(setting).map(PathBuf::from)
    }

    /// The value of `setting`, or the default it was declared with.
    pub(super) fn parsed<T>(&self, setting: Setting) -> Result<T>
    where
        T: FromStr,
        T::Err: fmt::Display,
    {
        if let Some(value) = self.value(setting)? {
            return Ok(value);
        }
        let DefaultValue::Value(text) = setting.default else {
            bail!("{} has no default and must be set", setting.key);
        };
        text.parse()
            .map_err(|error| anyhow::anyhow!("the default of {} cannot be understood: {error}", setting.key))
    }

    /// The value of `setting` in seconds, or its default.
    pub(super) fn seconds(&self, setting: Setting) -> Result<Duration> {
        self.parsed(setting).map(Duration::from_secs)
    }

    /// The value of `setting`, or what was computed.
    pub(super) fn or<T>(&self, setting: Setting, computed: T) -> Result<T>
    where
        T: FromStr,
        T::Err: fmt::Display,
    {
        Ok(self.value(setting)?.unwrap_or(computed))
    }

    /// The value of `setting`; `None` when nobody set it.
    pub(super) fn value<T>(&self, setting: Setting) -> Result<Option<T>>
    where
        T: FromStr,
        T::Err: fmt::Display,
    {
        let Some((text, origin)) = self.get(setting.key) else {
            return Ok(None);
        };
        text.trim().parse().map(Some).map_err(|error| match origin {
            Origin::Variable(name) => anyhow::anyhow!("{name}={text} cannot be understood: {error}"),
            origin => anyhow::anyhow!("{origin}: {} = {text} cannot be understood: {error}", setting.key),
        })
    }
}

/// The setting that a variable sets, with its value; `None` for a variable that is not ours.
fn from_variable(name: &str, value: &str) -> Result<Option<(&'static Setting, String)>> {
    if let Some(setting) = SETTINGS.iter().find(|setting| setting.variable == name) {
        return Ok(Some((setting, value.to_owned())));
    }
    if let Some(secret) = name.strip_suffix("_FILE")
        && let Some(setting) = SETTINGS
            .iter()
            .find(|setting| setting.is_secret() && setting.variable == secret)
    {
        let text = fs::read_to_string(value).with_context(|| format!("{name}={value} cannot be read"))?;
        return Ok(Some((setting, text.trim_end().to_owned())));
    }
    if let Some(path) = name.strip_prefix("OCR__") {
        let key = path.to_lowercase().replace("__", ".");
        let setting = by_key(&key).with_context(|| {
            let nearest = nearest(&key, SETTINGS.iter().map(|setting| setting.key));
            format!("{name}: there is no setting {key}{nearest}")
        })?;
        return Ok(Some((setting, value.to_owned())));
    }
    let foreign = name.starts_with(TESTS) || name == FILE_VARIABLE || names_a_service(name, value);
    if name.starts_with(OURS) && !foreign {
        let known = SETTINGS.iter().map(|setting| setting.variable);
        bail!("there is no variable {name}{}", nearest(name, known));
    }
    Ok(None)
}

/// Whether Kubernetes may have set this variable: it tells every container of each service beside it, so
/// that one called ocr-server becomes `OCR_SERVER_PORT=tcp://10.0.0.1:8080` and more.
fn names_a_service(name: &str, value: &str) -> bool {
    let numbered = |rest: &str| rest.starts_with(|first: char| first.is_ascii_digit());
    name.ends_with("_SERVICE_HOST")
        || (name.ends_with("_PORT") && value.contains("://"))
        || name.contains("_SERVICE_PORT")
        || name.rsplit_once("_PORT_").is_some_and(|(_, rest)| numbered(rest))
}

fn by_key(key: &str) -> Option<&'static Setting> {
    SETTINGS.iter().find(|setting| setting.key == key)
}

/// `; did you mean ...?` where a name is close enough.
fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> String {
    known
        .map(|known| (strsim::damerau_levenshtein(name, known), known))
        .min()
        .filter(|(distance, _)| *distance <= name.len().div_ceil(3))
        .map(|(_, known)| format!("; did you mean {known}?"))
        .unwrap_or_default()
}

/// The values of a table as text, by dotted key. Lists become words between commas.
fn flattened(prefix: &str, table: &toml::Table) -> Vec<(String, String)> {
    let mut values = Vec::new();
    for (name, value) in table {
        let key = if prefix.is_empty() {
            name.clone()
        } else {
            format!("{prefix}.{name}")
        };
        match value {
            toml::Value::Table(inner) => values.extend(flattened(&key, inner)),
            toml::Value::Array(items) => {
                let items: Vec<String> = items.iter().map(plain).collect();
                values.push((key, items.join(",")));
            }
            value => values.push((key, plain(value))),
        }
    }
    values
}

fn plain(value: &toml::Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::{super::declared, *};

    fn sources(variables: &[(&str, &str)], file: &str) -> Result<Sources> {
        let environment = variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        Sources::read(&environment, Some((Path::new("ocr.toml"), file)))
    }

    #[test]
    fn the_environment_goes_before_the_file() {
        let file =
            "roles = [\"api\", \"web\"]\n[server]\nport = 1\nhealth_port = 2\n[models]\npull = false\n";
        let sources = sources(
            &[("PORT", "3"), ("OCR__MODELS__PULL", "true"), ("OCR_BIND", "")],
            file,
        )
        .unwrap();
        let origin = |key: &str| {
            sources
                .get(key)
                .map(|(text, origin)| (text.to_owned(), origin.to_string()))
        };
        let found = |text: &str, origin: &str| Some((text.to_owned(), origin.to_owned()));
        assert_eq!(origin("server.port"), found("3", "PORT"));
        assert_eq!(origin("server.health_port"), found("2", "ocr.toml"));
        assert_eq!(origin("models.pull"), found("true", "OCR__MODELS__PULL"));
        assert_eq!(origin("roles"), found("api,web", "ocr.toml"));
        assert_eq!(origin("server.bind"), None);
    }

    #[test]
    fn what_nobody_knows_is_an_error_with_the_nearest_name() {
        for (variables, file, expected) in [
            (
                vec![("OCR_DATADIR", "x")],
                "",
                "there is no variable OCR_DATADIR; did you mean OCR_DATA_DIR?",
            ),
            (
                vec![("OCR__SERVER__PROT", "1")],
                "",
                "OCR__SERVER__PROT: there is no setting server.prot; did you mean server.port?",
            ),
            (
                vec![],
                "[server]\nprot = 1",
                "ocr.toml: there is no setting server.prot; did you mean server.port?",
            ),
            (vec![], "banana = 1", "ocr.toml: there is no setting banana"),
        ] {
            assert_eq!(sources(&variables, file).unwrap_err().to_string(), expected);
        }
        assert!(sources(&[("OCR_PORT", "9000")], "").is_err());
        for (name, value) in [
            ("OCR_SERVER_SERVICE_HOST", "10.0.0.1"),
            ("OCR_SERVER_SERVICE_PORT_HTTP", "8080"),
            ("OCR_SERVER_PORT", "tcp://10.0.0.1:8080"),
            ("OCR_SERVER_PORT_8080_TCP_ADDR", "10.0.0.1"),
        ] {
            assert!(sources(&[(name, value)], "").is_ok(), "{name}");
        }
        assert!(sources(&[], "[server").is_err());
        assert!(
            sources(
                &[("OCR_TEST_REQUIRE", "1"), ("HOME", "/"), ("OCR_CONFIG", "x")],
                ""
            )
            .is_ok()
        );
    }

    #[test]
    fn a_secret_may_come_from_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("password");
        fs::write(&path, "hunter2\n").unwrap();
        let read = sources(&[("DB_PASSWORD_FILE", path.to_str().unwrap())], "").unwrap();
        assert_eq!(read.text(declared::POSTGRES_PASSWORD).as_deref(), Some("hunter2"));
        assert!(sources(&[("DB_PASSWORD_FILE", "/nonexistent")], "").is_err());
    }

    #[test]
    fn a_bad_value_is_named_with_its_place() {
        let error = |variables: &[(&str, &str)], file: &str| {
            let sources = sources(variables, file).unwrap();
            sources
                .or::<u16>(declared::SERVER_PORT, 1)
                .unwrap_err()
                .to_string()
        };
        assert!(error(&[("PORT", "eighty")], "").starts_with("PORT=eighty cannot be understood"));
        assert!(error(&[], "server.port = \"x\"").starts_with("ocr.toml: server.port = x cannot"));
    }

    #[test]
    fn keys_and_variables_are_unique() {
        for (index, setting) in SETTINGS.iter().enumerate() {
            let later = &SETTINGS[index + 1..];
            assert!(
                later
                    .iter()
                    .all(|other| other.key != setting.key && other.variable != setting.variable)
            );
        }
    }
}
