//! What the operations take in their query, as the description of the API says: anything else is refused by
//! name, with what is allowed.

use std::collections::{BTreeMap, HashMap, HashSet};

use axum::{
    extract::{MatchedPath, Query, Request, State},
    http::Method,
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde_json::Value;
use utoipa::openapi::{ContentBuilder, OpenApi, Ref, ResponseBuilder};

use super::{
    error::{ApiError, shown},
    problem::PROBLEM,
};

/// Where the described operations are. Probes of other addresses may add what they like.
const DESCRIBED: &str = "/api/";

/// Says of every operation whose query is checked that it refuses what it does not take, and who asks too much.
pub(super) fn describe(description: &mut OpenApi) {
    let problem = ContentBuilder::new()
        .schema(Some(Ref::from_schema_name("Problem")))
        .build();
    let refusal = ResponseBuilder::new().content(PROBLEM, problem).build();
    for (path, item) in &mut description.paths.paths {
        if !path.starts_with(DESCRIBED) {
            continue;
        }
        let operations = [
            &mut item.get,
            &mut item.put,
            &mut item.post,
            &mut item.delete,
            &mut item.patch,
        ];
        for operation in operations.into_iter().flatten() {
            let responses = &mut operation.responses.responses;
            for status in ["422", "429"] {
                responses
                    .entry(status.into())
                    .or_insert_with(|| refusal.clone().into());
            }
        }
    }
}

/// The parameters of each operation.
#[derive(Debug, Clone, Default)]
pub(super) struct QueryRules(std::sync::Arc<HashMap<(String, Method), BTreeMap<String, Rule>>>);

/// What a parameter may be.
#[derive(Debug, Clone, PartialEq)]
enum Rule {
    /// Text, which the operation itself understands.
    Text,
    /// A whole number in these bounds.
    Whole { minimum: u64, maximum: u64 },
    /// `true` or `false`.
    Flag,
    /// One of these words.
    Word(Vec<String>),
}

impl QueryRules {
    /// The rules that an OpenAPI description holds.
    pub(super) fn of(description: &Value) -> Self {
        let mut rules = HashMap::new();
        let empty = serde_json::Map::new();
        let paths = description["paths"].as_object().unwrap_or(&empty);
        for (path, operations) in paths {
            for (method, operation) in operations.as_object().unwrap_or(&empty) {
                let Ok(method) = method.to_ascii_uppercase().parse::<Method>() else {
                    continue;
                };
                let parameters = operation["parameters"].as_array().into_iter().flatten();
                let known = parameters
                    .filter(|parameter| parameter["in"] == "query")
                    .filter_map(|parameter| {
                        let name = parameter["name"].as_str()?.to_owned();
                        Some((name, Rule::of(&parameter["schema"], description)))
                    })
                    .collect();
                rules.insert((path.clone(), method), known);
            }
        }
        Self(rules.into())
    }

    /// Checks the parameters of a request for an operation that is described.
    fn check(&self, path: &str, method: &Method, given: &[(String, String)]) -> Result<(), String> {
        let method = match *method {
            Method::HEAD => Method::GET,
            ref other => other.clone(),
        };
        let Some(known) = self.0.get(&(path.to_owned(), method)) else {
            return Ok(());
        };
        let mut seen = HashSet::new();
        for (name, value) in given {
            let Some(rule) = known.get(name) else {
                return Err(unknown(name, known.keys()));
            };
            if !seen.insert(name) {
                return Err(format!("the parameter {name} is given more than once"));
            }
            rule.check(name, value)?;
        }
        Ok(())
    }
}

/// Says that a name is none of those that are known.
fn unknown<'a>(name: &str, known: impl Iterator<Item = &'a String>) -> String {
    let shown = shown(name);
    let known: Vec<&str> = known.map(String::as_str).collect();
    if known.is_empty() {
        return format!("the parameter {shown} is not known: this operation takes none");
    }
    format!(
        "the parameter {shown} is not known; this operation takes {}",
        known.join(", ")
    )
}

impl Rule {
    fn of(schema: &Value, description: &Value) -> Self {
        if let Some(target) = schema["$ref"].as_str() {
            let pointer = target.trim_start_matches('#');
            return description
                .pointer(pointer)
                .map_or(Self::Text, |schema| Self::of(schema, description));
        }
        // `Option` of another type: that type, or null.
        if let Some(one) = schema["oneOf"]
            .as_array()
            .and_then(|all| all.iter().find(|schema| schema["type"].as_str() != Some("null")))
        {
            return Self::of(one, description);
        }
        if let Some(words) = schema["enum"].as_array() {
            let words = words.iter().filter_map(Value::as_str).map(str::to_owned);
            return Self::Word(words.collect());
        }
        let kind = &schema["type"];
        let is = |name: &str| {
            kind.as_str() == Some(name)
                || kind
                    .as_array()
                    .is_some_and(|kinds| kinds.iter().any(|kind| kind == name))
        };
        if is("integer") {
            let bound = |name: &str| schema[name].as_u64();
            return Self::Whole {
                minimum: bound("minimum").unwrap_or(0),
                maximum: bound("maximum").unwrap_or(u64::from(u32::MAX)),
            };
        }
        if is("boolean") { Self::Flag } else { Self::Text }
    }

    fn check(&self, name: &str, value: &str) -> Result<(), String> {
        match self {
            Self::Text => Ok(()),
            Self::Flag if matches!(value, "true" | "false") => Ok(()),
            Self::Flag => Err(format!("{name} must be true or false")),
            Self::Word(words) if words.iter().any(|word| word == value) => Ok(()),
            Self::Word(words) => Err(format!("{name} must be one of {}", words.join(", "))),
            Self::Whole { minimum, maximum } => {
                let within = value
                    .parse()
                    .is_ok_and(|number| (*minimum..=*maximum).contains(&number));
                let error = || format!("{name} must be a whole number from {minimum} to {maximum}");
                within.then_some(()).ok_or_else(error)
            }
        }
    }
}

/// Refuses a query with anything in it that the operation does not take.
pub(super) async fn known(State(rules): State<QueryRules>, request: Request, next: Next) -> Response {
    let path = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    if let Some(path) = path.filter(|path| path.starts_with(DESCRIBED)) {
        let given = Query::<Vec<(String, String)>>::try_from_uri(request.uri());
        let Ok(Query(given)) = given else {
            return ApiError::invalid("the query is not UTF-8 text").into_response();
        };
        if let Err(detail) = rules.check(path, request.method(), &given) {
            return ApiError::invalid(detail).into_response();
        }
    }
    next.run(request).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, query: &str) -> Result<(), String> {
        let description: Value = serde_json::from_str(&super::super::openapi().unwrap()).unwrap();
        let uri = format!("http://localhost{path}?{query}").parse().unwrap();
        let Query(given) = Query::<Vec<(String, String)>>::try_from_uri(&uri).unwrap();
        QueryRules::of(&description).check(path, &Method::GET, &given)
    }

    #[test]
    fn what_an_operation_does_not_take_is_refused_by_name() {
        let list = |query| check("/api/tasks", query);
        assert_eq!(
            list("userId=x&status=pending&limit=100&deleted=true&q=%20&cursor="),
            Ok(())
        );
        let refused = |query, parts: [&str; 2]| {
            let detail = list(query).unwrap_err();
            assert!(parts.iter().all(|part| detail.contains(part)), "{detail}");
        };
        refused(
            "sort=random",
            [
                "sort",
                "collection, cursor, deleted, label, limit, q, setAside, status, userId",
            ],
        );
        refused("userId=a&userId=b", ["userId", "more than once"]);
        refused("limit=0", ["limit", "1 to 100"]);
        refused("limit=70000", ["limit", "1 to 100"]);
        refused("limit=many", ["limit", "whole number"]);
        refused("deleted=yes", ["deleted", "true or false"]);
        let long = format!("{}=1", "x".repeat(5000));
        assert!(list(&long).unwrap_err().len() < 200);
    }

    #[test]
    fn words_and_operations_without_parameters_are_checked_too() {
        let text = "/api/tasks/{task_id}/text";
        assert_eq!(check(text, "format=markdown&from=1&to=2"), Ok(()));
        assert_eq!(
            check(text, "format=html"),
            Err("format must be one of text, markdown".into())
        );
        assert!(check("/api/engines", "x=1").unwrap_err().contains("takes none"));
        assert_eq!(check("/elsewhere", "x=1"), Ok(()));
    }
}
