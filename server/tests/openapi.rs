//! The OpenAPI document: every address and method of the server stands in it, and answers are as it says.

mod common;

use common::{Folder, PATIENCE, settings, start};
use inflight_server::server::Server;
use reqwest::{Client, Method};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use tokio::time::timeout;

const METHODS: [&str; 5] = ["get", "post", "put", "delete", "patch"];

/// Where routes are written.
const ROUTES: [&str; 2] = [include_str!("../src/http/router.rs"), include_str!("../src/agents/api/mod.rs")];

struct Asked {
    server: Server,
    client: Client,
    document: Value,
    _folder: Folder,
}

impl Asked {
    async fn open() -> Self {
        let folder = Folder::new();
        let mut settings = settings(&[
            ("AGENTS_EXAMPLE", "true"),
            ("AGENT_UNDO_SECONDS", "0"),
            ("MESSAGES_PER_MINUTE", "100000"),
            ("MESSAGE_BURST", "100000"),
        ]);
        settings.data_dir = folder.0.clone();
        settings.journal.folder = folder.0.clone();
        settings.history.keep_min = 60;
        settings.history.folder = folder.0.join("history");
        settings.replay.file = folder.recording();
        let server = start(&settings).await;
        let mut asked = Self { server, client: Client::new(), document: Value::Null, _folder: folder };
        asked.document = asked.ask(Method::GET, "/api/v1/openapi.json", None).await.1;
        asked
    }

    async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> (u16, Value) {
        let request = self.client.request(method, format!("http://{}{path}", self.server.address));
        let request = match body {
            Some(body) => request.body(body.to_string()),
            None => request,
        };
        let response = timeout(PATIENCE, request.send()).await.unwrap().unwrap();
        let status = response.status().as_u16();
        let text = timeout(PATIENCE, response.text()).await.unwrap().unwrap();
        (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
    }

    fn paths(&self) -> &Map<String, Value> {
        self.document["paths"].as_object().unwrap()
    }

    /// What is behind a reference, or the thing itself.
    fn found<'a>(&'a self, value: &'a Value) -> &'a Value {
        let Some(reference) = value["$ref"].as_str() else { return value };
        let pointer = reference.strip_prefix('#').unwrap();
        self.document.pointer(pointer).unwrap_or_else(|| panic!("{reference} leads nowhere"))
    }

    /// Asks, and holds the answer against what the document says of it.
    async fn check(
        &self,
        method: &str,
        template: &str,
        path: &str,
        body: Option<Value>,
        expected: u16,
    ) -> Value {
        let (status, answer) = self.ask(method.to_uppercase().parse().unwrap(), path, body).await;
        assert_eq!(status, expected, "{method} {path}: {answer}");
        let responses = &self.document["paths"][template][method]["responses"];
        let response = self.found(&responses[status.to_string()]);
        assert!(response.is_object(), "{method} {template} says nothing of {status}");
        let contents = response["content"].as_object();
        for schema in contents.into_iter().flat_map(|contents| contents.values()).map(|one| &one["schema"]) {
            self.fits(schema, &answer, &format!("{method} {template}"));
        }
        answer
    }

    /// The value is as the schema says, and has no member that the schema does not name.
    fn fits(&self, schema: &Value, value: &Value, place: &str) {
        let schema = self.found(schema);
        let kinds = match &schema["type"] {
            Value::String(kind) => vec![kind.as_str()],
            Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        let is = |kind: &&str| match *kind {
            "string" => value.is_string(),
            "integer" => value.is_i64() || value.is_u64(),
            "number" => value.is_number(),
            "boolean" => value.is_boolean(),
            "array" => value.is_array(),
            "object" => value.is_object(),
            "null" => value.is_null(),
            other => panic!("{place}: {other} is no type"),
        };
        assert!(kinds.is_empty() || kinds.iter().any(is), "{place}: expected {kinds:?}, got {value}");
        let choices = schema["enum"].as_array();
        assert!(choices.is_none_or(|choices| choices.contains(value)), "{place}: {value} is no choice");
        for (index, item) in value.as_array().into_iter().flatten().enumerate() {
            self.fits(&schema["items"], item, &format!("{place}[{index}]"));
        }
        let (Some(members), Some(named)) = (value.as_object(), schema["properties"].as_object()) else {
            return;
        };
        for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            assert!(members.contains_key(name), "{place}: {name} is missing in {value}");
        }
        for (name, member) in members {
            let schema = named.get(name).unwrap_or_else(|| panic!("{place}: {name} is not in the document"));
            self.fits(schema, member, &format!("{place}.{name}"));
        }
    }
}

#[tokio::test]
async fn every_route_is_in_the_document_with_its_methods_and_nothing_else_is() {
    let asked = Asked::open().await;
    let written: BTreeSet<&str> = ROUTES
        .iter()
        .flat_map(|source| source.split('"').skip(1).step_by(2))
        .filter(|text| text.starts_with("/api/v1/"))
        .collect();
    let documented: BTreeSet<String> =
        asked.paths().keys().map(|path| path.replace("{topic}", "{*topic}")).collect();
    assert_eq!(documented.iter().map(String::as_str).collect::<BTreeSet<_>>(), written);
    for (template, item) in asked.paths() {
        let path = template.replace("{topic}", "notice").replace(['{', '}'], "x");
        for method in METHODS {
            let (status, answer) = asked.ask(method.to_uppercase().parse().unwrap(), &path, None).await;
            let is_there = answer["error"]["code"] != "wrong_method" && status != 405;
            assert_eq!(is_there, item.get(method).is_some(), "{method} {path}: {status} {answer}");
        }
    }
}

#[tokio::test]
async fn the_document_is_whole() {
    let asked = Asked::open().await;
    assert_eq!(asked.document["openapi"], "3.1.0");
    let mut ids = BTreeSet::new();
    for (template, item) in asked.paths() {
        let in_path = template.split('{').skip(1).map(|part| part.split('}').next().unwrap());
        for (method, operation) in item.as_object().unwrap() {
            let place = format!("{method} {template}");
            assert!(ids.insert(operation["operationId"].as_str().unwrap()), "{place}");
            let named = operation["parameters"].as_array().into_iter().flatten();
            let named =
                named.filter(|parameter| parameter["in"] == "path").map(|one| one["name"].as_str().unwrap());
            assert_eq!(named.collect::<Vec<_>>(), in_path.clone().collect::<Vec<_>>(), "{place}");
        }
    }
    let mut left = vec![&asked.document];
    while let Some(value) = left.pop() {
        asked.found(value);
        left.extend(value.as_array().into_iter().flatten());
        left.extend(value.as_object().into_iter().flat_map(Map::values));
    }
}

#[tokio::test]
async fn answers_are_as_the_document_says() {
    let asked = Asked::open().await;
    for path in [
        "me",
        "sources",
        "dead-letters",
        "disruptions",
        "history",
        "system",
        "system/history",
        "connections",
        "audit",
    ] {
        let path = format!("/api/v1/{path}");
        asked.check("get", &path, &path, None, 200).await;
    }
    let trail = "/api/v1/flights/{icao24}/trail";
    asked.check("get", trail, "/api/v1/flights/a00000/trail", None, 200).await;
    asked.check("get", trail, "/api/v1/flights/nobody/trail", None, 400).await;
    asked.check("post", "/api/v1/tickets", "/api/v1/tickets", None, 200).await;
    let agents = "/api/v1/agents";
    let said = json!({"businessId": "example", "text": "Set gate B12 to closed"});
    let said = asked
        .check("post", &format!("{agents}/messages"), &format!("{agents}/messages"), Some(said), 201)
        .await;
    asked
        .check("post", &format!("{agents}/messages"), &format!("{agents}/messages"), Some(json!({})), 400)
        .await;
    let run = said["run"].as_str().unwrap();
    let review = loop {
        let path = format!("{agents}/reviews");
        let found = asked.check("get", &path, &format!("{path}?business=example"), None, 200).await;
        if let Some(id) = found["reviews"][0]["id"].as_str() {
            break id.to_owned();
        }
    };
    let decide = format!("{agents}/reviews/{{id}}");
    let reject = || Some(json!({"decision": "reject"}));
    asked.check("post", &decide, &format!("{agents}/reviews/{review}"), reject(), 200).await;
    asked.check("post", &decide, &format!("{agents}/reviews/{review}"), reject(), 409).await;
    asked.check("get", agents, agents, None, 200).await;
    for list in ["runs", "schedules", "models", "resources", "decisions"] {
        let path = format!("{agents}/{list}");
        let found = asked.check("get", &path, &format!("{path}?business=example"), None, 200).await;
        assert!(found[list].is_array(), "{found}");
    }
    for (method, part) in [("get", ""), ("get", "/export"), ("post", "/verify")] {
        let template = format!("{agents}/runs/{{id}}{part}");
        asked.check(method, &template, &format!("{agents}/runs/{run}{part}"), None, 200).await;
    }
    let state = format!("{agents}/runs/{{id}}/state");
    asked.check("get", &state, &format!("{agents}/runs/{run}/state?after=2"), None, 200).await;
    let business = format!("{agents}/businesses/{{id}}");
    asked.check("get", &business, &format!("{agents}/businesses/example"), None, 200).await;
    asked.check("get", &business, &format!("{agents}/businesses/nobody"), None, 404).await;
}
