//! Icons as one stroked path each, drawn on a field of 20 by 20.

use leptos::prelude::*;

/// An icon of the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Icon {
    /// An aircraft seen from above.
    Sky,
    /// A lens.
    Search,
    /// Rows.
    Table,
    /// A gear drawn as sliders.
    Settings,
    /// A keyboard.
    Keys,
    /// A cross.
    Close,
    /// Plus.
    Plus,
    /// Minus.
    Minus,
    /// A needle that points north.
    North,
    /// A plane seen at an angle.
    Tilt,
    /// Two circles around a point.
    Rings,
    /// Corners of a frame.
    Fit,
    /// A target.
    Follow,
    /// A pin on a map.
    Place,
    /// Two sheets.
    Copy,
    /// An arrow into a tray.
    Export,
    /// A triangle.
    Play,
    /// Two bars.
    Pause,
    /// Two arrows in a circle.
    Loop,
    /// A clock with a hand that goes back.
    History,
    /// A triangle against a bar.
    StepBack,
    /// A triangle before a bar.
    StepOn,
    /// A folder.
    Open,
    /// A triangle with its point up.
    Up,
    /// A funnel.
    Filter,
    /// Bars of different height.
    Bars,
    /// Two links of a chain.
    Link,
    /// One dot in a ring of others.
    Alone,
    /// An exclamation in a triangle.
    Warning,
    /// A beating line in a frame.
    System,
    /// A tick in a circle.
    Well,
    /// Three points that lead to each other.
    Agents,
}

/// The icon as an SVG that assistive technology does not see.
pub fn icon(icon: Icon) -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 20 20" aria-hidden="true" focusable="false">
            <path d=icon.path()></path>
        </svg>
    }
}

impl Icon {
    /// The stroke.
    pub fn path(self) -> &'static str {
        match self {
            Self::Sky => {
                "M10 2.2c.8 0 1.3 1 1.3 2.2v3.4l6.2 4v1.7l-6.2-2v3.3l1.9 1.4v1.3L10 16.6l-3.2.9v-1.3l1.9-1.4v-3.3l-6.2 2v-1.7l6.2-4V4.4c0-1.2.5-2.2 1.3-2.2Z"
            }
            Self::Search => "M9 3.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11ZM13 13l4 4",
            Self::Table => "M3 4.5h14M3 8.2h14M3 11.9h14M3 15.6h14M8 4.5v11",
            Self::Settings => "M3 6h6M13 6h4M11 4v4M3 14h2M9 14h8M7 12v4",
            Self::Keys => "M2.5 5.5h15v9h-15ZM5.5 8.3h.1M8.5 8.3h.1M11.5 8.3h.1M14.5 8.3h.1M6.5 11.7h7",
            Self::Close => "m5 5 10 10M15 5 5 15",
            Self::Plus => "M10 4v12M4 10h12",
            Self::Minus => "M4 10h12",
            Self::North => "m10 3 4 13-4-3.2L6 16Z",
            Self::Tilt => "M6.5 6.5h7l3.5 8H3Z",
            Self::Rings => {
                "M10 2.5a7.5 7.5 0 1 0 0 15 7.5 7.5 0 0 0 0-15ZM10 6.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7ZM10 10v.1"
            }
            Self::Fit => "M3.5 7.5v-4h4M12.5 3.5h4v4M16.5 12.5v4h-4M7.5 16.5h-4v-4",
            Self::Follow => {
                "M10 5.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9ZM10 2.5v3M10 14.5v3M2.5 10h3M14.5 10h3"
            }
            Self::Place => {
                "M10 17.2s5-4.7 5-9.2a5 5 0 1 0-10 0c0 4.5 5 9.2 5 9.2ZM10 6.4a1.7 1.7 0 1 0 0 3.4 1.7 1.7 0 0 0 0-3.4Z"
            }
            Self::Copy => "M7.5 7.5h9v9h-9ZM12.5 7.5v-4h-9v9h4",
            Self::Export => "M10 3v9.5M6.3 9 10 12.7 13.7 9M3.5 13v3.5h13V13",
            Self::Play => "M6.5 4v12l9.5-6Z",
            Self::Pause => "M7 4.5v11M13 4.5v11",
            Self::Loop => "M4 9.5A5.5 5.5 0 0 1 9.5 4H15l-2.2-2M16 10.5a5.5 5.5 0 0 1-5.5 5.5H5l2.2 2",
            Self::History => "M4.5 5.5v3.3h3.3M4.9 8.5a5.7 5.7 0 1 1-.4 3.6M10.2 7v3.4l2.3 1.4",
            Self::StepBack => "M14.5 4.5v11L7.5 10ZM5.5 4.5v11",
            Self::StepOn => "M5.5 4.5v11l7-5.5ZM14.5 4.5v11",
            Self::Open => "M2.8 15.5v-11h5l1.7 2.2h7.7v8.8Z",
            Self::Up => "m5 12.5 5-5 5 5",
            Self::Filter => "M3.5 4.5h13l-5 6v5l-3 1.5v-6.5Z",
            Self::Bars => "M4 16.5v-5M8 16.5v-9M12 16.5v-12M16 16.5v-7",
            Self::Link => {
                "m8.5 11.5 3-3M9.5 6.5l2-2a2.8 2.8 0 0 1 4 4l-2 2M10.5 13.5l-2 2a2.8 2.8 0 0 1-4-4l2-2"
            }
            Self::Alone => {
                "M10 7.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5ZM3 3h3M3 3v3M17 3h-3M17 3v3M3 17h3M3 17v-3M17 17h-3M17 17v-3"
            }
            Self::System => "M2.8 4.5h14.4v11H2.8ZM5.5 10.3h2.2l1.5-2.8 2 5 1.4-2.2h2",
            Self::Agents => "M10 3v5M10 8l-5 6M10 8l5 6M8.5 3h3v3h-3ZM3 13h4v4H3ZM13 13h4v4h-4Z",
            Self::Well => "M10 2.8a7.2 7.2 0 1 0 0 14.4 7.2 7.2 0 0 0 0-14.4ZM6.8 10.2l2.2 2.3 4.3-4.6",
            Self::Warning => "M10 3.5 17.5 16.5h-15ZM10 8.5v4M10 14.6v.1",
        }
    }
}
