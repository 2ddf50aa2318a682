//! What is written in `deploy/` is true of the program.

use std::collections::BTreeSet;

use ocr_server::config::{Role, Roles, SETTINGS};

const COMPOSE: &str = include_str!("../../../deploy/compose.yaml");
const DOCKERFILE: &str = include_str!("../../../deploy/Dockerfile");

/// Variables of other programs' images.
const OTHERS: [&str; 2] = ["POSTGRES_", "MOTO_"];

/// Whether the program reads `name`, from itself or from a file it names.
fn is_known(name: &str) -> bool {
    SETTINGS.iter().any(|setting| {
        setting.variable == name
            || (setting.is_secret() && name.strip_suffix("_FILE") == Some(setting.variable))
    })
}

fn is_variable(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_uppercase())
        && name
            .chars()
            .all(|letter| letter.is_ascii_uppercase() || letter.is_ascii_digit() || letter == '_')
}

/// The members of mappings that look like variables.
fn variables_of_compose() -> BTreeSet<&'static str> {
    let members = COMPOSE.lines().filter_map(|line| line.trim().split_once(':'));
    members
        .map(|(name, _)| name)
        .filter(|name| is_variable(name))
        .collect()
}

#[test]
fn the_program_knows_every_variable_of_the_compose_file() {
    let variables = variables_of_compose();
    assert!(variables.len() > 10, "{variables:?}");
    for name in variables {
        let others = OTHERS.iter().any(|prefix| name.starts_with(prefix));
        assert!(others || is_known(name), "there is no setting {name}");
    }
}

#[test]
fn the_program_knows_every_variable_of_the_image() {
    let (_, environment) = DOCKERFILE.split_once("\nENV ").unwrap();
    let (environment, _) = environment.split_once("\n#").unwrap();
    let assignments = environment.split_whitespace().filter(|word| *word != "\\");
    for assignment in assignments {
        let (name, _) = assignment.split_once('=').unwrap();
        assert!(is_known(name), "there is no setting {name}");
    }
}

#[test]
fn every_role_is_somewhere_and_can_be_probed() {
    let mut everywhere: BTreeSet<Role> = BTreeSet::new();
    for rest in COMPOSE.split("\"--role\", \"").skip(1) {
        let (roles, _) = rest.split_once('"').unwrap();
        let roles: Roles = roles.parse().unwrap();
        assert!(roles.has(Role::Health), "{roles} cannot be probed");
        everywhere.extend(Role::ALL.iter().filter(|role| roles.has(**role)).copied());
    }
    assert_eq!(everywhere.len(), Role::ALL.len());
}

#[test]
fn every_secret_is_a_file_and_every_image_has_a_version() {
    for secret in SETTINGS.iter().filter(|setting| setting.is_secret()) {
        let plain = format!("{}:", secret.variable);
        let written = COMPOSE.lines().any(|line| line.trim().starts_with(&plain));
        assert!(!written, "{} stands in the compose file", secret.variable);
    }
    let images = COMPOSE
        .lines()
        .filter_map(|line| line.trim().strip_prefix("image: "));
    for image in images.filter(|image| !image.starts_with("ocr-platform:")) {
        let (_, tag) = image.split_once(':').unwrap();
        assert!(tag.contains(|letter: char| letter.is_ascii_digit()), "{image}");
    }
}
