//! The document around the page, as the server sends it.

use crate::app::{App, Page};
use crate::desks::agents::AgentsApp;
use crate::desks::system::SystemApp;
use crate::text::{Locale, Term, Text};
use leptos::nonce::use_nonce;
use leptos::prelude::*;
use leptos_meta::MetaTags;

/// Puts the chosen theme on the document before the first paint, so that nothing flashes.
const THEME_SCRIPT: &str = "try{var t=new URLSearchParams(location.search).get('theme')||\
/theme=(\\w+)/.exec(localStorage.getItem('inflight.settings')||'')?.[1];\
if(t=='dark'||t=='light')document.documentElement.dataset.theme=t}catch{}";

/// Fetches the program once something is to be seen: on a slow line it would take the bytes that the first picture
/// needs. A page in the background paints nothing, and does not wait for it.
const START_SCRIPT: &str = "let begun=false;const begin=async()=>{if(begun)return;begun=true;\
const program=fetch('/NAME.wasm'),page=await import('/NAME.js');\
await page.default({module_or_path:program});page.hydrate()};\
new PerformanceObserver(begin).observe({type:'paint',buffered:true});setTimeout(begin,1000)";

/// The document with the page in it.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    let page = use_context::<Page>().unwrap_or(Page::Missing);
    let styles = format!("/{}/{}.css", options.site_pkg_dir, options.output_name);
    let (program, title) = match page {
        Page::System => ("system", Text::SystemTitle.of(Locale::En)),
        Page::Agents(_) => ("agents", Term::AgentsTitle.of(Locale::En)),
        _ => (&*options.output_name, Text::SkyTitle.of(Locale::En)),
    };
    let start = START_SCRIPT.replace("NAME", &format!("{}/{program}", options.site_pkg_dir));
    let shown = match page {
        Page::System => view! { <SystemApp /> }.into_any(),
        Page::Agents(_) => view! { <AgentsApp /> }.into_any(),
        _ => view! { <App /> }.into_any(),
    };
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover" />
                <meta name="color-scheme" content="dark light" />
                <meta name="description" content="Live aircraft on a globe." />
                <script nonce=use_nonce() inner_html=THEME_SCRIPT></script>
                <link rel="preload" href="/fonts/inter-latin.woff2" r#as="font" r#type="font/woff2" crossorigin="anonymous" />
                <link rel="stylesheet" href=styles />
                <link rel="icon" href="/favicon.svg" r#type="image/svg+xml" />
                <link rel="apple-touch-icon" href="/icons/touch-180.png" />
                <link rel="manifest" href="/manifest.webmanifest" />
                <AutoReload options />
                <script r#type="module" nonce=use_nonce() inner_html=start></script>
                <title>{title}</title>
                <MetaTags />
            </head>
            <body>
                {shown}
            </body>
        </html>
    }
}
