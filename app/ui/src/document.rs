//! The document around the page, as the server sends it.

use crate::app::App;
use leptos::nonce::use_nonce;
use leptos::prelude::*;
use leptos_meta::MetaTags;

/// Puts the chosen theme on the document before the first paint, so that nothing flashes.
const THEME_SCRIPT: &str = "try{var t=new URLSearchParams(location.search).get('theme')||\
/theme=(\\w+)/.exec(localStorage.getItem('inflight.settings')||'')?.[1];\
if(t=='dark'||t=='light')document.documentElement.dataset.theme=t}catch{}";

/// The document with the page in it.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    let styles = format!("/{}/{}.css", options.site_pkg_dir, options.output_name);
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
                <AutoReload options=options.clone() />
                <HydrationScripts options />
                <title>"Sky · Inflight"</title>
                <MetaTags />
            </head>
            <body>
                <App />
            </body>
        </html>
    }
}
