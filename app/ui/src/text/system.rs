//! The words of the System desk; only its own program carries them.

crate::text::words::dictionary! {
    Word;

    // Sections.
    Sections: "Sections", "Secțiuni";
    Summary: "Summary", "Sumar";
    Sources: "Sources", "Surse";
    TurnedAway: "Turned away", "Respinse";
    Connections: "Connections", "Conexiuni";
    Topics: "Topics", "Canale de date";
    Limits: "Limits and features", "Limite și funcții";
    Process: "Process", "Proces";
    Audit: "Audit trail", "Jurnal de audit";
    Dependencies: "Dependencies", "Dependențe";

    // States of a section.
    Loading: "Waiting for the server", "Se așteaptă serverul";
    Forbidden: "Only for people who may observe connections. Ask an admin for the right to observe.", "Doar pentru cine are drept de observare. Cere acest drept unui administrator.";
    Failing: "The server could not answer ({}). What was known stays; it is asked again by itself.", "Serverul nu a putut răspunde ({}). Ce se știa rămâne; este întrebat din nou automat.";
    Stale: "Offline: this is what was known last.", "Deconectat: aici este ultima situație cunoscută.";
    CopyJson: "Copy as JSON", "Copiază ca JSON";
    Refresh: "Refresh", "Reîmprospătează";

    // Summary.
    AllWell: "All is well", "Totul este în regulă";
    AllWellHint: "No alert is open. When a source, a limit or this machine needs a person, it stands here first.", "Nicio alertă deschisă. Când o sursă, o limită sau mașina are nevoie de un om, apare aici prima.";
    NeedsYou: "{} needs you", "{} cere atenția ta";
    NeedYou: "{} need you", "{} cer atenția ta";
    Alerts: "Alerts", "Alerte";
    EndedAlerts: "Ended lately", "Încheiate recent";
    Since: "since {}", "de la {}";
    Ended: "ended {}", "încheiată la {}";
    LevelInfo: "Info", "Informare";
    LevelAttention: "Attention", "Atenție";
    LevelAlarm: "Alarm", "Alarmă";
    Threshold: "threshold {}", "prag {}";
    Notices: "Latest notices", "Ultimele anunțuri";
    NewAlert: "New alert: {}", "Alertă nouă: {}";
    SourceFails: "Source {} needs a look: {}", "Sursa {} trebuie verificată: {}";

    // What alerts say, by their code; others speak in the server's words.
    AlertTick: "Ticks take {}", "Ciclurile durează {}";
    AlertCpu: "The processor is busy for {}", "Procesorul este ocupat {}";
    AlertMemory: "{} of the memory are in use", "Memorie folosită: {}";
    AlertDisk: "{} are free on the disk", "Spațiu liber pe disc: {}";
    AlertBroken: "Connections broken in a minute: {}", "Conexiuni rupte într-un minut: {}";
    AlertLimited: "Messages over a limit in a minute: {}", "Mesaje peste limită într-un minut: {}";
    AlertDigest: "Clients whose tables were not the server's: {}", "Clienți cu tabele diferite de ale serverului: {}";
    AlertHistory: "Polls that did not get into the history: {}", "Interogări care nu au ajuns în istoric: {}";
    AlertDefect: "Defects that were survived: {}; the log has them", "Defecte depășite: {}; sunt în jurnal";
    AlertSource: "The source {} does not deliver", "Sursa {} nu livrează date";
    AlertDependency: "{} does not work as it should", "{} nu funcționează cum trebuie";

    // Figures.
    Aircraft: "Aircraft", "Aeronave";
    Open: "Open now", "Deschise acum";
    Most: "Most at once", "Maxim simultan";
    Users: "Users", "Utilizatori";
    Refused: "Refused", "Refuzate";
    Messages: "Messages", "Mesaje";
    Sent: "Sent", "Trimis";
    Cpu: "CPU", "Procesor";
    Memory: "Memory", "Memorie";
    TickP95: "Tick, 95 %", "Ciclu, 95 %";
    Tasks: "Tasks", "Sarcini";
    OpenFiles: "Open files", "Fișiere deschise";
    Version: "Version", "Versiune";
    Uptime: "Up for", "Funcționează de";

    // Sources.
    SourcesNone: "No source has reported yet. Sources stand here as soon as the server asks them.", "Nicio sursă nu a raportat încă. Sursele apar aici imediat ce serverul le întreabă.";
    KeptPast: "Kept past", "Trecut păstrat";
    KeptFrom: "From", "De la";
    KeptTo: "To", "Până la";
    KeptBytes: "Size", "Mărime";

    // Turned away.
    LettersNone: "Nothing was turned away. Entries that a source sends in a bad form stand here with the reason.", "Nimic nu a fost respins. Aici apar, cu motivul, înregistrările greșite trimise de o sursă.";
    Reason: "Reason", "Motiv";
    Count: "Count", "Număr";
    Newest: "Newest", "Cele mai noi";

    // Connections.
    Endpoint: "Endpoint", "Punct de acces";
    Form: "Form", "Formă";
    User: "User", "Utilizator";
    Role: "Role", "Rol";
    Lag: "Cuts behind", "Pași în urmă";
    Connected: "Connected", "Conectat";
    TopicsOf: "Topics", "Canale";
    Single: "Single connections", "Conexiuni individuale";
    SingleNone: "Nobody is connected. Each client stands here as long as it is connected.", "Nimeni nu este conectat. Fiecare client apare aici cât timp este conectat.";
    ByNone: "No client is connected", "Niciun client conectat";
    Find: "Filter by user, endpoint or topic", "Filtrează după utilizator, punct de acces sau canal";
    NoneFits: "Nothing fits the filter.", "Nimic nu se potrivește filtrului.";
    ShowMore: "Show {} more", "Arată încă {}";
    ShownOf: "{} of {}", "{} din {}";
    SortBy: "Sort by {}", "Sortează după {}";

    // Topics.
    Topic: "Topic", "Canal";
    Kind: "Kind", "Tip";
    State: "State", "Stare";
    Event: "Events", "Evenimente";
    Rows: "Rows", "Rânduri";
    Subscribers: "Subscribers", "Abonați";
    Mismatches: "Digest mismatches", "Sume diferite";
    TopicsNone: "No topic has reported yet.", "Niciun canal nu a raportat încă.";

    // Limits.
    MessagesPerMinute: "Messages a minute", "Mesaje pe minut";
    Burst: "Burst", "Rafală";
    ConnectionsMost: "Connections", "Conexiuni";
    ConnectionsPerUser: "Connections of one user", "Conexiuni ale unui utilizator";
    MessageBytes: "Largest message", "Cel mai mare mesaj";
    SignInWithin: "Sign-in within", "Autentificare în";
    StallAfter: "Closed when stalled for", "Închisă după blocaj de";
    RateLimited: "Rate-limited so far", "Limitate până acum";
    Features: "Features", "Funcții";
    FeatureOn: "on", "pornită";
    FeatureOff: "off", "oprită";
    FeaturesNone: "No feature can be switched.", "Nicio funcție nu poate fi comutată.";
    LimitsHint: "Limits and features are read again on SIGHUP, without a restart; open connections follow.", "Limitele și funcțiile se recitesc la SIGHUP, fără repornire; conexiunile deschise le urmează.";

    ReloadSettings: "Read settings again", "Recitește setările";
    Reloaded: "The settings were read again", "Setările au fost recitite";

    // Process.
    LastHour: "The last hour at most", "Cel mult ultima oră";
    ChartHint: "Point at a chart, or press the arrows on it, to read all of them at that moment.", "Indică un grafic sau apasă săgețile pe el ca să le citești pe toate la acel moment.";
    AsTable: "As table", "Ca tabel";
    AsChart: "As chart", "Ca grafic";
    Time: "Time", "Ora";
    Mean: "Mean", "Medie";
    Highest: "Highest", "Maxim";
    NoSamples: "No samples yet. The first comes within five seconds.", "Încă nu există măsurători. Prima vine în cinci secunde.";
    Gap: "no sample", "fără măsurătoare";
    Now: "now", "acum";

    // Audit.
    AuditNone: "Nothing is written yet. Connections, sign-ins, commands and decisions stand here.", "Încă nu este scris nimic. Aici apar conexiunile, autentificările, comenzile și deciziile.";
    At: "When", "Când";
    Actor: "Who", "Cine";
    ActionTaken: "What", "Ce";
    Target: "On", "Asupra";
    Result: "Result", "Rezultat";
    Chain: "Chain", "Lanț";
    Correlation: "Correlation", "Corelare";
    Verified: "The chain is unbroken", "Lanțul este intact";
    Broken: "The chain is broken: entries were changed or are missing", "Lanțul este rupt: s-au modificat sau lipsesc înregistrări";
    AllActions: "All actions", "Toate acțiunile";
    Older: "Older entries", "Înregistrări mai vechi";
    AuditEnd: "This is the first entry.", "Aceasta este prima înregistrare.";
    ExportCsv: "Export as CSV", "Exportă ca CSV";
    ExportJson: "Export as JSON", "Exportă ca JSON";

    // Dependencies.
    Name: "Name", "Nume";
    For: "For", "De";
    DependenciesNone: "Nothing else is needed, or nothing has reported yet.", "Nu este nevoie de nimic altceva sau încă nu s-a raportat nimic.";
    Up: "Up", "Funcționează";
    Degraded: "Degraded", "Degradată";
    Down: "Down", "Căzută";
    Code: "Code", "Cod";

    // Who is here.
    SignedInAs: "Signed in as {}", "Conectat ca {}";
    Anonymous: "Not signed in", "Neconectat";
    SignIn: "Sign in", "Conectare";
    SignOut: "Sign out", "Deconectare";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_there_and_in_house_style() {
        crate::text::words::check(NAMES, WORDS);
    }
}
