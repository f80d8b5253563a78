//! Pages, rendered on the server: the pages of `ui`, and its "not found" for every other address.

use crate::http::App;
use axum::Router;
use axum::extract::{FromRef, Request};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use inflight_ui::{Page, shell};
use leptos::config::{LeptosOptions, get_configuration};
use leptos::nonce::use_nonce;
use leptos::prelude::{provide_context, use_context};
use leptos_axum::ResponseOptions;
use std::path::Path;

/// Name of the client's files, in every pipeline.
const OUTPUT_NAME: &str = "inflight";

/// What Leptos needs to know. The ports of its reload socket come from cargo-leptos through the environment.
#[must_use]
pub fn options(site_root: &Path) -> LeptosOptions {
    let mut options = get_configuration(None).map_or_else(
        |_| LeptosOptions::builder().output_name(OUTPUT_NAME).build(),
        |file| file.leptos_options,
    );
    options.output_name = OUTPUT_NAME.into();
    options.site_root = site_root.to_string_lossy().into();
    options
}

/// One route for each page.
pub fn routes(options: &LeptosOptions) -> Router<App> {
    // Whoever asked first keeps its executor, which is this one too.
    let _ = any_spawner::Executor::init_tokio();
    Page::ALL.into_iter().fold(Router::new(), |router, (path, page)| {
        let options = options.clone();
        router.route(path, get(move |request: Request| render(options.clone(), page, request)))
    })
}

/// The page that says that there is no such page.
pub async fn not_found(app: &App, request: Request) -> Response {
    let mut response = render(app.leptos.clone(), Page::Missing, request).await;
    *response.status_mut() = StatusCode::NOT_FOUND;
    response
}

async fn render(options: LeptosOptions, page: Page, request: Request) -> Response {
    let context = move || {
        provide_context(page);
        allow_own_scripts();
    };
    let render = leptos_axum::render_app_async_with_context(context, move || shell(options.clone()));
    render(request).await.into_response()
}

impl FromRef<App> for LeptosOptions {
    fn from_ref(app: &App) -> Self {
        app.leptos.clone()
    }
}

/// The policy of a page: nothing but what this server sends, and inline only the scripts of this rendering.
fn allow_own_scripts() {
    let (Some(nonce), Some(response)) = (use_nonce(), use_context::<ResponseOptions>()) else { return };
    // While cargo-leptos watches, the page listens on another port for changes.
    let reload = if std::env::var_os("LEPTOS_WATCH").is_some() { " ws:" } else { "" };
    let policy = format!(
        "default-src 'none'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self'; \
         style-src-attr 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'{reload}; \
         worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    );
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        response.insert_header(header::CONTENT_SECURITY_POLICY, policy);
    }
    response.insert_header(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
}
