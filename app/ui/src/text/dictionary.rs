//! The dictionary: every word of the screen in both languages, side by side.

crate::text::words::dictionary! {
    Text;

    // The shell.
    Sky: "Sky", "Cer";
    System: "System", "Sistem";
    SystemTitle: "System · Inflight", "Sistem · Inflight";
    Agents: "Agents", "Agenți";
    Waiting: "{} waiting for you", "Te așteaptă: {}";
    OpenAlerts: "{} open alerts", "Alerte deschise: {}";
    SkyTitle: "Sky · Inflight", "Cer · Inflight";
    Desks: "Desks", "Pupitre";
    SkipToContent: "Skip to content", "Sari la conținut";
    NotFound: "There is no such page", "Pagina nu există";
    NotFoundHint: "The address may be mistyped.", "Adresa poate fi scrisă greșit.";
    GoToSky: "Go to Sky", "Mergi la Cer";
    Close: "Close", "Închide";

    // Settings.
    Settings: "Settings", "Setări";
    Theme: "Theme", "Temă";
    ThemeSystem: "System", "Sistem";
    ThemeDark: "Dark", "Întunecată";
    ThemeLight: "Light", "Luminoasă";
    Language: "Language", "Limbă";
    English: "English", "English";
    Romanian: "Română", "Română";
    UnitsLabel: "Units", "Unități";
    UnitsAviation: "ft, kt", "ft, kt";
    UnitsMetric: "m, km/h", "m, km/h";
    UnitsImperial: "ft, mph", "ft, mph";
    Clock: "Times", "Ore";
    ClockUtc: "UTC", "UTC";
    ClockLocal: "Local", "Locale";
    LetterKeys: "Single-letter keys", "Taste cu o literă";
    LetterKeysHint: "Off leaves only keys with Ctrl or Cmd, arrows and Esc.", "Dezactivat: rămân doar tastele cu Ctrl sau Cmd, săgețile și Esc.";
    Account: "Sign in or out", "Intră sau ieși din cont";
    On: "On", "Da";
    Off: "Off", "Nu";

    // Keys.
    Keys: "Keys", "Taste";
    KeySearch: "Search aircraft", "Caută aeronave";
    KeyPalette: "Search, or find what can be done", "Caută sau găsește ce se poate face";
    KeyFollowRandom: "Follow some aircraft", "Urmărește o aeronavă oarecare";
    KeySeveral: "Select several", "Selectează mai multe";
    KeyIsolate: "Show only the selected aircraft", "Arată doar aeronavele selectate";
    KeyLabels: "Labels on or off", "Etichete da sau nu";
    KeyLabelDetail: "Labels say more or less", "Etichete mai multe sau mai puține";
    KeyAllTrails: "Trails of all aircraft", "Urmele tuturor aeronavelor";
    KeyKeepTrails: "Keep trails of aircraft that left", "Păstrează urmele aeronavelor plecate";
    KeyDim: "Dim the map", "Estompează harta";
    KeyBare: "Hide what lies over the picture", "Ascunde ce stă peste imagine";
    KeyTable: "Table", "Tabel";
    KeyFollow: "Follow the selected aircraft", "Urmărește aeronava selectată";
    KeySeat: "Cockpit, chase, from above, out", "Carlingă, urmărire, de sus, ieșire";
    KeySources: "Connection and sources", "Conexiune și surse";
    KeyHome: "Show all traffic", "Arată tot traficul";
    KeyNorth: "North up, seen from above", "Nordul sus, privit de deasupra";
    KeyPlayPause: "Play or pause the recording", "Pornește sau oprește înregistrarea";
    KeyPast: "Into the past, or back to live", "În trecut sau înapoi în direct";
    KeyStepBack: "One poll back", "Un sondaj înapoi";
    KeyStep: "One poll on", "Un sondaj înainte";
    KeyKeys: "This list", "Această listă";
    KeyEscape: "Close, or clear the selection", "Închide sau anulează selecția";
    KeySection: "Go to a section", "Mergi la o secțiune";
    KeyRefresh: "Ask the server again", "Întreabă din nou serverul";
    KeyChart: "Read a chart moment by moment", "Citește un grafic moment cu moment";
    KeyPan: "Move the globe", "Mută globul";
    KeyNext: "Next aircraft in view, once one is selected", "Următoarea aeronavă vizibilă, după ce una e selectată";
    KeyZoom: "Zoom", "Mărește, micșorează";
    KeyTurn: "Turn and tilt the globe", "Rotește și înclină globul";

    // Search.
    Search: "Search callsign or hex", "Caută indicativ sau hex";
    SearchNothing: "Nothing with this name is in the picture.", "Nimic cu acest nume nu este în imagine.";
    SearchHint: "Type a callsign such as UAL123, an address such as a13f1c, or what is to be done, such as export.", "Scrie un indicativ, de exemplu UAL123, o adresă, de exemplu a13f1c, sau ce vrei să faci, de exemplu exportă.";
    SearchResults: "Search results", "Rezultatele căutării";

    // Riding with an aircraft.
    Ride: "View from the aircraft", "Vedere din aeronavă";
    SeatCockpit: "Cockpit", "Carlingă";
    SeatChase: "Chase", "Urmărire";
    SeatTop: "Above", "De sus";
    RideLeave: "Leave", "Ieși";
    RideGhost: "No position for {}. The view is reckoned from the last one.", "Fără poziție de {}. Imaginea este calculată din ultima.";
    RideGone: "No longer reported. This is where it was last.", "Nu mai este raportată. Aici a fost ultima dată.";

    // The globe.
    RangeRings: "Range rings", "Cercuri de distanță";
    Globe: "Globe with live aircraft", "Glob cu aeronave";
    GlobeHint: "Arrow keys move, plus and minus zoom, Shift and arrows turn and tilt. Enter selects an aircraft, Tab then goes to the next one, Esc ends that. The table holds the same aircraft.", "Săgețile mută, plus și minus măresc și micșorează, Shift și săgețile rotesc și înclină. Enter selectează o aeronavă, Tab trece apoi la următoarea, Esc încheie. Tabelul conține aceleași aeronave.";
    ZoomIn: "Zoom in", "Mărește";
    ZoomOut: "Zoom out", "Micșorează";
    NorthUp: "North up", "Nordul sus";
    TiltView: "Tilt", "Înclină";
    ShowAll: "Show all traffic", "Arată tot traficul";
    GlobeControls: "Globe controls", "Comenzile globului";
    NoWebGl: "The globe needs WebGL 2, which this browser does not offer", "Globul are nevoie de WebGL 2, pe care acest browser nu îl oferă";
    FlatMap: "No WebGL 2 in this browser: a map stands in for the globe", "Acest browser nu are WebGL 2: o hartă ține locul globului";
    NoWebGlHint: "The table shows the same aircraft. Hardware acceleration in the browser's settings may bring the globe back.", "Tabelul arată aceleași aeronave. Accelerarea grafică din setările browserului poate readuce globul.";
    GlobeLost: "The graphics card was taken away", "Placa grafică nu mai răspunde";
    GlobeLostHint: "The globe comes back by itself as soon as the browser returns it. The table goes on.", "Globul revine singur când browserul o pune la loc. Tabelul merge mai departe.";
    Legend: "Altitude", "Altitudine";
    LegendGround: "Ground or unknown", "La sol sau necunoscut";

    // Empty and loading.
    Loading: "Waiting for the first aircraft", "Se așteaptă primele aeronave";
    Empty: "No aircraft here at the moment", "Nicio aeronavă aici în acest moment";
    EmptyHint: "Aircraft appear as soon as a source reports them.", "Aeronavele apar imediat ce o sursă le raportează.";
    NoneFits: "No aircraft fits the filters", "Nicio aeronavă nu se potrivește filtrelor";
    EmptyAction: "See the sources", "Vezi sursele";

    // Filters, selection, statistics.
    Filters: "Filters", "Filtre";
    AltitudeFrom: "Altitude from", "Altitudine de la";
    AltitudeTo: "to", "până la";
    Where: "Where", "Unde";
    Anywhere: "Anywhere", "Oriunde";
    Airborne: "In the air", "În zbor";
    TypeOrCategory: "Type or category", "Tip sau categorie";
    TypeCode: "Type", "Tip";
    Registration: "Registration", "Înmatriculare";
    DatabaseFlag: "Kept as", "Înregistrat ca";
    KeyMilitary: "Show only military aircraft", "Arată doar aeronavele militare";
    Country: "Country", "Țară";
    PatternHint: "Plain text, several with commas, or a regular expression such as ^(UAL|DAL).", "Text simplu, mai multe cu virgulă, sau o expresie regulată, de exemplu ^(UAL|DAL).";
    BadPattern: "Not a regular expression: {}. The last good filter stays.", "Nu este o expresie regulată: {}. Rămâne ultimul filtru bun.";
    ClearFilters: "Clear all filters", "Șterge filtrele";
    ShownOf: "{} of {}", "{} din {}";
    Remove: "Remove {}", "Elimină {}";
    Isolated: "Only the selection", "Doar selecția";
    Isolate: "Isolate", "Izolează";
    Several: "Selecting several", "Selecție multiplă";
    SaidSeveral: "Presses now add to the selection", "Apăsările adaugă acum la selecție";
    SaidOne: "Presses now select one aircraft", "Apăsările selectează acum o singură aeronavă";
    CopyLink: "Copy link", "Copiază linkul";
    Statistics: "Statistics", "Statistici";
    StatisticsHint: "Of the aircraft in the picture, after filters.", "Pentru aeronavele din imagine, după filtre.";
    InView: "In the picture", "În imagine";
    Climbing: "Climbing", "În urcare";
    Descending: "Descending", "În coborâre";
    Fastest: "Fastest", "Cea mai rapidă";
    Highest: "Highest", "Cea mai înaltă";
    MedianAge: "Median message age", "Vechimea mediană a mesajelor";

    // The aircraft.
    Callsign: "Callsign", "Indicativ";
    Hex: "Hex", "Hex";
    Altitude: "Altitude", "Altitudine";
    GroundSpeed: "Ground speed", "Viteză la sol";
    Speed: "Speed", "Viteză";
    VerticalRate: "Vertical rate", "Viteză verticală";
    VerticalRateShort: "Vertical", "Verticală";
    Track: "Track", "Drum";
    Squawk: "Squawk", "Squawk";
    Age: "Age", "Vechime";
    Position: "Position", "Poziție";
    GeoAltitude: "Geometric altitude", "Altitudine geometrică";
    PositionSource: "Position source", "Sursa poziției";
    LastContact: "Last contact", "Ultimul contact";
    PositionAge: "Position age", "Vechimea poziției";
    Ground: "Ground", "Sol";
    OnGround: "On the ground", "La sol";
    StateLive: "Live", "Actuală";
    StateGhost: "Estimated", "Estimată";
    StateGhostHint: "No position for {}; what is drawn is a guess.", "Nicio poziție de {}; ce se vede este o estimare.";
    StateGone: "Left the picture", "A ieșit din imagine";
    StateGoneHint: "No source reports it any more.", "Nicio sursă nu o mai raportează.";
    SquawkHijack: "unlawful interference", "intervenție ilicită";
    SquawkRadio: "radio failure", "defecțiune radio";
    EmergencyMedical: "medical emergency", "urgență medicală";
    EmergencyFuel: "minimum fuel", "combustibil minim";
    EmergencyDowned: "aircraft down", "aeronavă prăbușită";
    SquawkEmergency: "emergency", "urgență";
    Follow: "Follow", "Urmărește";
    Following: "Following", "Se urmărește";
    FlyTo: "Show", "Arată";
    CopyJson: "Copy JSON", "Copiază JSON";
    Copied: "Copied", "Copiat";
    CopyFailed: "The browser did not allow copying", "Browserul nu a permis copierea";
    CloseInspector: "Clear the selection", "Anulează selecția";
    Inspector: "Selected aircraft", "Aeronava selectată";
    SheetGrow: "Show more", "Arată mai mult";
    SheetShrink: "Show less", "Arată mai puțin";
    NotKnown: "not known", "necunoscut";
    SourceAdsb: "ADS-B", "ADS-B";
    SourceAsterix: "ASTERIX", "ASTERIX";
    SourceMlat: "MLAT", "MLAT";
    SourceFlarm: "FLARM", "FLARM";
    SourceTisb: "TIS-B", "TIS-B";
    SourceAdsc: "ADS-C", "ADS-C";
    SourceAdsr: "ADS-R", "ADS-R";
    SourceOther: "other", "alta";

    // The table.
    Table: "Table", "Tabel";
    TableCaption: "Aircraft in the picture", "Aeronave în imagine";
    ExportCsv: "Export as CSV", "Exportă ca CSV";
    ExportGeoJson: "Export as GeoJSON", "Exportă ca GeoJSON";
    ExportKml: "Export as KML", "Exportă ca KML";
    TableClose: "Close the table", "Închide tabelul";

    // The badge and the sources.
    Connecting: "Connecting", "Se conectează";
    Live: "Live", "În direct";
    Delayed: "Delayed", "Întârziat";
    Replay: "Replay", "Reluare";
    Paused: "Paused", "Pauză";
    Degraded: "Degraded", "Degradat";
    RateLimited: "Rate-limited", "Limitat";
    RateLimitedUntil: "until {}", "până la {}";
    Unauthorised: "Unauthorised", "Neautorizat";
    Idle: "Waits for somebody to watch", "Așteaptă să privească cineva";
    Stopped: "Stopped", "Oprită";
    Offline: "Offline", "Deconectat";
    RetryingIn: "retrying in {}", "reîncearcă în {}";
    Retrying: "retrying", "se reîncearcă";
    RetryNow: "Try now", "Încearcă acum";
    Disruptions: "Disruptions", "Perturbări";
    DisruptionsNone: "Nothing out of the ordinary. Holding patterns, go-arounds, diversions, emergencies and the like will stand here.", "Nimic neobișnuit. Aici vor apărea zboruri în așteptare, ratări, devieri, urgențe și altele asemenea.";
    Emergency: "Emergency", "Urgență";
    Diversion: "Diversion", "Deviere";
    ReturnToOrigin: "Return to origin", "Întoarcere la plecare";
    SignalLost: "Signal lost", "Semnal pierdut";
    ImplausibleJump: "Implausible jump", "Salt neplauzibil";
    GoAround: "Go-around", "Ratare";
    Holding: "Holding", "Așteptare";
    LevelOff: "Long level-off", "Palier lung";
    EvidenceEmergency: "Transponder code {}", "Cod transponder {}";
    EvidenceState: "The aircraft reports: {}", "Aeronava raportează: {}";
    EvidenceDiversion: "Was coming down to {@}, as inferred from its descent; came within {}, left to {}", "Cobora spre {@}, dedus din coborâre; a ajuns la {}, s-a depărtat la {}";
    EvidenceReturn: "Took off from {@}, went {} away, now {} from it and coming down", "A decolat de la {@}, s-a depărtat {}, acum la {} și coboară";
    EvidenceLost: "Silent for {} in flight; aircraft heard nearby: {}", "Tace de {} în zbor; aeronave auzite în jur: {}";
    EvidenceJump: "{} within {}, while it reports {}", "{} în {}, deși raportează {}";
    EvidenceGoAround: "Down to {} above {@}, then up by {}", "A coborât la {} deasupra {@}, apoi a urcat {}";
    EvidenceHolding: "{} turns between {} and {}", "{} ture între {} și {}";
    EvidenceLevelOff: "Level at {} for {} in its descent; at most {} is usual", "În palier la {} de {} în coborâre; de obicei cel mult {}";
    ConnectionTitle: "Connection", "Conexiune";
    Sources: "Connection and sources", "Conexiune și surse";
    NoSources: "No source has reported yet", "Nicio sursă nu a raportat încă";
    NewestData: "Newest data", "Cele mai noi date";
    PollEvery: "Poll every", "Interogare la fiecare";
    Polls: "Polls", "Interogări";
    Credits: "Credits left today", "Credite rămase azi";
    NextAttempt: "Next attempt", "Următoarea încercare";
    Code: "Code", "Cod";
    Recording: "Recording", "Înregistrare";
    WhyLive: "Everything arrives as it should.", "Totul sosește așa cum trebuie.";
    WhyConnecting: "The page is asking the server for the first picture.", "Pagina cere serverului prima imagine.";
    WhyDelayed: "The source answers, but has nothing newer. What is drawn is led on and turns hollow with age.", "Sursa răspunde, dar nu are nimic mai nou. Ce se vede este extrapolat și devine gol pe măsură ce îmbătrânește.";
    WhyReplay: "A recording plays. Times are those of the recording.", "Rulează o înregistrare. Orele sunt cele din înregistrare.";
    WhyDegraded: "The source fails or is late. The server goes on asking by itself.", "Sursa dă erori sau întârzie. Serverul continuă să întrebe singur.";
    WhyRateLimited: "The source told the server to wait. It asks again by itself; a wider poll interval or own credentials help.", "Sursa a cerut serverului să aștepte. Acesta întreabă din nou singur; ajută un interval mai mare sau credențiale proprii.";
    WhyUnauthorised: "The source does not accept the credentials. Check OPENSKY_CLIENT_ID and OPENSKY_CLIENT_SECRET on the server.", "Sursa nu acceptă credențialele. Verifică OPENSKY_CLIENT_ID și OPENSKY_CLIENT_SECRET pe server.";
    WhyOffline: "The server cannot be reached. The page tries again for ever and goes on where it was; what is shown ages.", "Serverul nu poate fi contactat. Pagina încearcă la nesfârșit și continuă de unde a rămas; ce se vede îmbătrânește.";
    NewVersion: "The server speaks a newer version; reload the page.", "Serverul folosește o versiune mai nouă; reîncarcă pagina.";
    Reload: "Reload", "Reîncarcă";
    Drops: "Turned away", "Respinse";
    DropsNone: "Nothing was turned away", "Nimic nu a fost respins";
    DeadLetters: "Newest of them", "Cele mai noi dintre ele";
    LinePlace: "line {}", "linia {}";
    DropNotJson: "Not JSON", "Nu este JSON";
    DropWrongShape: "Unknown shape", "Formă necunoscută";
    DropBadIcao24: "Address is not six hex digits", "Adresa nu are șase cifre hex";
    DropMissingField: "Field missing", "Câmp lipsă";
    DropMissingPosition: "No position", "Fără poziție";
    DropWrongType: "Wrong type", "Tip greșit";
    DropOutOfRange: "Out of range", "În afara limitelor";
    DropNotFinite: "Not a finite number", "Număr infinit";
    DropTimeRegression: "Older than known", "Mai vechi decât ce se știe";
    DropDuplicate: "Twice in one poll", "De două ori într-o interogare";
    DropImplausibleJump: "Faster than Mach 2.5", "Mai rapid de Mach 2,5";
    DropNonIcao: "No ICAO address", "Fără adresă ICAO";
    DropSuperseded: "Another source knows better", "Altă sursă știe mai bine";

    // Replay.
    Play: "Play", "Pornește";
    Pause: "Pause", "Oprește";
    ReplaySpeed: "Replay speed", "Viteza reluării";
    Seek: "Place in the recording", "Locul în înregistrare";
    LoopLabel: "Start again at the end", "Reia de la capăt";
    History: "History", "Istoric";
    LiveGoesOn: "live goes on", "directul continuă";
    LiveIsLost: "live is lost", "directul este întrerupt";
    WhyHistory: "The past plays, out of what the server keeps. The live data goes on behind it.", "Rulează trecutul, din ce păstrează serverul. Datele în direct continuă în fundal.";
    Timeline: "Timeline", "Axa timpului";
    GoToPast: "Go into the past", "Mergi în trecut";
    BackToLive: "Back to live", "Înapoi în direct";
    CloseRecording: "Close the recording", "Închide înregistrarea";
    OpenRecording: "Open a recording", "Deschide o înregistrare";
    OpenFailed: "Could not be opened: {}", "Nu s-a putut deschide: {}";
    WorkerStopped: "what plays it stopped, perhaps for lack of memory", "componenta care o redă s-a oprit, poate din lipsă de memorie";
    PastGone: "That moment is no longer kept; this is the oldest that is", "Momentul acela nu se mai păstrează; acesta este cel mai vechi păstrat";
    Reading: "Reading {} %", "Se citește {} %";
    StepBack: "One poll back", "Un sondaj înapoi";
    StepOn: "One poll on", "Un sondaj înainte";
    DropHere: "Drop the recording to play it: .jsonl or .jsonl.gz", "Lasă înregistrarea aici ca să ruleze: .jsonl sau .jsonl.gz";
    SaidAway: "Shows the recording", "Se arată înregistrarea";
    SaidBack: "Back to live", "Înapoi în direct";
    ReplayRefused: "The server refused: {}", "Serverul a refuzat: {}";

    // Announcements.
    SaidSelected: "{} selected", "{} selectată";
    SaidCleared: "Selection cleared", "Selecție anulată";
    SaidState: "Connection: {}", "Conexiune: {}";
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Locale;

    #[test]
    fn every_word_is_there_and_in_house_style() {
        crate::text::words::check(NAMES, WORDS);
    }

    #[test]
    fn a_text_finds_its_words() {
        assert_eq!(Text::Sky.of(Locale::En), "Sky");
        assert_eq!(Text::Offline.of(Locale::Ro), "Deconectat");
        assert_eq!(Text::SaidState.of(Locale::En), "Connection: {}");
    }
}
